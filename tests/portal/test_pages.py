import re

import pytest
from functions.home.views import HomeView, NewResult
from functions.sign_in.views import AskView
from jinja2 import UndefinedError
from tests.html_tree import Tree
from tests.page_checks import check_page
from tests.portal.example_pages import DATA, EXAMPLES

from portal import pages
from portal.answers import SECURITY_HEADERS
from portal.languages import LANGUAGES
from portal.pages import Frame

LANGUAGE_CODES = [each.code for each in LANGUAGES]
NOT_WORDS = {each.name for each in LANGUAGES} | {"PDF", "84 kB", "PDF, 84 kB", "911"}
SAME_WORD = {"fr": {"Date"}}
HOSTILE = (
    "</title></style><script>alert(1)</script>\"'>&{{ 7*7 }}",
    "\u202etxt\u2066",
    "W" * 10_000,
)


def html(name: str, language: str = "en", text: str = DATA, *, signed_in: bool = True) -> str:
    template, view = EXAMPLES[name]
    frame = Frame(
        language=language, path="/results", portal_name=DATA, signed_in=signed_in, is_demo=True
    )
    return pages.render(template, view(text), frame)


def said(page: str) -> set[str]:
    """Everything a page says, seen or read aloud, that is not data, nor the English that stands
    beside a critical text by intent."""
    root = Tree(page).root
    beside = {
        id(part) for each in root.all("span") if each["class"] == "original" for part in each.all()
    }
    elements = [each for each in root.all() if each.tag != "style" and id(each) not in beside]
    texts = [each.own_text for each in elements] + [each["aria-label"] for each in elements]
    words = {" ".join(text.split()) for text in texts if DATA not in text}
    return {each for each in words if re.search(r"[A-Za-z]{2}", each)} - NOT_WORDS


@pytest.mark.parametrize("language", LANGUAGE_CODES)
@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_page_is_sound(name: str, language: str, signed_in: bool) -> None:
    page = html(name, language, signed_in=signed_in)

    headers = SECURITY_HEADERS | {"Content-Type": "text/html; charset=utf-8"}
    check_page(page, headers | {"Content-Security-Policy": pages.content_security_policy()})
    assert f'lang="{language}"' in page


@pytest.mark.parametrize("language", [each for each in LANGUAGE_CODES if each != "en"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_no_english_is_left_in_another_language(name: str, language: str) -> None:
    left = said(html(name)) & said(html(name, language))

    assert left - SAME_WORD.get(language, set()) == set()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", EXAMPLES)
def test_hostile_text_stays_text(name: str, text: str) -> None:
    check_page(html(name, text=text))


def test_only_a_signed_in_page_counts_down_and_offers_to_sign_out() -> None:
    inside, outside = html("home"), html("home", signed_in=False)

    for sign in ('role="alert"', 'action="/sign-out"', "<nav"):
        assert sign in inside
        assert sign not in outside


def test_the_stylesheet_counts_to_the_idle_time_out_and_fetches_nothing() -> None:
    assert f"--idle:{pages.IDLE_SECONDS}s" in pages.style().replace(": ", ":")
    assert not re.search(r"url\(|@import|</", pages.style())


def test_the_stylesheet_mirrors_by_itself() -> None:
    physical = r"(margin|padding|border)-(left|right)|[{; ](left|right):|text-align:\s*(left|right)"
    assert not re.search(physical, pages.style())


def test_a_view_a_template_does_not_fit_is_an_error_and_not_a_gap() -> None:
    frame = Frame(language="en", path="/", portal_name="P", signed_in=False, is_demo=False)

    with pytest.raises(UndefinedError):
        pages.render("sign_in/sent.html", AskView(), frame)


def test_no_word_is_asked_of_the_catalogue_for_nothing() -> None:
    assert pages.words("es")("") == ""
    assert pages.words("en")("High") == "High"


def test_home_shows_no_status_where_there_is_nothing_to_say() -> None:
    new = NewResult(report_id="r1", title="A", status_words="", released_at="", outside=0)
    view = HomeView(given_name="Rosa", is_demo=False, latest=[new])
    frame = Frame(language="en", path="/", portal_name="P", signed_in=True, is_demo=False)

    assert 'class="chip' not in pages.render("home/home.html", view, frame)
