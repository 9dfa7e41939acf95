"""The goals that a person and their care team set (FHIR Goal), those due first at the top."""

from functions.home.views import Goal

from portal import fhir, seen_records
from portal.fhir import Resource
from portal.patients import Patient

MOST = 3
PURSUED = frozenset({"planned", "accepted", "active"})
REACHED = "achieved"  # of FHIR's goal-achievement


def of(patient: Patient) -> list[Goal]:
    """Those that are pursued. For the patient alone: free words such as "stop drinking" are not
    labelled reliably (decision 0023)."""
    found = seen_records.held(patient, "Goal")
    goals = [
        Goal(words=fhir.words(each.resource.get("description", {})), due_on=_due(each.resource))
        for each in found
        if each.resource.get("lifecycleStatus") in PURSUED and not _is_reached(each.resource)
    ]
    named = (each for each in goals if each.words)
    return sorted(named, key=lambda each: (not each.due_on, each.due_on, each.words))[:MOST]


def _due(goal: Resource) -> str:
    days = [each.get("dueDate", "") for each in goal.get("target", ())]
    return min(filter(None, days), default="")


def _is_reached(goal: Resource) -> bool:
    codings = goal.get("achievementStatus", {}).get("coding", ())
    return any(each.get("code") == REACHED for each in codings)
