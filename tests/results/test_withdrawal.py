"""What the lab took back is gone from every page, list, trend and download."""

from datetime import UTC, datetime, timedelta

import pytest
from tests import stores
from tests.builders import a_message, a_patient, released
from tests.results.page_text import text_of
from tests.visitors import signed_in

from portal import reports
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")

LITHIUM = "NM|14334-7^LITHIUM SECRET^LN||905.25|mmol/L|0.6-1.2|HH|||{}|||202611{:02}080000-0500"
FACES = ("text/html", "application/json")


def a_withdrawal(patient: Patient, status: str, note: str = "", day: int = 1) -> str:
    """A report and its withdrawal; returns its id."""
    sent = LITHIUM.format("F", day)
    filler = f"GONE{day}{status}"
    released(a_message(patient, sent + note, filler=filler, obr4="LI^Lithium secret^L"))
    later = datetime.now(UTC) + timedelta(minutes=1)
    gone = LITHIUM.format(status, day)
    found: str = released(
        a_message(patient, gone, filler=filler, obr4="LI^Lithium secret^L", signed_off=later)
    ).report_ids[0]
    return found


@pytest.mark.parametrize("accept", FACES)
@pytest.mark.parametrize("status", ["D", "X", "W"])
def test_a_value_that_was_taken_back_is_shown_nowhere(status: str, accept: str) -> None:
    patient = a_patient()
    report_id = a_withdrawal(patient, status, "\rNTE|1|L|Lithium of 905.25 called")
    browser = signed_in(patient, accept=accept)

    for address in (f"/results/{report_id}", "/results", "/"):
        answer = browser.get(address)
        assert answer.status == 200
        assert "905.25" not in answer.text


def test_a_deleted_result_says_that_the_lab_took_it_back() -> None:
    patient = a_patient()
    page = signed_in(patient).get(f"/results/{a_withdrawal(patient, 'D')}")

    assert "The lab took this result back. Please do not rely on it." in text_of(page)
    assert "Lithium secret" in page.text


@pytest.mark.parametrize("accept", FACES)
def test_of_another_patients_result_not_even_its_name_is_left(accept: str) -> None:
    patient = a_patient()
    report_id = a_withdrawal(patient, "W")
    browser = signed_in(patient, accept=accept)

    for address in (f"/results/{report_id}", "/results", "/"):
        answer = browser.get(address).text.lower()
        for secret in ("lithium", "14334-7", "raman", "905.25"):
            assert secret not in answer


def test_a_result_put_into_the_wrong_record_says_that_it_is_not_the_readers() -> None:
    patient = a_patient()
    page = signed_in(patient).get(f"/results/{a_withdrawal(patient, 'W')}")

    assert "It was put into your record by mistake and is not about you." in text_of(page)


@pytest.mark.parametrize("status", ["D", "X", "W"])
def test_a_value_that_was_taken_back_is_no_earlier_value(status: str) -> None:
    patient = a_patient()
    a_withdrawal(patient, status)
    later = LITHIUM.format("F", 9).replace("905.25", "0.8")
    (report_id,) = released(a_message(patient, later, filler="LATER")).report_ids

    for accept in FACES:
        answer = signed_in(patient, accept=accept).get(f"/results/{report_id}")
        assert "905.25" not in answer.text


@pytest.mark.parametrize("status", ["D", "W"])
def test_the_withdrawal_may_arrive_first(status: str) -> None:
    patient = a_patient()
    sent = [a_message(patient, LITHIUM.format(s, 1), filler="FIRST1") for s in (status, "F")]

    for raw in sent:
        (report_id,) = released(raw).report_ids

    assert "905.25" not in signed_in(patient).get(f"/results/{report_id}").text


def test_what_was_taken_back_is_kept_for_those_who_must_know() -> None:
    patient = a_patient()
    report_id = a_withdrawal(patient, "W")

    versions = reports.versions(patient.patient_id, report_id)

    assert len(versions) == 2
    assert any("905.25" in version.resources for version in versions)


def test_the_patient_is_told_again() -> None:
    patient = a_patient()

    a_withdrawal(patient, "W")

    assert len(stores.sent_to(patient.email)) == 2


def test_one_of_several_results_is_named_as_taken_back_and_the_others_stay() -> None:
    patient = a_patient()
    sodium = "NM|2951-2^SODIUM^LN||140|mmol/L|135-145|N|||F"
    released(a_message(patient, LITHIUM.format("F", 1), sodium, filler="TWO1"))
    gone = a_message(patient, LITHIUM.format("D", 1), sodium, filler="TWO1")
    (report_id,) = released(gone).report_ids

    text = text_of(signed_in(patient).get(f"/results/{report_id}"))

    assert "The lab took back one result of this report." in text
    assert "LITHIUM SECRET" in text
    assert "140 mmol/L" in text
