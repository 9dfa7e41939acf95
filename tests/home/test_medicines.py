"""Home's medicines, from what pharmacies and clinics send: which are taken, and what is left."""

from datetime import timedelta
from typing import Any

import pytest
from tests.builders import a_patient
from tests.ehr.fhir_pushed import a_sender, about, bundle, entry, push, statuses
from tests.granting import a_grant, acting_for
from tests.home.sent import a_dispense, a_prescription
from tests.visitors import signed_in

from portal import moments
from portal.granting import Category
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")
METHADONE = "864706^methadone hydrochloride 10 MG Oral Tablet^RXNORM"
AMLODIPINE = "197361^amlodipine 5 MG Oral Tablet^RXNORM"
LISINOPRIL = "lisinopril 10 MG Oral Tablet"


def medicines(patient: Patient, **facts: Any) -> list[dict[str, Any]]:
    return shown(signed_in(patient, accept="application/json", **facts).get("/").json)


def shown(view: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for each in view["widgets"] for line in each["medicines"]]


def test_a_prescription_stands_on_home_with_how_to_take_it_and_its_refills() -> None:
    patient = a_patient()
    a_prescription(patient, left="2")

    assert medicines(patient) == [
        {"name": LISINOPRIL, "directions": "Take 1 tablet once a day", "refills_left": 2}
    ]
    page = signed_in(patient).get("/").text
    for words in ("Your medicines", LISINOPRIL, "Take 1 tablet once a day", "2 refills left"):
        assert words in page
    assert "Do not stop or change a medicine before you ask the clinic." in page


def test_what_runs_out_stands_first_and_needs_the_reader() -> None:
    patient = a_patient()
    a_prescription(patient, AMLODIPINE, number="R1", left="3")
    a_prescription(patient, "1^aspirin 81 MG^RXNORM", number="R2")
    a_prescription(patient, number="R3", left="0")

    found = medicines(patient)
    assert [each["refills_left"] for each in found] == [0, 3, None]
    page = signed_in(patient).get("/").text
    assert '<span class="chip">No refills left</span>' in page
    assert "0 refills" not in page


def test_the_newest_word_on_refills_counts_whoever_said_it_and_whenever_it_comes() -> None:
    patient = a_patient()
    now = moments.now()
    a_dispense(patient, left="1", sent=now - timedelta(hours=1))
    a_prescription(patient, left="4", sent=now - timedelta(hours=5))
    assert medicines(patient)[0]["refills_left"] == 1

    a_prescription(patient, left="6", control="RO", sent=now)
    assert medicines(patient)[0]["refills_left"] == 6


@pytest.mark.parametrize("control", ["CA", "DC", "OC"])
def test_what_was_stopped_is_gone(control: str) -> None:
    patient = a_patient()
    now = moments.now()
    a_prescription(patient, control=control, sent=now)
    a_prescription(patient, sent=now - timedelta(hours=1))

    assert medicines(patient) == []


def test_what_is_given_in_a_hospital_is_not_in_the_list() -> None:
    patient = a_patient()
    a_prescription(patient, setting="I")
    a_prescription(patient, AMLODIPINE, number="R2", setting="O")

    assert [each["name"] for each in medicines(patient)] == ["amlodipine 5 MG Oral Tablet"]


def test_of_a_medicine_ordered_twice_the_newest_order_counts() -> None:
    patient = a_patient()
    now = moments.now()
    a_prescription(patient, number="R1", left="0", sent=now - timedelta(days=90))
    a_prescription(patient, number="R2", left="5", sig="Take 2 tablets", sent=now)

    assert medicines(patient) == [
        {"name": LISINOPRIL, "directions": "Take 2 tablets", "refills_left": 5}
    ]


def test_those_after_the_fifth_are_one_step_away() -> None:
    patient = a_patient()
    for number in range(7):
        a_prescription(patient, f"{number}^drug {number}^RXNORM", number=f"R{number}")

    page = signed_in(patient).get("/").text

    assert "See all medicines (7)" in page
    before, _, inside = page.partition("See all medicines (7)")
    assert "drug 4" in before
    assert "drug 5" in inside
    assert len(medicines(patient)) == 7


def a_pushed_prescription(patient: Patient, **directions: str) -> None:
    resource = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": about(patient),
        "medicationCodeableConcept": {"text": "metformin 500 MG"},
        "dosageInstruction": [directions],
    }
    answer = push(bundle(entry(resource)), a_sender())
    assert statuses(answer) == ["201"], answer.text


def test_a_fhir_servers_medication_request_is_the_same() -> None:
    patient = a_patient()
    a_pushed_prescription(patient, text="1 tablet twice a day")

    assert medicines(patient) == [
        {"name": "metformin 500 MG", "directions": "1 tablet twice a day", "refills_left": None}
    ]


def test_a_helper_does_not_see_a_sensitive_medicine_nor_sensitive_directions() -> None:
    patient, holder = a_patient(), a_patient()
    grant = a_grant(patient, holder)
    a_prescription(patient, METHADONE, number="R1", left="0")
    a_prescription(patient, number="R2", sig="Once a day, for your depressive episodes")
    a_pushed_prescription(patient, patientInstruction="For your depressive episodes")

    (seen,) = shown(acting_for(grant, holder, accept="application/json").get("/").json)
    assert seen == {"name": "metformin 500 MG", "directions": "", "refills_left": None}
    assert len(medicines(patient)) == 3


def test_a_helper_who_was_not_given_medicines_sees_none() -> None:
    patient, holder = a_patient(), a_patient()
    a_prescription(patient)
    given = frozenset(Category) - {Category.MEDICATIONS}
    app = acting_for(a_grant(patient, holder, categories=given), holder, accept="application/json")

    assert shown(app.get("/").json) == []


def test_the_warning_has_its_english_beside_it_until_a_translator_read_it() -> None:
    patient = a_patient(language="vi")
    a_prescription(patient)

    page = signed_in(patient, language="vi").get("/").text

    assert '<span class="original" lang="en" dir="ltr">This is what the clinic sent us' in page
    assert "/settings/help#interpreter" in page
