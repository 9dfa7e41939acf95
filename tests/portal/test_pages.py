import gzip
import re

import pytest
from functions.results.views import ResultView
from functions.sign_in.views import AskView
from jinja2 import UndefinedError
from tests.html_tree import Tree
from tests.page_checks import check_page
from tests.portal.example_pages import DATA, EXAMPLES, a_narrative, a_reading, a_result

from portal import pages
from portal.answers import SECURITY_HEADERS
from portal.languages import LANGUAGES
from portal.pages import Frame

LANGUAGE_CODES = [each.code for each in LANGUAGES]
NOT_WORDS = {each.name for each in LANGUAGES} | {"PDF", "84 kB", "PDF, 84 kB", "911"}
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


def result_page(result: ResultView) -> str:
    frame = Frame(language="en", path="/results/r1", portal_name="P", signed_in=True, is_demo=False)
    return pages.render("results/view.html", result, frame)


def said(page: str) -> set[str]:
    """Everything a page says, seen or read aloud, that is not data."""
    elements = [each for each in Tree(page).root.all() if each.tag != "style"]
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
    assert said(html(name)) & said(html(name, language)) == set()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", EXAMPLES)
def test_hostile_text_stays_text(name: str, text: str) -> None:
    check_page(html(name, text=text))


def test_twenty_readings_with_pictures_fit_the_first_window() -> None:
    page = result_page(a_result(*[a_reading(f"number {n}") for n in range(20)]))

    check_page(page)
    assert len(gzip.compress(page.encode(), 6)) < 11_000


def test_values_are_shown_exactly_as_the_lab_sent_them() -> None:
    reading = a_reading(value="<0.50", unit="10*3/uL", reference_range="4.0 - 5.6 %", flag="LL")
    text = " ".join(Tree(result_page(a_result(reading))).root.text().split())

    for sent in ("<0.50", "10*3/uL", "4.0 - 5.6 %", "LL"):
        assert sent in text


def test_a_narrative_keeps_its_lines() -> None:
    page = result_page(a_result(a_narrative("done")))

    assert "A\n  B done</div>" in page


def test_a_test_without_words_says_so_and_leads_with_the_labs_name() -> None:
    page = result_page(a_result(a_reading(everyday_name="", about="", lab_name="Anti-XYZ")))

    assert "<bdi>Anti-XYZ</bdi></h3>" in page
    assert "We do not have a plain-language explanation for this test yet." in page


def test_the_title_of_a_result_does_not_name_the_test() -> None:
    page = Tree(result_page(a_result(a_reading(), text="HIV"))).root
    (title,) = page.all("title")

    assert "HIV" not in title.text()
    assert "November 18, 2026" in title.text()


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
