"""Merges, unlinks and moved visits. Rows are copied, never removed, so each can be undone.

merge#<blind identifier>#<raw id>   a word on whose an identifier is: the newest counts
moved#<blind visit>#<raw id>        a visit of this chart is another patient's
A chart shows only rows whose message named an identifier that is the patient's now
(`portal.record_versions.counts`), so moving identifiers moves what is shown.
"""

from operator import itemgetter

from functions.lab_release import charts, publish

from portal import audit, chart, grants, keys, matching, patients, reviews, sessions
from portal.entries import Entry, entry_id
from portal.errors import Reason, Unusable
from portal.granting import GrantState
from portal.identities import Change, ChangeKind
from portal.patients import Known, Patient
from portal.people import PatientClaim
from portal.record_versions import moved_prefix, visit_of
from portal.tables import AuditRow, CareRow

CYCLE = "PID-3 was merged into MRG-1 before: merge them the other way round, or undo that first."
UNKNOWN = "No patient here has the identifier that is to be separated."
NEVER_APART = "The second PID-3 was never a record of its own here: add it with an A28 first."
NO_VISITOR = "No patient here has an identifier of MRG-1: the visit to move is not here yet."


def apply(patient: Patient, claim: PatientClaim, change: Change, raw_id: str) -> None:
    """Raises Unusable, and patients.Changed when somebody else is at it."""
    if change.kind is ChangeKind.MOVE_VISIT:
        move_visit(patient, change, raw_id)
    else:
        _change_owner(patient, claim, change, raw_id)


def _change_owner(patient: Patient, claim: PatientClaim, change: Change, raw_id: str) -> None:
    for other in change.other.identifiers:
        known = (other.authority, other.value)
        _note(patient.patient_id, known, change, raw_id)
        newest = _newest_word(patient.patient_id, known)
        patient = matching.known(claim) or patient
        if newest is ChangeKind.MERGE:
            merge(patient, claim, known, raw_id)
        else:
            unmerge(patient, change.other, known, raw_id)


def _note(patient_id: str, known: Known, change: Change, raw_id: str) -> None:
    fact = {"kind": change.kind.value, "at": change.at, "raw_id": raw_id}
    chart.keep(patient_id, f"{_prefix(known)}{raw_id}", fact)


def _prefix(known: Known) -> str:
    return f"merge#{keys.blind('merge', '|'.join(patients.normal(known)))[:32]}#"


def _newest_word(patient_id: str, known: Known) -> ChangeKind:
    facts = chart.starting_with(patient_id, _prefix(known))
    newest = max(facts, key=itemgetter("at", "raw_id"))
    return ChangeKind(newest["kind"])


def merge(survivor: Patient, claim: PatientClaim, retired: Known, raw_id: str) -> None:
    owner_id = patients.id_by_identifier(*retired)
    owner = patients.current(owner_id) if owner_id else None
    if owner is not None and owner.patient_id != survivor.patient_id:
        absorb(survivor, owner, raw_id)
    elif other := _absorbed(survivor, retired):
        move(other, survivor, raw_id)  # a try that died after the decision goes on here
    else:
        _retire(survivor, claim, retired)


def _retire(survivor: Patient, claim: PatientClaim, retired: Known) -> None:
    """An identifier of nobody's, or one of the survivor's own, becomes a former one."""
    former = set(map(patients.normal, survivor.former))
    if patients.normal(retired) in former:
        return
    if all(patients.normal((each.authority, each.value)) in former for each in claim.identifiers):
        raise Unusable(Reason.MERGE_CYCLE, CYCLE)
    old = patients.normal(retired)
    kept = tuple(each for each in survivor.identifiers if patients.normal(each) != old)
    changed = {"identifiers": kept, "former": (*survivor.former, retired)}
    patients.rewrite(survivor.model_copy(update=changed))


def absorb(survivor: Patient, other: Patient, raw_id: str) -> None:
    """One chart out of two. Both are signed out: who may see what is decided anew. Proxies of the
    retired record are not carried over (each is asked again when its right is used)."""
    changed = survivor.model_copy(
        update={
            "former": tuple(dict.fromkeys((*survivor.former, *other.identifiers, *other.former))),
            "absorbed": (*survivor.absorbed, other.patient_id),
        }
        | _contacts(survivor, other)
    )
    retired = other.model_copy(update={"replaced_by": survivor.patient_id})
    both = [survivor.patient_id, other.patient_id]
    rows = [charts.audited(audit.Event.RECORDS_MERGED, each, raw_id, both) for each in both]
    rows_and_owed: list[AuditRow | CareRow] = [*rows, *_proxies_to_look_at(survivor, other)]
    patients.rewrite(changed, retired, audited=rows_and_owed)
    _sign_out(survivor, other)
    move(other, survivor, raw_id)


