"""What was found and done at a visit: DG1 -> Condition, PR1 -> Procedure; allergies beside them.

DG1 does not say whether a condition is still there, so no clinicalStatus is made up.
"""

from typing import Any

from portal import allergies, business_keys, codings, visit_keys
from portal.business_identifiers import entity_identifier, practitioner, practitioners
from portal.code_tables import tabled
from portal.contacts import first_said
from portal.entries import Draft, Entry
from portal.envelopes import Envelope
from portal.fhir import Resource
from portal.folds import merged
from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.moments import parsed
from portal.segment_notes import put_notes, with_notes
from portal.timestamps import fhir_datetime

REQUIRED: dict[str, dict[str, Any]] = {"Procedure": {"status": "unknown"}}
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_VERIFICATION = {"A": "provisional", "W": "provisional", "F": "confirmed"}  # table 0052
# DG1-2 and PR1-2: how versions before 2.3 named the coding system.
_METHODS = {
    "I9": "http://hl7.org/fhir/sid/icd-9-cm",
    "ICD9": "http://hl7.org/fhir/sid/icd-9-cm",
    "ICD10": "http://hl7.org/fhir/sid/icd-10",
    **{name: codings.system_of(name) for name in ("I9C", "I10", "I10C", "C4", "CPT", "SCT")},
}
_FUNCTIONS = {  # SNOMED CT, as in v2-to-FHIR
    8: ("88189002", "Anesthesiologist"),
    11: ("304292004", "Surgeon"),
    12: ("", ""),
}


def entries(message: Message, envelope: Envelope) -> list[Entry]:
    conditions = (
        _condition(dg1, notes, message, envelope) for dg1, notes in with_notes(message, "DG1")
    )
    procedures = (
        _procedure(pr1, notes, message, envelope) for pr1, notes in with_notes(message, "PR1")
    )
    found = (each for each in (*conditions, *procedures) if each.key)
    return [*merged(found), *allergies.entries(message, envelope)]


def _condition(dg1: Segment, notes: list[Segment], message: Message, envelope: Envelope) -> Entry:
    zone = envelope.zone
    draft = Draft("Condition", _key(dg1, 20, message, envelope), at=envelope.at)
    category = [{"coding": [_coding("condition-category", "encounter-diagnosis")]}]
    draft.state("category", category, dg1)
    identifier = entity_identifier(dg1.value(20))
    draft.put("identifier", [identifier] if identifier else [], dg1, 20)
    draft.put("code", code_of(dg1), dg1, first_said(dg1, 3, 4))
    draft.put("onsetDateTime", fhir_datetime(dg1.text(5), zone), dg1, 5)
    draft.put("recordedDate", fhir_datetime(dg1.text(19), zone), dg1, 19)
    draft.put("asserter", practitioner(dg1.value(16)), dg1, 16)
    for field, status in (
        (6, _VERIFICATION.get(dg1.text(6).strip().upper())),
        (21, "entered-in-error" if _is_removed(dg1, 21) else None),
    ):
        coded = {"coding": [_coding("condition-ver-status", status)]} if status else {}
        draft.put("verificationStatus", coded, dg1, field)
    visit_keys.put_visit(draft, "encounter", message, envelope)
    put_notes(draft, notes)
    return draft.entry()


def _procedure(pr1: Segment, notes: list[Segment], message: Message, envelope: Envelope) -> Entry:
    zone = envelope.zone
    draft = Draft("Procedure", _key(pr1, 19, message, envelope), at=envelope.at)
    identifier = entity_identifier(pr1.value(19))
    draft.put("identifier", [identifier] if identifier else [], pr1, 19)
    draft.put("code", code_of(pr1), pr1, first_said(pr1, 3, 4))
    performed = fhir_datetime(pr1.text(5), zone)
    draft.put("performedDateTime", performed, pr1, 5)
    draft.put("category", tabled(pr1.value(6), "0230"), pr1, 6)
    draft.put("performer", _performers(pr1), pr1, first_said(pr1, *_FUNCTIONS))
    reason = codings.concept(pr1.value(15))
    draft.put("reasonCode", [reason] if reason else [], pr1, 15)
    if _is_removed(pr1, 20):
        draft.put("status", "entered-in-error", pr1, 20)
    elif performed and _is_over(performed, envelope):
        draft.put("status", "completed", pr1, 5)
    visit_keys.put_visit(draft, "encounter", message, envelope)
    put_notes(draft, notes)
    return draft.entry()


def _is_over(performed: str, envelope: Envelope) -> bool:
    """PR1-5 is when it was performed; a time to come is of one that is planned."""
    moment, now = parsed(performed), parsed(envelope.at)
    if not now:
        return False
    return moment <= now if moment else performed <= envelope.at[: len(performed)]


def _key(segment: Segment, number_at: int, message: Message, envelope: Envelope) -> str:
    """Its own number (EI), else its code, time and visit."""
    if numbered := envelope.scoped(segment.value(number_at), authority_at=2):
        return f"number\n{numbered}"
    named = business_keys.of_code(segment.value(3), envelope, segment.text(4))
    during = visit_keys.visit(message, envelope)
    return f"{named}\n{segment.text(5).strip()}\n{during.key if during else ''}" if named else ""


def code_of(segment: Segment) -> Resource:
    """DG1-3 and DG1-4, PR1-3 and PR1-4: the code, then its description."""
    sent, description = segment.value(3), segment.text(4).strip()
    said = codings.concept(sent)
    system = _METHODS.get(segment.text(2).strip().upper())
    if system and not sent.text(3).strip() and (code := codings.code(sent.text(1))):
        display = sent.text(2).strip()
        coding = {"system": system, "code": code} | ({"display": display} if display else {})
        said = said | {"coding": [coding]}
    is_date = description.isdigit()  # some senders leave PR1-4 out and shift what follows
    return said | ({"text": description} if description and not is_date else {})


def _performers(pr1: Segment) -> list[Resource]:
    found: list[Resource] = []
    for field, (code, display) in _FUNCTIONS.items():
        coding = {"system": "http://snomed.info/sct", "code": code, "display": display}
        function = {"function": {"coding": [coding]}} if code else {}
        found += [function | {"actor": each} for each in practitioners(pr1, field)]
    return found


def _is_removed(segment: Segment, field: int) -> bool:
    return segment.text(field).strip().upper() == "D"


def _coding(system: str, code: str) -> Resource:
    return {"system": _TERMINOLOGY + system, "code": code}
