"""Choosing the language of the pages, and coming back to the page one was on."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.builders import a_patient
from tests.visitors import HTTPS_URL, a_browser, an_app, nobodys_trail, on_https, signed_in

from portal.paths import own_path

pytestmark = pytest.mark.usefixtures("portal")


def test_a_choice_holds_on_every_page_from_then_on() -> None:
    browser = a_browser()

    answer = browser.post("/settings/language", language="es", return_to="/sign-in")

    assert (answer.status, answer.location) == (303, "/sign-in")
    assert 'lang="es"' in browser.get("/sign-in").text


def test_a_choice_holds_on_https_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with on_https(monkeypatch):
        browser = a_browser(origin=HTTPS_URL)
        browser.post("/settings/language", language="es")
        page = browser.get("/sign-in")

    assert set(browser.cookies) == {"__Host-lang"}
    assert 'lang="es"' in page.text


def test_a_choice_goes_before_what_the_browser_asks_for() -> None:
    browser = a_browser(language="es")
    browser.post("/settings/language", language="en")

    assert 'lang="en"' in browser.get("/sign-in").text


@pytest.mark.parametrize("asked", ["es", "es-MX,es;q=0.9,en;q=0.8", "fr, es;q=0.5", "ES"])
def test_without_a_choice_the_browser_is_asked(asked: str) -> None:
    assert 'lang="es"' in a_browser(language=asked).get("/sign-in").text


@pytest.mark.parametrize("asked", ["", "tlh", "es;q=0", "*", ";;;", "q=1", "a" * 5000, "es;q=nan"])
def test_what_nobody_speaks_is_english(asked: str) -> None:
    assert 'lang="en"' in a_browser(language=asked).get("/sign-in").text


@pytest.mark.parametrize("chosen", ["tlh", "", "es\r\nX: y", "../es", "<b>"])
def test_an_odd_choice_is_english_and_writes_no_header(chosen: str) -> None:
    browser = a_browser()

    answer = browser.post("/settings/language", language=chosen)

    assert answer.status == 303
    assert browser.cookies["lang"] == "en"
    assert "x" not in answer.headers


def test_a_planted_language_cookie_is_only_a_wish() -> None:
    planted = '"><script>alert(1)</script>'

    page = a_browser(cookies={"lang": planted}).get("/sign-in")

    assert 'lang="en"' in page.text
    assert "alert(1)" not in page.text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example.net/", "//evil.example.net", "///evil.example.net",
        "/\\evil.example.net", "\\\\evil.example.net", "/\t/evil.example.net", "/\n/evil",
        "\t//evil.example.net", " //evil.example.net", "javascript:alert(1)", "evil.example.net",
        "/results\r\nSet-Cookie: session=evil", "", "/\u2028evil", "/\u00e9", "data:text/html,x",
    ],
)  # fmt: skip
def test_coming_back_never_leaves_the_portal(elsewhere: str) -> None:
    browser = a_browser()

    answer = browser.post("/settings/language", language="es", return_to=elsewhere)

    assert (answer.status, answer.location) == (303, "/")
    assert set(browser.cookies) == {"lang"}


@given(st.text())
@example("//evil.example.net")
@example("/\\evil.example.net")
@example("/ok?before=x#y")
def test_own_path_is_a_path_of_ours_or_the_front_page(path: str) -> None:
    found = own_path(path)

    assert found in {path, "/"}
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))
    assert found.isascii()
    assert found.isprintable()


@given(
    st.from_regex(r"/([a-z0-9]{1,20}(/[a-z0-9-]{1,20})?(\?before=[A-Z0-9:.%-]*)?)?", fullmatch=True)
)
def test_own_path_keeps_every_page_of_ours(path: str) -> None:
    assert own_path(path) == path


def test_the_switch_leads_back_to_the_page_it_stands_on() -> None:
    page = signed_in(a_patient()).get("/results").text

    assert 'name="return_to" value="/results"' in page


def test_the_switch_of_a_refused_form_leads_home() -> None:
    """Its own address answers forms only."""
    page = a_browser(origin="https://evil.example.net").post("/sign-out").text

    assert 'name="return_to" value="/"' in page


def test_choosing_is_recorded() -> None:
    browser = a_browser()

    browser.post("/settings/language", language="es")

    (row,) = nobodys_trail(browser)
    assert (row.event, row.about, row.outcome) == ("settings.language-chosen", "es", "done")


def test_the_app_chooses_by_json() -> None:
    app = an_app()
    kind = {"content-type": "application/json; charset=utf-8"}

    answer = app.send("POST", "/settings/language", b'{"language": "es"}', kind)

    assert answer.json == {"language": "es"}
    assert app.cookies["lang"] == "es"