def _proxies_to_look_at(survivor: Patient, other: Patient) -> list[CareRow]:
    """Access to the retired record, or of its owner to others', ended with the merge: staff decide
    with those people what they need now."""
    found = [*grants.of_patient(other.patient_id), *grants.of_holder(other.patient_id)]
    if not any(each.state is not GrantState.REVOKED for each in found):
        return []
    event = audit.Event.PROXIES_OF_MERGED
    return [reviews.new_row(survivor.patient_id, event, other.patient_id)]


def _sign_out(*both: Patient) -> None:
    for each in both:
        sessions.end_all(each.patient_id)


def move(source: Patient, target: Patient, raw_id: str) -> None:
    """What is there already is not copied again, and a card without news is not published."""
    charts.copy(source.patient_id, target.patient_id, source.mine)
    publish.quietly(target.patient_id, raw_id, leaving_news=True)


def _contacts(survivor: Patient, other: Patient) -> dict[str, str]:
    """The same person by name and birth date keeps a way to sign in; anybody else does not get
    into a stranger's chart by a mistaken merge."""
    is_same = survivor.birth_on == other.birth_on and (
        matching.words(survivor.family),
        matching.words(survivor.given),
    ) == (matching.words(other.family), matching.words(other.given))
    if survivor.email or survivor.phone or not is_same:
        return {}
    return {"email": other.email, "phone": other.phone, "language": other.language}


def unmerge(survivor: Patient, claim: PatientClaim, known: Known, raw_id: str) -> None:
    """The retired record is a patient again, with all that is known of it by now."""
    other = _absorbed(survivor, known)
    if other is not None:
        separate(survivor, other, raw_id)
        return
    owner = matching.known(claim)
    if owner is None:
        raise matching.unmatched(claim, UNKNOWN)
    if owner.patient_id == survivor.patient_id:
        raise Unusable(Reason.PATIENT_MISMATCH, NEVER_APART)
    finish(survivor, owner, raw_id)


def separate(survivor: Patient, other: Patient, raw_id: str) -> None:
    former = tuple(each for each in survivor.former if patients.normal(each) not in other.mine)
    absorbed = tuple(each for each in survivor.absorbed if each != other.patient_id)
    both = [survivor.patient_id, other.patient_id]
    rows = [charts.audited(audit.Event.RECORDS_SEPARATED, each, raw_id, both) for each in both]
    alone = other.model_copy(update={"replaced_by": ""})
    changed = {"former": former, "absorbed": absorbed}
    patients.rewrite(survivor.model_copy(update=changed), alone, audited=rows)
    _sign_out(survivor, other)
    finish(survivor, alone, raw_id)


def finish(survivor: Patient, other: Patient, raw_id: str) -> None:
    """Both charts again without each other's. A try that died goes on here."""
    charts.copy(survivor.patient_id, other.patient_id, other.mine)
    publish.quietly(other.patient_id, raw_id, leaving_news=False)
    publish.quietly(survivor.patient_id, raw_id, leaving_news=False)


def _absorbed(survivor: Patient, known: Known) -> Patient | None:
    found = (patients.with_id(each) for each in survivor.absorbed)
    return next((each for each in found if each and patients.normal(known) in each.mine), None)


def move_visit(patient: Patient, change: Change, raw_id: str) -> None:
    other = matching.known(change.other)
    if other is None:
        raise matching.unmatched(change.other, NO_VISITOR)
    visit = entry_id("Encounter", change.visit)
    fact = {"visit": visit, "to": patient.patient_id, "at": change.at, "raw_id": raw_id}
    for each in (other, patient):
        chart.keep(each.patient_id, f"{moved_prefix(visit)}{raw_id}", fact)
    charts.copy_visit(other.patient_id, patient, visit)


def moved_to(patient_id: str, entry: Entry) -> Patient | None:
    """Whose this entry's visit is by now; None when it was not moved."""
    visit = visit_of(entry.resource_type, entry.entry_id, entry.elements)
    facts = chart.starting_with(patient_id, moved_prefix(visit)) if visit else []
    if not facts:
        return None
    newest = max(facts, key=itemgetter("at", "raw_id"))
    return None if newest["to"] == patient_id else patients.current(newest["to"])
