import gzip

import pytest
from functions.results.views import ResultView
from tests.html_tree import Tree
from tests.page_checks import check_page
from tests.portal.example_pages import a_narrative, a_reading, a_result

from portal import pages
from portal.pages import Frame


def result_page(result: ResultView) -> str:
    frame = Frame(language="en", path="/results/r1", portal_name="P", signed_in=True, is_demo=False)
    return pages.render("results/view.html", result, frame)


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


def test_a_flagged_narrative_is_named_at_the_top_and_not_quoted() -> None:
    narrative = a_narrative("long text").model_copy(update={"position": "abnormal"})
    page = result_page(a_result(a_reading(), narrative))

    assert "2 of 2 values are outside" in page
    assert page.count("A\n  B long text") == 1


def test_a_test_without_words_says_so_and_leads_with_the_labs_name() -> None:
    page = result_page(a_result(a_reading(everyday_name="", about="", lab_name="Anti-XYZ")))

    assert "<bdi>Anti-XYZ</bdi></h3>" in page
    assert "We do not have a plain-language explanation for this test yet." in page


def test_the_title_of_a_result_does_not_name_the_test() -> None:
    page = Tree(result_page(a_result(a_reading(), text="HIV"))).root
    (title,) = page.all("title")

    assert "HIV" not in title.text()
    assert "November 18, 2026" in title.text()


@pytest.mark.parametrize("position", ["critically_low", "critically_high", "critically_abnormal"])
def test_an_alarming_value_says_to_call_and_does_not_soothe(position: str) -> None:
    page = result_page(a_result(a_reading(position=position)))

    assert "call them today" in page
    assert "This is common" not in page


def test_whom_to_call_has_a_number_to_tap() -> None:
    frame = Frame(
        language="en",
        path="/results/r1",
        portal_name="P",
        signed_in=True,
        is_demo=False,
        phone="+1 (614) 555-0100",
    )
    page = pages.render("results/view.html", a_result(a_reading()), frame)

    check_page(page)
    assert 'href="tel:+16145550100"' in page
    assert 'Call <bdi dir="ltr">+1 (614) 555-0100</bdi>' in page
