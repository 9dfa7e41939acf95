"""Files that pages bring along: found by hash alone, kept for good, and the same for everybody."""

from hashlib import sha256

import pytest
from tests.builders import a_patient
from tests.html_tree import Tree
from tests.visitors import a_browser, signed_in

from portal import assets
from portal.assets import asset

NAMES = sorted(assets.every())
YEAR_SECONDS = 31_536_000


@pytest.mark.parametrize("name", NAMES)
def test_an_asset_is_served_to_anybody_and_kept_for_good(name: str) -> None:
    answer = a_browser().get(f"/assets/{name}")

    assert answer.status == 200
    assert answer.body == assets.every()[name].body
    assert answer.headers["content-type"] == assets.every()[name].content_type
    assert answer.headers["cache-control"] == f"public, max-age={YEAR_SECONDS}, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", NAMES)
def test_it_says_nothing_of_who_asks(name: str) -> None:
    """Neither a cookie nor a language makes another answer: `Vary` would empty the cache."""
    answer = a_browser(language="es").get(f"/assets/{name}")

    assert answer.headers["vary"] == "Accept-Encoding"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("name", NAMES)
def test_its_name_is_its_content(name: str) -> None:
    stem, digest, kind = name.split(".")

    assert digest == sha256(assets.every()[name].body).hexdigest()[:12]
    assert asset(f"{stem}.{kind}").name == name


@pytest.mark.parametrize(
    "name",
    [
        f"session.{'0' * 12}.js",
        "session.js",
        asset("session.js").name.upper(),
        f"{asset('session.js').name}.map",
        "portal.css",
        "openapi.json",
        "..%2Fportal.css",
        "%2e%2e%2fpages%2fhome%2fhome.html",
    ],
)
def test_nothing_else_is_there_and_its_absence_is_not_kept(name: str) -> None:
    answer = a_browser().get(f"/assets/{name}")

    assert answer.status == 404
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.usefixtures("portal")
def test_what_a_page_asks_for_is_there() -> None:
    browser = signed_in(a_patient())

    for script in Tree(browser.get("/settings/security").text).root.all("script"):
        assert browser.get(script["src"]).status == 200


def test_comments_do_not_travel() -> None:
    assert assets.without_comments("// a\n  let b; // c\n\n  d();") == "let b; // c\nd();"
