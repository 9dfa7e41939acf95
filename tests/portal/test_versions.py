"""The JSON face by media type: what is answered, what ends, and what is refused before it acts."""

from datetime import date

import pytest
from tests.builders import a_patient
from tests.client import Client, Response
from tests.visitors import a_browser, signed_in

from portal import versions
from portal.versions import Version

pytestmark = pytest.mark.usefixtures("portal")

V1, V9 = "application/vnd.patient-portal.v1+json", "application/vnd.patient-portal.v9+json"
PAGE = "text/html; charset=utf-8"


def asked(accept: str, path: str = "/sign-in") -> Response:
    return Client(accept=accept).get(path)


@pytest.fixture
def with_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if there were a second version since New Year, and the first ends two years later."""
    first = Version(1, deprecated_on=date(2026, 1, 1), ends_on=date(2028, 1, 1))
    monkeypatch.setattr(versions, "VERSIONS", (first, Version(2)))


@pytest.fixture
def after_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Version(1, deprecated_on=date(2024, 1, 1), ends_on=date(2025, 1, 1))
    monkeypatch.setattr(versions, "VERSIONS", (first, Version(2)))


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (V1, V1),
        (V1.upper(), V1),
        (f"{V9}, {V1};q=0.5", V1),
        (f"{V1}, application/problem+json", V1),
        ("application/json", "application/json"),
        (f"{V9}, application/json;q=0.1", "application/json"),
        ("text/html", PAGE),
        ("*/*", PAGE),
        (f"text/html, {V9}", PAGE),
    ],
)
def test_what_was_asked_for_is_what_is_answered(accept: str, answered: str) -> None:
    answer = asked(accept)

    assert (answer.status, answer.headers["content-type"]) == (200, answered)
    assert not {"deprecation", "sunset"} & answer.headers.keys()


def test_a_version_that_is_not_there_is_refused_before_anything_is_done() -> None:
    browser = signed_in(a_patient())
    browser.accept = V9

    refused = browser.post("/sign-out")

    assert refused.status == 406
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json["type"] == "urn:problem:not-acceptable"
    browser.accept = V1
    assert browser.get("/settings").status == 200


@pytest.mark.usefixtures("with_a_second")
def test_a_version_that_ends_says_so_in_each_answer() -> None:
    for path, status in (("/sign-in", 200), ("/nowhere", 404)):
        answer = asked(V1, path)
        assert answer.status == status
        assert answer.headers["deprecation"] == "@1767225600"  # RFC 9745: a structured date
        assert answer.headers["sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"  # RFC 8594
    assert "sunset" not in asked("application/vnd.patient-portal.v2+json").headers
    assert "sunset" not in asked("application/json").headers


@pytest.mark.usefixtures("after_the_first")
def test_a_version_that_ended_is_refused() -> None:
    assert asked(V1).status == 406
    assert asked(f"{V1}, application/vnd.patient-portal.v2+json").status == 200


def test_every_problem_has_a_type_of_its_own() -> None:
    app = a_browser()
    app.accept = V1
    assert app.get("/results").json["type"] == "urn:problem:sign-in-needed"
    assert app.post("/sign-in", address="").json["type"] == "urn:problem:bad-input"


def test_a_version_is_answered_for_a_year_after_its_successor() -> None:
    """Of the table as it is: whoever ends one sees this."""
    older: tuple[Version, ...] = versions.VERSIONS[:-1]
    newest = versions.VERSIONS[-1]
    assert (newest.deprecated_on, newest.ends_on) == (None, None)
    for each in older:
        assert each.deprecated_on
        assert each.ends_on
        assert (each.ends_on - each.deprecated_on).days >= 365
