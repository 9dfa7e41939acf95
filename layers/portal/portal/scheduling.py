"""Appointments (SIU): SCH with its notes, and what stands under RGS. One entry a message.

An appointment is known by SCH-2, else SCH-1; SCH-3 tells the occurrences of a series apart.
Notes under AIS, AIG, AIL and AIP are for staff: of them only instructions for the patient
(NTE-4 = PI) are read. Not read: contact persons (SCH-12 to 22) and order numbers. S23 and S24
block and open slots of a schedule and are about no patient.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from portal import appointment_times, codings
from portal.appointment_participants import participants
from portal.appointment_statuses import status, status_of
from portal.entity_identifiers import identifier
from portal.entries import Draft, Entry
from portal.envelopes import Envelope
from portal.errors import Reason, Unusable
from portal.fhir import Resource
from portal.hl7 import Message
from portal.hl7_segments import Segment, Value

REQUIRED: dict[str, dict[str, Any]] = {"Appointment": {"status": "booked"}}

_SLOTS = frozenset({"S23", "S24"})
_WITH_REASON = frozenset({"cancelled", "noshow"})  # FHIR app-4
_PATIENT_INSTRUCTIONS = "PI"  # HL7 table 0364
_REASONS = {  # HL7 table 0276, which many senders write without naming it
    "ROUTINE": "Routine appointment",
    "WALKIN": "A previously unscheduled walk-in visit",
    "CHECKUP": "A routine check-up, such as an annual physical",
    "FOLLOWUP": "A follow up visit from a previous appointment",
    "EMERGENCY": "Emergency appointment",
}
_REASONS_SYSTEM = "http://terminology.hl7.org/CodeSystem/v2-0276"


def entries(message: Message, envelope: Envelope) -> list[Entry]:
    if envelope.event in _SLOTS:
        return []
    sch = message.first("SCH")
    if not sch:
        detail = "There is no SCH segment: put the appointment in one."
        raise Unusable(Reason.BAD_VALUE, detail)
    draft = Draft("Appointment", _key(message, envelope), at=envelope.at)
    now = status(envelope.event, sch.text(25))
    if now:
        draft.state("status", now, sch)
    filler, placer = identifier(sch.value(2), "FILL"), identifier(sch.value(1), "PLAC")
    draft.put("identifier", [each for each in (filler, placer) if each], sch, 2 if filler else 1)
    appointment_times.put_times(draft, message, envelope.zone)
    _put_reasons(draft, message, envelope.event, now)
    _put_participants(draft, message, now)
    _put_notes(draft, message)
    return [_without_what_is_over(draft.entry(), now)]


def _key(message: Message, envelope: Envelope) -> str:
    """Without a number: its start and its service, as long as these stay the same."""
    sch = message.first("SCH")
    filler, placer = (envelope.scoped(sch.value(n), authority_at=2) for n in (2, 1))
    if filler or placer:
        occurrence = sch.text(3).strip()
        number = filler or f"placer\n{placer}"
        return number if occurrence in {"", "0", "1"} else f"{number}\n{occurrence}"
    start = appointment_times.start(message, envelope.zone)
    if not start:
        detail = (
            "SCH-1 and SCH-2 are empty and there is no start time in TQ1-7 or SCH-11: send SCH-2,"
            " so that the appointment can be told from others."
        )
        raise Unusable(Reason.BAD_VALUE, detail)
    service = codings.shown(message.first("AIS").value(3)) or codings.shown(sch.value(7))
    return "\n".join(("start", envelope.facility, start.text, service))


def _put_reasons(draft: Draft, message: Message, event: str, now: str) -> None:
    """SCH-6 is why the message was sent: why cancelled, or why booked where SCH-7 is empty."""
    sch = message.first("SCH")
    if now in _WITH_REASON:
        draft.put("cancelationReason", codings.concept(sch.value(6)), sch, 6)
    is_why_booked = event == "S12" and now == "booked" and not status_of(sch.text(6))
    reason_at = 6 if is_why_booked and not sch.raw(7) else 7
    reason = _reason(sch.value(reason_at))
    draft.put("reasonCode", [reason] if reason else [], sch, reason_at)
    draft.put("appointmentType", _reason(sch.value(8)), sch, 8)
    services = _services(message)
    if services:
        ais = services[0]
        draft.put("serviceType", [codings.concept(each.value(3)) for each in services], ais, 3)
        draft.put("description", codings.shown(ais.value(3)), ais, 3)
    else:
        draft.put("description", codings.shown(sch.value(reason_at)), sch, reason_at)


def _reason(sent: Value) -> Resource:
    code = sent.whole().strip().upper()
    if code not in _REASONS:
        return codings.concept(sent)
    return {"coding": [{"system": _REASONS_SYSTEM, "code": code, "display": _REASONS[code]}]}


def _services(message: Message) -> list[Segment]:
    """Without those that the sender takes off the appointment (action code D)."""
    kept = (ais for ais in message.all("AIS") if ais.text(2).strip().upper() != "D")
    return [ais for ais in kept if codings.concept(ais.value(3))]


def _put_participants(draft: Draft, message: Message, now: str) -> None:
    found = participants(message)
    if found:
        first = found[0]
        made: list[Resource] = [each.resource(now) for each in found]
        draft.put("participant", made, first.segment, first.field)


def _put_notes(draft: Draft, message: Message) -> None:
    notes: dict[str, list[str]] = {}
    sources: dict[str, Segment] = {}
    for element, nte in _notes(message):
        text = "\n".join(each.whole().strip() for each in nte.repetitions(3)).strip()
        if text:
            notes.setdefault(element, []).append(text)
            sources.setdefault(element, nte)
    for element, texts in notes.items():
        draft.put(element, "\n".join(texts), sources[element], 3)


def _notes(message: Message) -> Iterator[tuple[str, Segment]]:
    owner = ""
    for segment in message.segments:
        if segment.name != "NTE":
            owner = segment.name
        elif segment.text(4).strip().upper() == _PATIENT_INSTRUCTIONS:
            yield "patientInstruction", segment
        elif owner in {"SCH", "TQ1"}:
            yield "comment", segment


def _without_what_is_over(entry: Entry, now: str) -> Entry:
    """A new start leaves no old end behind, and what takes place again no reason against it."""
    over = {"end", "minutesDuration"} if "start" in entry.elements else set()
    over |= {"cancelationReason"} if now and now not in _WITH_REASON else set()
    return replace(entry, cleared=tuple(sorted({*entry.cleared, *over} - entry.elements.keys())))
