"""PV1 and PV2 -> Encounter: what the event and the two segments say of one visit.

The event decides the status; a discharge time that has passed (PV1-45) ends a visit under any
event but those that plan, cancel or reopen one. An update (A08) alone does not say the status.
"""

from typing import Any

from portal import accounts, codings, timestamps, visit_keys
from portal.business_identifiers import identifier, identifiers, practitioners
from portal.code_tables import TABLES, code_in, coding, tabled
from portal.contacts import first_said
from portal.entries import Draft, Entry
from portal.envelopes import Envelope
from portal.errors import Reason, Unusable
from portal.fhir import Resource
from portal.folds import clearing
from portal.hl7 import Message
from portal.hl7_segments import Segment, Value
from portal.moments import parsed
from portal.timestamps import fhir_datetime
from portal.visit_events import CANCELLING, STATUS

_NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
REQUIRED: dict[str, dict[str, Any]] = {
    "Encounter": {"status": "unknown", "class": {"system": _NULL_FLAVOR, "code": "UNK"}}
}
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLASSES = {  # table 0004; what ActCode has no word for stays in table 0004
    "E": ("EMER", "emergency"),
    "I": ("IMP", "inpatient encounter"),
    "O": ("AMB", "ambulatory"),
    "P": ("PRENC", "pre-admission"),
}
_VISIT_NUMBER = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "VN"}]
}
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_ROLES = {
    7: ("ATND", "attender"),
    8: ("REF", "referrer"),
    9: ("CON", "consultant"),
    17: ("ADM", "admitter"),
}
_PLANNED = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.planned"


def entries(message: Message, envelope: Envelope) -> list[Entry]:
    found = visit_keys.visit(message, envelope)
    if found:
        return [_encounter(found.key, message, envelope)]
    if envelope.message_type == "ADT" and envelope.event in CANCELLING:
        detail = "No visit to cancel is named: send its number in PV1-19, PV1-50 or PID-18."
        raise Unusable(Reason.BAD_VALUE, detail)
    return []


def _encounter(key: str, message: Message, envelope: Envelope) -> Entry:
    pv1, pv2, zone = message.first("PV1"), message.first("PV2"), envelope.zone
    draft = Draft("Encounter", key, at=envelope.at)
    draft.put("identifier", _numbers(pv1, zone), pv1, first_said(pv1, 19, 50))
    draft.put("class", _class(pv1.value(2)), pv1, 2)
    draft.put("location", _location(pv1.value(3)), pv1, 3)
    for element, segment, field, table in (
        ("type", pv1, 4, "0007"),
        ("reasonCode", pv2, 3, ""),
    ):
        said = _concept(segment.value(field), table)
        draft.put(element, [said] if said else [], segment, field)
    for element, segment, field, table in (
        ("serviceType", pv1, 10, "0069"),
        ("priority", pv2, 25, "0217"),
        ("hospitalization.admitSource", pv1, 14, "0023"),
        ("hospitalization.dischargeDisposition", pv1, 36, ""),
    ):
        draft.put(element, _concept(segment.value(field), table), segment, field)
    draft.put("hospitalization.preAdmissionIdentifier", identifier(pv1.value(5)), pv1, 5)
    draft.put("participant", _participants(pv1), pv1, first_said(pv1, *_ROLES))
    draft.put("extension", _plan(pv2, zone), pv2, first_said(pv2, 8, 9))
    draft.put("period.start", fhir_datetime(pv1.text(44), zone), pv1, 44)
    draft.put("period.end", fhir_datetime(pv1.text(45), zone), pv1, 45)
    accounts.put_account(draft, "account", message, envelope)
    _put_status(draft, pv1, envelope)
    reopened = ("period.end", "hospitalization.dischargeDisposition")
    is_reopened = envelope.message_type == "ADT" and envelope.event == "A13"
    return clearing(draft.entry(), *reopened) if is_reopened else draft.entry()


def _put_status(draft: Draft, pv1: Segment, envelope: Envelope) -> None:
    said = STATUS.get(envelope.event, "") if envelope.message_type == "ADT" else ""
    may_end = said in ("", "arrived", "in-progress") and envelope.event != "A13"
    if may_end and _has_passed(pv1.text(45), envelope):
        draft.put("status", "finished", pv1, 45)
    elif said:
        draft.state("status", said, pv1)


def _has_passed(text: str, envelope: Envelope) -> bool:
    """Before the event, or on its day; without an event's time it is taken at its word."""
    ended = fhir_datetime(text, envelope.zone)
    now = parsed(envelope.at)
    if not ended or not now:
        return bool(ended)
    moment = timestamps.instant(text, envelope.zone)
    return moment <= now if moment else ended <= envelope.at[: len(ended)]


def _class(sent: Value) -> Resource:
    code = code_in(sent, "0004")
    if code in _CLASSES:
        named, display = _CLASSES[code]
        return {"system": _ACT_CODE, "code": named, "display": display}
    if code in TABLES["0004"]:
        return coding(code, "0004")
    said = codings.concept(sent)
    return next(iter(said.get("coding", [])), {"display": said["text"]} if said else {})


def _location(sent: Value) -> list[Resource]:
    """PL in the sender's words: its description, else point of care, room, bed, facility."""
    parts = [sent.text(n, 1).strip() for n in (1, 2, 3, 4)]
    shown = sent.text(9).strip() or ", ".join(part for part in parts if part)
    return [{"location": {"display": shown}}] if shown else []


def _concept(sent: Value, table: str) -> Resource:
    return tabled(sent, table) if table else codings.concept(sent)


def _numbers(pv1: Segment, zone: str) -> list[Resource]:
    own = [{"type": _VISIT_NUMBER} | each for each in identifiers(pv1, 19, zone)]
    return own + [each for each in identifiers(pv1, 50, zone) if each not in own]


def _participants(pv1: Segment) -> list[Resource]:
    found = []
    for field, (code, display) in _ROLES.items():
        role = {"coding": [{"system": _PARTICIPATION, "code": code, "display": display}]}
        found += [{"type": [role], "individual": each} for each in practitioners(pv1, field)]
    return found


def _plan(pv2: Segment, zone: str) -> list[Resource]:
    """R5's plannedStartDate and plannedEndDate: an expected day is no `period` yet."""
    ends = {"StartDate": pv2.text(8), "EndDate": pv2.text(9)}
    dates = {name: fhir_datetime(text, zone) for name, text in ends.items()}
    return [{"url": _PLANNED + name, "valueDateTime": at} for name, at in dates.items() if at]
