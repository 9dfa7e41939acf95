"""Whose message is it? An identifier of a known authority decides; name and birth date must agree.

A wrong match shows one patient another's result, so anything short of agreement waits for a person
(45 CFR 171.201: misidentified data).
"""

import unicodedata
from datetime import date

from portal import patients
from portal.errors import Reason, Unusable
from portal.patients import Known, Patient
from portal.people import PatientClaim

UNMATCHED = "No patient here has an identifier of PID-3 with its assigning authority."
SEVERAL = "The identifiers of PID-3 belong to different patients here."
OTHER_BIRTH_DATE = "The identifier is known, but PID-7 (birth date) is another person's."
OTHER_NAME = "The identifier is known, but PID-5 (name) is another person's."
OTHER_PERSON = "The identifier is known, but PID-5 and PID-7 are both another person's."
NOTHING_TO_CHECK = "The identifier is known, but there is neither PID-5 nor PID-7 to check it by."
CANNOT_ENROL = "The patient is new here, and cannot be added without PID-5 (name) and PID-7."


def matched(claim: PatientClaim) -> Patient:
    """Raises Unusable."""
    patient = known(claim)
    if patient is None:
        raise unmatched(claim, UNMATCHED)
    faults = [fault(each, claim) for each in (patient, *retired_records(patient, claim))]
    if all(faults):
        raise Unusable(Reason.PATIENT_MISMATCH, faults[0], waits_for=retired_keys(patient, claim))
    return patient


def registered(claim: PatientClaim) -> Patient:
    """For messages from where patients are registered: enrols who is new, and lets either the
    name or the birth date have changed. Raises Unusable."""
    patient = known(claim)
    if patient is None:
        return enrolled(claim)
    faults = [change_fault(each, claim) for each in (patient, *retired_records(patient, claim))]
    if not all(faults):
        return patient
    if not is_about_former(patient, claim) or len(faults) > 1 or not is_enrollable(claim):
        raise Unusable(Reason.PATIENT_MISMATCH, faults[0])
    return with_retired_record(patient, claim)


def unmatched(claim: PatientClaim, detail: str) -> Unusable:
    keys = tuple(map(patients.identifier_key, _known(claim)))
    return Unusable(Reason.PATIENT_UNMATCHED, detail, waits_for=keys)


def known(claim: PatientClaim) -> Patient | None:
    """Who has these identifiers now, merges followed. Raises Unusable for more than one."""
    ids = {patients.id_by_identifier(each.authority, each.value) for each in claim.identifiers}
    found = [patients.current(each) for each in ids if each]
    people = {patient.patient_id: patient for patient in found if patient}
    if len(people) > 1:
        raise Unusable(Reason.PATIENT_MISMATCH, SEVERAL)
    return next(iter(people.values()), None)


def enrolled(claim: PatientClaim) -> Patient:
    """Without a way to sign in: contacts are confirmed by the clinic, never taken from a feed."""
    if not is_enrollable(claim):
        raise unmatched(claim, CANNOT_ENROL)
    new = _new(claim)
    patients.enrol(new)
    return new.model_copy(update={"revision": 1})


def is_enrollable(claim: PatientClaim) -> bool:
    return bool(claim.family and claim.birth_on)


def with_retired_record(patient: Patient, claim: PatientClaim) -> Patient:
    """The first word on a record that was merged before anybody here had heard of it: kept to
    check later messages by, under a number that leads to the survivor."""
    retired = _new(claim).model_copy(update={"replaced_by": patient.patient_id})
    survivor = patient.model_copy(update={"absorbed": (*patient.absorbed, retired.patient_id)})
    patients.rewrite(survivor, retired)
    return survivor.model_copy(update={"revision": patient.revision + 1})


def retired_records(patient: Patient, claim: PatientClaim) -> list[Patient]:
    """Records merged into this one that had a number the message names: its name may be theirs."""
    named = set(map(patients.normal, _known(claim)))
    found = (patients.with_id(each) for each in patient.absorbed)
    return [each for each in found if each and named & each.mine]


def is_about_former(patient: Patient, claim: PatientClaim) -> bool:
    """Whether it names only numbers of merged records."""
    own = set(map(patients.normal, patient.identifiers))
    return not own & set(map(patients.normal, _known(claim)))


def retired_keys(patient: Patient, claim: PatientClaim) -> tuple[str, ...]:
    if not is_about_former(patient, claim):
        return ()
    return tuple(map(patients.retired_key, _known(claim)))


def _new(claim: PatientClaim) -> Patient:
    return Patient(
        patient_id=patients.new_id(),
        family=claim.family,
        given=claim.given,
        birth_on=claim.birth_on or date.min,
        sex=claim.sex,
        state=claim.state,
        identifiers=tuple(_known(claim)),
    )


def _known(claim: PatientClaim) -> list[Known]:
    return [(each.authority, each.value) for each in claim.identifiers]


def fault(patient: Patient, claim: PatientClaim) -> str:
    """Why this is not the person of the message; "" when it is."""
    if claim.birth_on and claim.birth_on != patient.birth_on:
        return OTHER_BIRTH_DATE
    if claim.family and not shares_a_name(patient, claim):
        return OTHER_NAME
    if not claim.family and not claim.birth_on:
        return NOTHING_TO_CHECK
    return ""


def change_fault(patient: Patient, claim: PatientClaim) -> str:
    """The same where one of the two may be corrected."""
    has_other_birth_date = claim.birth_on is not None and claim.birth_on != patient.birth_on
    has_other_name = bool(claim.family) and not shares_a_name(patient, claim)
    if has_other_birth_date and (has_other_name or not claim.family):
        return OTHER_PERSON
    return OTHER_NAME if has_other_name and not claim.birth_on else ""


def shares_a_name(patient: Patient, claim: PatientClaim) -> bool:
    """One part of the family name in common, or the given name after a marriage with the birth
    date equal: "Hernández Peña" is "HERNANDEZ", "O'Neil" is "ONEIL"."""
    if words(patient.family) & words(claim.family):
        return True
    is_same_day = claim.birth_on == patient.birth_on
    return is_same_day and bool(words(patient.given) & words(claim.given))


def words(name: str) -> set[str]:
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    parts = bare.casefold().replace("'", "").replace("’", "").replace("-", " ").split()
    return {"".join(c for c in part if c.isalnum()) for part in parts} - {""}
