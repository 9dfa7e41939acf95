"""The list of results: newest first, a page at a time."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.builders import a_message, a_patient, released
from tests.visitors import a_browser, an_app, signed_in

from portal import audit
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def results(patient: Patient, count: int) -> list[str]:
    """Released oldest first."""
    signed = [FIRST + timedelta(hours=number) for number in range(count)]
    return [released(a_message(patient, signed_off=at)).report_ids[0] for at in signed]


def test_forty_five_results_come_on_three_pages_newest_first() -> None:
    patient = a_patient()
    made = results(patient, 45)
    browser = signed_in(patient)

    url, pages = "/results", []
    while url:
        text = browser.get(url).text
        pages.append(re.findall(r'href="/results/([0-9a-f]{32})"', text))
        following = re.search(r'href="(/results\?before=[^"]+)"', text)
        url = following[1] if following else ""

    assert [len(page) for page in pages] == [20, 20, 5]
    assert [each for page in pages for each in page] == made[::-1]


def test_twenty_results_are_all_on_one_page() -> None:
    patient = a_patient()
    results(patient, 20)

    view = signed_in(patient, accept="application/json").get("/results").json

    assert len(view["results"]) == 20
    assert view["next"] == ""


def test_a_list_without_results_says_so() -> None:
    assert "No results yet" in signed_in(a_patient()).get("/results").text
    assert "No results yet" not in signed_in(a_patient(), language="es").get("/results").text


def test_the_list_holds_nothing_of_another_patient() -> None:
    one, other = a_patient(), a_patient()
    (hidden,) = results(other, 1)

    assert hidden not in signed_in(one).get("/results").text


def test_another_patients_cursor_opens_nothing_of_theirs() -> None:
    one, other = a_patient(), a_patient()
    results(other, 21)
    cursor = signed_in(other, accept="application/json").get("/results").json["next"]

    view = signed_in(one, accept="application/json").get(f"/results?before={cursor}").json

    assert view == {"results": [], "next": "", "has_record": True}


@pytest.mark.parametrize("before", ["", "x", "%00", "9", "é", "' or 1=1", "%F0%9F%98%80"])
def test_an_odd_cursor_is_harmless(before: str) -> None:
    assert signed_in(a_patient()).get(f"/results?before={before}").status == 200


def test_a_cursor_that_is_none_is_refused() -> None:
    assert signed_in(a_patient()).get(f"/results?before={'9' * 81}").status == 400


def test_listing_is_recorded() -> None:
    patient = a_patient()

    signed_in(patient).get("/results")

    row = audit.of_patient(patient.patient_id)[-1]
    assert (row.event, row.actor, row.outcome) == ("results.listed", patient.patient_id, "done")


def test_a_visitor_without_a_session_gets_the_sign_in_page_or_401() -> None:
    assert an_app().get("/results").status == 401
    assert a_browser().get("/results").location == "/sign-in?because=needed"
