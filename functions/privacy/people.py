"""For whom somebody decides: themselves, and children too young to, by a grant in force."""

from dataclasses import dataclass

from portal import consent_rules, consents, grants, patients
from portal.access import Caller
from portal.acting import record_of
from portal.errors import NotFound
from portal.granting import Grant, GrantKind
from portal.moments import now
from portal.patients import Patient
from portal.record_rules import in_force

DECIDING = frozenset({GrantKind.PARENT, GrantKind.GUARDIAN})


@dataclass(frozen=True)
class Person:
    """`grant_id` and `kind` are "" for oneself."""

    patient: Patient
    grant_id: str = ""
    kind: str = ""

    @property
    def mark(self) -> str:
        """Before the ids of their part of the page."""
        return f"{self.grant_id}-" if self.grant_id else ""


def oneself(caller: Caller) -> Person:
    patient = patients.with_id(caller.patient_id)
    if patient is None:
        raise NotFound
    return Person(patient)


def people(caller: Caller) -> list[Person]:
    """Nobody where the law of the region knows no such age."""
    if consents.region() not in consent_rules.GUARDIAN_BELOW:
        return []
    held = [each for each in grants.of_holder(caller.subject_id) if each.kind in DECIDING]
    return [person for person in map(_child, held) if person]


def person_of(caller: Caller, grant_id: str) -> Person:
    """Raises NotFound for a grant that is not theirs, as for one that never was."""
    if not grant_id:
        return oneself(caller)
    found = [each for each in people(caller) if each.grant_id == grant_id]
    if not found:
        raise NotFound
    return found[0]


def _child(grant: Grant) -> Person | None:
    patient = patients.with_id(grant.patient_id)
    if patient is None or patient.replaced_by:
        return None
    at = now()
    is_young = consent_rules.guardian_decides(patient.birth_on, consents.region(), at.date())
    if not is_young or not in_force(grant, record_of(patient), patient.patient_id, at):
        return None
    return Person(patient, grant.grant_id, grant.kind.value)
