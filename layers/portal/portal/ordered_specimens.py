"""What was taken from the patient: SPM, or OBR-15 before version 2.5, as a FHIR Specimen."""

from dataclasses import replace
from typing import Any

from portal import codings, placed_orders, timestamps
from portal.entries import Draft, Entry
from portal.envelopes import Envelope
from portal.fhir import Resource
from portal.hl7_segments import Segment, Value

_IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
_AVAILABILITY = {"Y": "available", "N": "unavailable"}  # table 0136
_COLLECTED = ("collection.collectedDateTime", "collection.collectedPeriod")


def specimen_key(spm: Segment, order_key: str, at: int, envelope: Envelope) -> str:
    """SPM-2, the placer's number before the filler's; without one its place in its order."""
    for kind, number in _numbers(spm):
        if key := placed_orders.scoped(kind, number, envelope):
            return key
    return f"{order_key}\n#{at}"


def _numbers(spm: Segment) -> list[tuple[str, list[str]]]:
    """EIP is two EI in subcomponents; some send one EI in components."""
    sent = spm.value(2)
    if sent.text(3).strip() or sent.text(4).strip():
        return [("placer", sent.components())]
    kinds = (("placer", 1), ("filler", 2))
    return [(kind, placed_orders.subcomponents(sent, place)) for kind, place in kinds]


def specimen(spm: Segment, key: str, envelope: Envelope) -> Entry:
    draft, zone = Draft("Specimen", key, at=envelope.at), envelope.zone
    draft.put("identifier", _identifiers(spm), spm, 2)
    draft.put("status", _AVAILABILITY.get(spm.text(20).strip().upper(), ""), spm, 20)
    if spm.text(21).strip():
        draft.put("status", "unsatisfactory", spm, 21)
    draft.put("type", codings.concept(spm.value(4)), spm, 4)
    draft.put("receivedTime", timestamps.fhir_datetime(spm.text(18), zone), spm, 18)
    draft.put("collection.method", codings.concept(spm.value(7)), spm, 7)
    draft.put("collection.bodySite", codings.concept(spm.value(8)), spm, 8)
    element, collected = _collected(spm.value(17), zone)
    draft.put(element, collected, spm, 17)
    draft.put("condition", placed_orders.concepts(spm, 24), spm, 24)
    described = [text for text in (sent.whole().strip() for sent in spm.repetitions(14)) if text]
    draft.put("note", [{"text": text} for text in described], spm, 14)
    return _settled(draft.entry())


def _identifiers(spm: Segment) -> list[Resource]:
    return [
        {
            "type": {"coding": [{"system": _IDENTIFIER_TYPES, "code": kind[:4].upper()}]},
            "value": number[0].strip(),
        }
        for kind, number in _numbers(spm)
        if number[0].strip()
    ]


def _collected(sent: Value, zone: str) -> tuple[str, Any]:
    """SPM-17 is a range; most senders give its start alone, which is when it was taken."""
    start, end = (timestamps.fhir_datetime(sent.text(n), zone) for n in (1, 2))
    period = placed_orders.period(start, end)
    if "end" not in period or start == end:
        return _COLLECTED[0], start
    return _COLLECTED[1], period


def _settled(entry: Entry) -> Entry:
    """FHIR has one collected[x]: the one said takes the place of the other."""
    said = [name for name in _COLLECTED if name in entry.elements]
    others = [name for name in _COLLECTED if said and name not in said]
    return replace(entry, cleared=tuple(sorted({*entry.cleared, *others})))


def has_source(obr: Segment) -> bool:
    return bool(_source(obr.value(15)))


def source_specimen(obr: Segment, order_key: str, envelope: Envelope) -> Entry:
    """OBR-15 with the times of the OBR."""
    draft, zone = Draft("Specimen", f"{order_key}\n#1", at=envelope.at), envelope.zone
    draft.put("type", _source(obr.value(15)), obr, 15)
    draft.put("collection.bodySite", body_site(obr), obr, 15)
    draft.put("collection.collectedDateTime", timestamps.fhir_datetime(obr.text(7), zone), obr, 7)
    draft.put("receivedTime", timestamps.fhir_datetime(obr.text(14), zone), obr, 14)
    return _settled(draft.entry())


def _source(sent: Value) -> Resource:
    """SPS-1 is a CWE in subcomponents; where there are three components, they are a CWE."""
    parts = placed_orders.subcomponents(sent, 1)
    if parts[1:] == ["", ""] and sent.text(3).strip() and not sent.text(4).strip():
        return codings.concept(sent)
    return _concept(parts)


def body_site(obr: Segment) -> Resource:
    """OBR-15.4: of the specimen or, where there is none, of the service."""
    return _concept(placed_orders.subcomponents(obr.value(15), 4))


def _concept(parts: list[str]) -> Resource:
    code, text, name = (codings.code(part) for part in parts)
    coding = {"system": codings.system_of(name), "code": code, "display": text}
    known = {key: part for key, part in coding.items() if part}
    shown = text or code
    return ({"coding": [known]} if code and len(known) > 1 else {}) | (
        {"text": shown} if shown else {}
    )
