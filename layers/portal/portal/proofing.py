"""Who somebody is: what they say of themselves, compared with the clinic's records.

No knowledge questions (NIST SP 800-63A): the name, the birth date and a record number, on top of a
contact that the clinic has on file or an identity card that its staff has seen.

Two ways to proof a claim at a distance, chosen by the setting `PROOFING_URL`:
- empty: the records alone. Nothing leaves the portal, and no document is asked for.
- an address: what agrees with the records is also asked of a third party (`proofing_service`).
Either way the code to go on is sent to the contact on file, never to the address that was typed.
"""

from datetime import date

from portal import patient_search, patients
from portal.model import Model
from portal.patients import Patient
from portal.secrets_kept import same
from portal.settings import settings


class Claim(Model):
    """What a person who registers says of themselves."""

    given: str
    family: str
    born_on: date
    identifier: str
    address: str


def is_right(patient_id: str, born_on: date | None, identifier: str) -> bool:
    """Both are compared whole, whichever is wrong."""
    patient = patients.with_id(patient_id)
    if patient is None or born_on is None:
        return False
    return all([is_born(patient, born_on), has_number(patient, identifier)])


def is_born(patient: Patient, born_on: date) -> bool:
    return same(born_on.isoformat(), patient.birth_on.isoformat())


def has_number(patient: Patient, identifier: str) -> bool:
    """One of theirs, or of a record that was merged into theirs."""
    _, typed = patients.normal(("", identifier))
    return bool(typed) and sum(same(typed, number) for _, number in patient.mine) > 0


def proofed(claim: Claim, request_id: str) -> Patient | None:
    """The one patient whose record says the same, and whom the third party confirms where there is
    one. Raises Unavailable when that does not answer."""
    found = [each for each in patient_search.with_number(claim.identifier) if agrees(each, claim)]
    if len(found) != 1 or not found[0].may_sign_in:
        return None
    return found[0] if _is_confirmed(claim, request_id) else None


def agrees(patient: Patient, claim: Claim) -> bool:
    """A part of each name is enough: "Hernández Peña" may type "hernandez"."""
    from portal.matching import words  # late: pages need none of it

    return (
        is_born(patient, claim.born_on)
        and has_number(patient, claim.identifier)
        and bool(words(patient.given) & words(claim.given))
        and bool(words(patient.family) & words(claim.family))
    )


def _is_confirmed(claim: Claim, request_id: str) -> bool:
    if not settings().proofing_url:
        return True
    from portal import proofing_service

    return proofing_service.confirms(claim, request_id)
