"""Home's bills and goals, from what an EHR's FHIR client pushes."""

from typing import Any

import pytest
from tests.builders import a_patient
from tests.ehr.fhir_pushed import a_sender
from tests.granting import a_grant, acting_for
from tests.home.pushed import a_bill, a_goal
from tests.visitors import signed_in

from portal import fhir, records
from portal.entries import Entry
from portal.moments import fresh_id
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")


def lines(patient: Patient, part: str, **facts: Any) -> list[dict[str, Any]]:
    return shown(signed_in(patient, accept="application/json", **facts).get("/").json, part)


def shown(view: dict[str, Any], part: str) -> list[dict[str, Any]]:
    return [line for each in view["widgets"] for line in each[part]]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "$120.00"), ("fr", "120,00\N{NO-BREAK SPACE}$US")]
)
def test_a_bill_stands_on_home_in_the_readers_money_words(language: str, words: str) -> None:
    patient = a_patient(language=language)
    a_bill(patient)

    assert lines(patient, "bills") == [
        {"on": "2026-10-03", "amount": "120.00", "currency": "USD"},
    ]
    page = signed_in(patient, language=language).get("/").text
    assert words in page
    assert ("Bill of October 3, 2026" in page) is (language == "en")
    assert ("To pay, or if you cannot pay now, call" in page) is (language == "en")


@pytest.mark.parametrize("total", ["120", "1E+2", "0.5", "120.000"])
def test_an_amount_keeps_its_digits(total: str) -> None:
    patient = a_patient()
    a_bill(patient, total)

    assert lines(patient, "bills")[0]["amount"] == {"1E+2": "100"}.get(total, total)


def test_a_bill_without_an_amount_is_a_bill_all_the_same() -> None:
    patient = a_patient()
    a_bill(patient, totalGross={"value": 5})

    assert lines(patient, "bills") == [{"on": "2026-10-03", "amount": "", "currency": ""}]
    assert "Bill of October 3, 2026" in signed_in(patient).get("/").text


@pytest.mark.parametrize("status", ["draft", "balanced", "cancelled", "entered-in-error"])
def test_a_bill_that_is_not_owed_is_not_there(status: str) -> None:
    patient = a_patient()
    a_bill(patient, status=status)

    assert lines(patient, "bills") == []


def test_a_bill_that_was_paid_goes_and_the_oldest_three_stand_first() -> None:
    patient, sender = a_patient(), a_sender()
    for day in range(1, 6):
        a_bill(patient, sender=sender, id=f"bill-{day}", date=f"2026-10-0{day}")

    assert [each["on"][-2:] for each in lines(patient, "bills")] == ["01", "02", "03"]
    a_bill(patient, sender=sender, id="bill-1", date="2026-10-01", status="balanced")
    assert [each["on"][-2:] for each in lines(patient, "bills")] == ["02", "03", "04"]


def test_goals_that_are_pursued_stand_on_home_those_due_first_at_the_top() -> None:
    patient = a_patient()
    a_goal(patient, "Sleep 8 hours")
    a_goal(patient, "Walk more", target=[{"dueDate": "2031-05-01"}, {"dueDate": "2031-03-01"}])
    a_goal(patient, "Quit sugar", target=[{"dueDate": "2031-02-01"}], lifecycleStatus="accepted")
    for over in ("completed", "cancelled", "entered-in-error", "rejected", "on-hold", "proposed"):
        a_goal(patient, over, lifecycleStatus=over)
    a_goal(patient, "done", achievementStatus={"coding": [{"code": "achieved"}]})

    assert lines(patient, "goals") == [
        {"words": "Quit sugar", "due_on": "2031-02-01"},
        {"words": "Walk more", "due_on": "2031-03-01"},
        {"words": "Sleep 8 hours", "due_on": ""},
    ]
    page = signed_in(patient).get("/").text
    assert "Your goals" in page
    assert "Until February 1, 2031" in page


def test_bills_and_goals_are_the_patients_alone() -> None:
    """What a bill is for stands elsewhere, and a goal is in free words: neither has labels."""
    patient, holder = a_patient(), a_patient()
    grant = a_grant(patient, holder)
    a_bill(patient)
    a_goal(patient, "Stop drinking")

    for owner, is_preview in ((holder, False), (patient, True)):
        app = acting_for(grant, owner, is_preview=is_preview, accept="application/json")
        view = app.get("/").json
        assert shown(view, "bills") == shown(view, "goals") == []
    assert lines(patient, "bills")
    assert lines(patient, "goals")


ODD: list[dict[str, Any]] = [
    {"resourceType": "Invoice", "status": "issued"},
    {
        "resourceType": "Invoice",
        "status": "issued",
        "totalNet": {"value": fhir.loads("1E+40"), "currency": "USD"},
    },
    {
        "resourceType": "Invoice",
        "status": "issued",
        "date": "2026",
        "totalGross": {"value": fhir.loads("-0.50"), "currency": "XXQ"},
    },
    {"resourceType": "Goal", "lifecycleStatus": "active", "description": {}},
    {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "description": {"coding": [{"code": "x"}]},
        "target": [{"dueQuantity": {"value": 3}}, {"dueDate": "2031"}],
    },
    {"resourceType": "Appointment", "status": "booked", "start": "9999-12-31T23:59:59Z"},
    {
        "resourceType": "Appointment",
        "status": "booked",
        "start": "0001-01-01T00:00:00+14:00",
        "end": "2031-05-01T08:00:00Z",
    },
    {
        "resourceType": "Appointment",
        "status": "booked",
        "start": "2031-05-01T09:00:00Z",
        "end": "2031-05-01T08:00:00Z",
        "reasonReference": [{"reference": "Condition/1"}],
        "appointmentType": {"coding": [{"code": "FOLLOWUP"}]},
        "participant": [{"status": "accepted", "type": [{"text": "x"}]}],
    },
    {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationReference": {"reference": "Medication/1"},
    },
    {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"coding": [{"code": "1"}]},
        "extension": [{"url": fhir.REFILLS_REMAINING, "valueString": "many"}, {"url": "x"}],
    },
]


@pytest.mark.parametrize("resource", ODD, ids=str)
def test_whatever_a_sender_pushes_home_opens(resource: dict[str, Any]) -> None:
    """As the chart would hold it: a sender's server may say things that no model foresees."""
    patient = a_patient()
    kind = resource["resourceType"]
    elements = {name: part for name, part in resource.items() if name != "resourceType"}
    records.keep(patient.patient_id, fresh_id(), (), Entry(kind, fresh_id(), "", 0, elements))

    for language in ("en", "ar"):
        assert signed_in(patient, language=language).get("/").status == 200
    view = signed_in(patient, accept="application/json").get("/").json
    assert all(each["amount"] in {"", "-0.50"} for each in shown(view, "bills"))
