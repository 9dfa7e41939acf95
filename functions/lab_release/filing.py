"""What a message says, put into its patient's chart: reports, resources, and who the patient is."""

from functions.lab_release import merging

from portal import (
    audit,
    birthdays,
    grants,
    patients,
    people,
    records,
    reports,
    sessions,
    timestamps,
    us_states,
)
from portal.conversion import Converted
from portal.entries import Entry
from portal.fhir import Resource
from portal.matching import matched, registered
from portal.patients import Patient
from portal.tables import AuditRow


def patient_of(converted: Converted) -> Patient:
    """Raises Unusable."""
    find = registered if converted.may_enrol else matched
    return find(converted.claim)


def file(patient_id: str, raw_id: str, arrived_at: str, converted: Converted) -> list[str]:
    """Returns the ids of the reports it holds. Run twice, it changes nothing."""
    patient, found = _filed(patient_id, raw_id, arrived_at, converted)
    if converted.may_enrol:
        patient = update(patient, converted, raw_id)
    for change in converted.changes:
        merging.apply(patient, converted.claim, change, raw_id)
    return found


def _filed(
    patient_id: str, raw_id: str, arrived_at: str, converted: Converted
) -> tuple[Patient, list[str]]:
    """A merge that came in between moves the chart; what was filed too late for it goes along."""
    while True:
        patient = _current(patient_id)
        found = reports.keep(patient.patient_id, raw_id, arrived_at, converted)
        for entry in converted.entries:
            _keep(patient, raw_id, converted, entry)
        patient_id = _current(patient_id).patient_id
        if patient_id == patient.patient_id:
            return patient, found


def _current(patient_id: str) -> Patient:
    patient = patients.current(patient_id)
    if patient is None:
        raise LookupError("the matched patient is not there")
    return patient


def _keep(patient: Patient, raw_id: str, converted: Converted, entry: Entry) -> None:
    """A visit that was moved away takes its late messages along."""
    about = converted.claim.identifiers
    target = merging.moved_to(patient.patient_id, entry)
    if target is None:
        records.keep(patient.patient_id, raw_id, about, entry)
    else:
        records.keep(target.patient_id, raw_id, people.identifiers_from(target.identifiers), entry)


def update(patient: Patient, converted: Converted, raw_id: str) -> Patient:
    """The patient as the messages about them say, all together. Raises patients.Changed."""
    own = frozenset(map(patients.normal, patient.identifiers))
    found = records.resources(patient.patient_id, "Patient", own)
    said = _said(found[0]) if found else {}
    named = [(each.authority, each.value) for each in converted.claim.identifiers]
    known = set(map(patients.normal, (*patient.identifiers, *patient.former)))
    new = tuple(each for each in dict.fromkeys(named) if patients.normal(each) not in known)
    after = patient.model_copy(update=said | {"identifiers": (*patient.identifiers, *new)})
    if after == patient:
        return patient
    if after.birth_on != patient.birth_on:
        _plan_birthdays(after)
    died = after.is_deceased and not patient.is_deceased
    patients.rewrite(after, audited=[_died(patient, raw_id)] if died else [])
    if died:
        sessions.end_all(patient.patient_id)
    return after.model_copy(update={"revision": patient.revision + 1})


def _said(resource: Resource) -> dict[str, object]:
    """What matching and sign-in need of a Patient; what it leaves out stays as enrolled."""
    name: Resource = next(iter(resource.get("name", ())), {})
    born = timestamps.day(resource.get("birthDate", ""))
    is_deceased = bool(resource.get("deceasedBoolean") or resource.get("deceasedDateTime"))
    parts = {
        "family": name.get("family", ""),
        "given": " ".join(name.get("given", ())),
        "birth_on": born,
        "sex": {"female": "F", "male": "M", "other": "O"}.get(resource.get("gender", ""), ""),
    }
    whole: dict[str, object] = {"is_deceased": is_deceased}
    if addresses := resource.get("address"):
        whole["state"] = us_states.home(addresses)  # "" of who moved abroad
    return {key: part for key, part in parts.items() if part} | whole


def _plan_birthdays(patient: Patient) -> None:
    for grant in grants.of_patient(patient.patient_id):
        birthdays.plan(grant, patient.birth_on)


def _died(patient: Patient, raw_id: str) -> AuditRow:
    return audit.row(
        audit.Event.PATIENT_DECEASED,
        actor=audit.PORTAL,
        patient_id=patient.patient_id,
        why="ehr-says",
        request_id=raw_id,
    )
