"""What an EHR's FHIR client pushes of a patient: bills and goals."""

from typing import Any

from tests.ehr.fhir_pushed import a_sender, about, bundle, entry, push, statuses

from portal import fhir
from portal.patients import Patient


def pushed(resource: dict[str, Any], sender: str = "") -> None:
    method = "PUT" if "id" in resource else "POST"
    answer = push(bundle(entry(resource, method)), sender or a_sender())
    assert statuses(answer)[0] in {"200", "201"}, answer.text


def a_bill(patient: Patient, total: str = "120.00", sender: str = "", **facts: Any) -> None:
    dull = {
        "resourceType": "Invoice",
        "status": "issued",
        "subject": about(patient),
        "date": "2026-10-03",
        "totalGross": {"value": fhir.loads(total), "currency": "USD"},
    }
    pushed(dull | facts, sender)


def a_goal(patient: Patient, words: str = "Walk 30 minutes a day", **facts: Any) -> None:
    dull = {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "subject": about(patient),
        "description": {"text": words},
    }
    pushed(dull | facts)
