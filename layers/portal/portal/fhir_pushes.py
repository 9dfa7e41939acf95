"""A push, from its bytes in S3 to its resources in the chart.

All entries are checked, planned and committed; from then on anybody may repeat the filing. The room
files at once, so that the next read sees it; should it die in between, the arrival is still open,
and the workflow files the same rows (`portal.fhir_bundles.convert`). Cards follow there.
"""

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from portal import (
    arrivals,
    fhir_bundles,
    fhir_charts,
    fhir_commits,
    fhir_plans,
    fhir_readings,
    keys,
    matching,
    objects,
    patients,
    quarantine,
    records,
    reports,
    waiting,
)
from portal.conversion import Converted
from portal.errors import Unavailable, Unusable
from portal.fhir_commits import Beaten, Commit
from portal.fhir_outcomes import Refused, refused
from portal.fhir_plans import Plan
from portal.fhir_readings import Reading
from portal.patients import Patient
from portal.people import PatientClaim

MOST_TRIES = 5  # against others with the same conditions


@dataclass(frozen=True)
class Taken:
    """`commit.outcomes` has one outcome for each entry."""

    raw_id: str
    commit: Commit


def take(body: bytes, sender_name: str, part_of: str = "") -> Taken:
    """The same bytes again are answered the same and change nothing. Raises Refused; what is
    refused is kept, in quarantine with its reason."""
    raw_id = objects.keep_raw(body, sender=sender_name)
    arrival = arrivals.received(raw_id, sender_name, part_of)
    try:
        commit = fhir_commits.find(raw_id) or _committed(body, raw_id)
    except Unusable as error:
        refusal = refused(error)
        put_aside(raw_id, refusal)
        raise refusal from None
    except Refused as refusal:
        put_aside(raw_id, refusal)
        raise
    if not commit.patient_id:
        return Taken(raw_id, commit)
    if arrival.state in (arrivals.QUARANTINED, arrivals.DEAD):
        arrivals.resume(raw_id)
    if arrival.state not in arrivals.FINISHED:
        file(body, raw_id, commit)
        waiting.enqueue(raw_id)
    return Taken(raw_id, commit)


def raw_id_of(body: bytes, sender_name: str) -> str:
    """Ids mean something within their sender only: the same bytes of two senders are two pushes."""
    return objects.raw_id(body, sender_name)


def put_aside(raw_id: str, refusal: Refused) -> None:
    """A failed precondition is no work for staff: the sender knows, and asks anew."""
    if arrivals.arrival(raw_id).state in arrivals.FINISHED:
        return
    index_keys = list(refusal.waits_for)
    waiting.keep(raw_id, index_keys)
    arrivals.quarantined(raw_id, refusal.reason, refusal.unusable.detail, index_keys)
    if refusal.status == HTTPStatus.PRECONDITION_FAILED:
        quarantine.dismiss(raw_id)
    if waiting.is_there(index_keys):  # the patient came in between, before anybody saw us wait
        waiting.requeue(raw_id)


def _committed(body: bytes, raw_id: str) -> Commit:
    for _ in range(MOST_TRIES):
        try:
            return _once_committed(body, raw_id)
        except (Beaten, patients.Changed, patients.IdentifierTaken):
            if commit := fhir_commits.find(raw_id):
                return commit
        except Refused:
            if commit := fhir_commits.find(raw_id):  # another delivery of the same bytes was first
                return commit
            raise
    raise Unavailable


def _once_committed(body: bytes, raw_id: str) -> Commit:
    """Raises Beaten."""
    found = fhir_readings.read(body, raw_id)
    plan = fhir_plans.planned(found)
    if not plan.is_of_use:
        return _useless(found, raw_id, plan)
    find = matching.registered if plan.has_patient else matching.matched
    patient = find(found.claim)
    commit = Commit(patient_id=patient.patient_id, outcomes=plan.outcomes)
    fhir_commits.keep(raw_id, commit, plan.claims)
    if plan.has_patient:
        _introduce(patient, found.claim)
    return commit


def _useless(found: Reading, raw_id: str, plan: Plan) -> Commit:
    """A batch without one entry that can be taken."""
    if found.push.faults:
        put_aside(raw_id, next(iter(found.push.faults.values())))
    return Commit(patient_id="", outcomes=plan.outcomes)


def _introduce(patient: Patient, claim: PatientClaim) -> None:
    """Identifiers that are new: the sender's next push may know the patient by them alone."""
    sent = [(each.authority, each.value) for each in claim.identifiers]
    new = tuple(each for each in sent if patients.normal(each) not in patient.mine)
    if not new:
        return
    after = patient.model_copy(update={"identifiers": (*patient.identifiers, *new)})
    try:
        patients.rewrite(after)
    except patients.Changed:  # the workflow looks again at who the patient is
        return


def file(body: bytes, raw_id: str, commit: Commit) -> None:
    """A merge that comes in between moves the chart; what was filed too late for it goes along."""
    converted = fhir_bundles.convert(body, raw_id)
    patient_id = _current_id(commit.patient_id)
    while True:
        _keep(patient_id, raw_id, converted)
        current = _current_id(patient_id)
        if current == patient_id:
            return
        patient_id = current


def _keep(patient_id: str, raw_id: str, converted: Converted) -> None:
    keep = partial(records.keep, patient_id, raw_id, converted.claim.identifiers)
    keys.key_of(patient_id)  # once, and not by each thread
    fhir_charts.at_once(keep, converted.entries)
    arrived_at = arrivals.arrival(raw_id).received_at
    reports.keep(patient_id, raw_id, arrived_at, converted)
    there = [each for each in converted.entries if not each.is_deleted]
    gone = [each for each in converted.entries if each.is_deleted]
    fhir_charts.note(
        patient_id,
        [(each.resource_type, each.entry_id) for each in there],
        [(each.resource_type, each.entry_id) for each in gone],
    )


def _current_id(patient_id: str) -> str:
    patient = patients.current(patient_id)
    if patient is None:
        raise LookupError("the matched patient is not there")
    return patient.patient_id
