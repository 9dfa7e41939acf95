"""Whose result is it? An identifier of a known authority decides; name and birth date must agree.

A wrong match shows one patient another's result, so anything short of agreement waits for a person
(45 CFR 171.201: misidentified data).
"""

import unicodedata

from portal import patients
from portal.errors import Reason, Unusable
from portal.patients import Patient
from portal.people import PatientClaim

UNMATCHED = "No patient here has an identifier of PID-3 with its assigning authority."
SEVERAL = "The identifiers of PID-3 belong to different patients here."
OTHER_BIRTH_DATE = "The identifier is known, but PID-7 (birth date) is another person's."
OTHER_NAME = "The identifier is known, but PID-5 (name) is another person's."
NOTHING_TO_CHECK = "The identifier is known, but there is neither PID-5 nor PID-7 to check it by."


def patient_id(claim: PatientClaim) -> str:
    """Raises Unusable."""
    found = {patients.id_by_identifier(each.authority, each.value) for each in claim.identifiers}
    known = [each for each in found if each]
    if not known:
        raise Unusable(Reason.PATIENT_UNMATCHED, UNMATCHED)
    if len(known) > 1:
        raise Unusable(Reason.PATIENT_MISMATCH, SEVERAL)
    patient = patients.with_id(known[0])
    if patient is None:
        raise Unusable(Reason.PATIENT_UNMATCHED, UNMATCHED)
    check(patient, claim)
    return patient.patient_id


def check(patient: Patient, claim: PatientClaim) -> None:
    if claim.birth_on and claim.birth_on != patient.birth_on:
        raise Unusable(Reason.PATIENT_MISMATCH, OTHER_BIRTH_DATE)
    if claim.family and not shares_a_name(patient, claim):
        raise Unusable(Reason.PATIENT_MISMATCH, OTHER_NAME)
    if not claim.family and not claim.birth_on:
        raise Unusable(Reason.PATIENT_MISMATCH, NOTHING_TO_CHECK)


def shares_a_name(patient: Patient, claim: PatientClaim) -> bool:
    """One part of the family name in common, or the given name after a marriage with the birth
    date equal: "Hernández Peña" is "HERNANDEZ", "O'Neil" is "ONEIL"."""
    if words(patient.family) & words(claim.family):
        return True
    return bool(claim.birth_on and words(patient.given) & words(claim.given))


def words(name: str) -> set[str]:
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    parts = bare.casefold().replace("'", "").replace("’", "").replace("-", " ").split()
    return {"".join(c for c in part if c.isalnum()) for part in parts} - {""}
