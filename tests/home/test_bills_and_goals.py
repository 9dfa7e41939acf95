"""Home's bills and goals, from what an EHR's FHIR client pushes."""

from typing import Any

import pytest
from tests.builders import a_patient
from tests.ehr.fhir_pushed import a_sender
from tests.granting import a_grant, acting_for
from tests.home.pushed import a_bill, a_goal
from tests.visitors import signed_in

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
