"""What only an edge before the API may say of a visitor (ASVS V4.1.3), and who must come by it."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.client import actions
from tests.visitors import a_browser, nobodys_trail

from portal import requests
from portal.access import Visitor
from portal.secrets_kept import hashed
from portal.settings import settings

WORD, NEXT_WORD = "w" * 43, "n" * 43
TOLD = {
    "CloudFront-Viewer-Country": "US",
    "CloudFront-Viewer-Latitude": "40.7",
    "CloudFront-Viewer-Longitude": "-74.0",
}


@pytest.fixture
def digests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """EDGE_DIGESTS as the template gives it."""
    monkeypatch.setenv("EDGE_DIGESTS", request.param)
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def visitor(**headers: str) -> Visitor:
    sent = TOLD | {name.replace("_", "-"): value for name, value in headers.items()}
    context = {"httpMethod": "GET", "identity": {"sourceIp": "192.0.2.9"}}
    event: dict[str, Any] = {"path": "/sign-in", "headers": sent, "requestContext": context}
    return requests.request_of(event).visitor


@pytest.mark.parametrize("digests", [""], indirect=True)
@pytest.mark.parametrize("word", [{}, {"X_Edge_Token": ""}, {"X_Edge_Token": WORD}])
@pytest.mark.usefixtures("digests")
def test_without_an_edge_a_visitor_cannot_say_which_country_they_are_in(
    word: dict[str, str],
) -> None:
    found = visitor(**word)

    assert (found.country, found.place) == ("", "")


@pytest.mark.parametrize("digests", [hashed(WORD)], indirect=True)
@pytest.mark.parametrize(
    "word", [{}, {"X_Edge_Token": ""}, {"X_Edge_Token": NEXT_WORD}, {"X_Edge_Token": hashed(WORD)}]
)
@pytest.mark.usefixtures("digests")
def test_who_does_not_know_the_edges_word_cannot_either(word: dict[str, str]) -> None:
    found = visitor(**word)

    assert (found.country, found.place) == ("", "")


@pytest.mark.parametrize("digests", [hashed(WORD)], indirect=True)
@pytest.mark.usefixtures("digests")
def test_the_edge_is_believed() -> None:
    found = visitor(X_Edge_Token=WORD)

    assert (found.country, found.place) == ("US", "40.7,-74.0")


@pytest.mark.parametrize("digests", [f"{hashed(WORD)},{hashed(NEXT_WORD)}"], indirect=True)
@pytest.mark.parametrize("word", [WORD, NEXT_WORD])
@pytest.mark.usefixtures("digests")
def test_while_the_word_changes_both_count(word: str) -> None:
    assert visitor(X_Edge_Token=word).country == "US"


@pytest.mark.parametrize("digests", [hashed(WORD)], indirect=True)
@pytest.mark.parametrize(
    ("told", "as_if"),
    [
        ("203.0.113.5:46532", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6:443", "2001:db8:1:2:3:4:5:6"),
        ("[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2:3:4:5:6"),
    ],
)
@pytest.mark.usefixtures("digests")
def test_behind_the_edge_a_visitor_is_told_by_their_own_address(told: str, as_if: str) -> None:
    """API Gateway sees the edge's address, and all would share one throttle."""
    behind = visitor(X_Edge_Token=WORD, CloudFront_Viewer_Address=told)

    assert behind.source == hashed(requests._network(as_if))[:32]
    assert visitor(CloudFront_Viewer_Address=told).source == visitor().source


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An edge, and no way around it."""
    with monkeypatch.context() as patch:
        patch.setenv("EDGE_DIGESTS", f"{hashed(WORD)},{hashed(NEXT_WORD)}")
        patch.setenv("EDGE_REQUIRED", "true")
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.mark.parametrize("word", [{}, {"x-edge-token": ""}, {"x-edge-token": hashed(WORD)}])
@pytest.mark.usefixtures("required")
def test_nobody_comes_past_an_edge_that_is_required(word: dict[str, str]) -> None:
    """No route is open, neither with a session nor for machines, before anything else happens."""
    for _, action in actions():
        browser = a_browser(origin="https://evil.example")
        kind = {"content-type": action.content_types[0]}
        url = action.path.replace("{", "").replace("}", "").replace("+", "")
        answer = browser.send(action.method, url, b"", kind | word)

        assert answer.status == 403, action.path
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("word", [WORD, NEXT_WORD])
@pytest.mark.usefixtures("required", "portal")
def test_who_comes_through_it_is_let_in(word: str) -> None:
    assert a_browser().get("/signed-out", **{"x-edge-token": word}).status == 200


@pytest.mark.usefixtures("required", "portal")
def test_who_comes_past_it_leaves_a_line_and_no_row(caplog: pytest.LogCaptureFixture) -> None:
    browser = a_browser()

    browser.post("/sign-in", address="rosa@example.org")

    assert nobodys_trail(browser) == []
    assert [vars(each).get("route") for each in caplog.records] == ["around the edge"]


@pytest.mark.usefixtures("required")
def test_an_edge_that_is_required_and_has_no_word_lets_nobody_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EDGE_DIGESTS", "")
    settings.cache_clear()

    assert a_browser().get("/signed-out", **{"x-edge-token": ""}).status == 403
