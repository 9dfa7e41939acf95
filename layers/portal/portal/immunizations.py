"""Vaccinations (VXU^V04): each RXA with its ORC, RXR and OBX is an Immunization.

One is known by ORC-3, unless that is 9999 (unknown); else by its vaccine and its day. CVX 998 is
no vaccine and yields nothing: its OBX tell of immunity or of what is due. OBX that stand under no
RXA are about the patient and are not read, nor are strength (RXA-13, 14) and remarks in RXA-9.
"""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

from portal import codings, timestamps, values
from portal.entries import Draft, Entry, reference
from portal.envelopes import Envelope
from portal.fhir import Resource
from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.vaccination_observations import put_observations
from portal.vaccination_sources import put_source
from portal.vaccinations import UNKNOWN_NUMBER, Vaccination, vaccinations

_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
REQUIRED: dict[str, dict[str, Any]] = {
    "Immunization": {
        "status": "completed",
        "vaccineCode": {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]},
    }
}

_COMPLETION = {"CP": "completed", "PA": "completed", "RE": "not-done", "NA": "not-done"}
_SUBPOTENT = "http://terminology.hl7.org/CodeSystem/immunization-subpotent-reason"
_PARTIAL = {"system": _SUBPOTENT, "code": "partial", "display": "Partial Dose"}
_UNKNOWN_AMOUNT = Decimal(999)


def entries(message: Message, envelope: Envelope) -> list[Entry]:
    found = vaccinations(message)
    uses = Counter(number for number, _ in {(_number(one, envelope), one.code) for one in found})
    made: dict[str, Entry] = {}
    for one in found:
        number = _number(one, envelope)
        # Some senders number the visit and not the dose.
        key = f"{number}\n{one.code}" if uses[number] > 1 else number
        entry = _entry(one, key if number else _key(one, envelope), message, envelope)
        made[entry.key] = entry
    return list(made.values())


def _number(one: Vaccination, envelope: Envelope) -> str:
    sent = one.orc.value(3)
    is_known = sent.text(1).strip() != UNKNOWN_NUMBER
    return envelope.scoped(sent, authority_at=2) if is_known else ""


def _key(one: Vaccination, envelope: Envelope) -> str:
    said = one.rxa.text(3)
    day = (timestamps.fhir_datetime(said, envelope.zone) or said.strip())[:10]
    return "\n".join(("vaccine", envelope.facility, one.code, day))


def _entry(one: Vaccination, key: str, message: Message, envelope: Envelope) -> Entry:
    draft, visit = Draft("Immunization", key, at=envelope.at), message.first("PV1")
    if number := envelope.scoped(visit.value(19)):
        draft.put("encounter", reference("Encounter", number), visit, 19)
    _put_status(draft, one.rxa)
    _put_vaccine(draft, one.rxa)
    _put_times(draft, one, envelope.zone)
    put_source(draft, one)
    draft.put("route", codings.concept(one.rxr.value(1)), one.rxr, 1)
    draft.put("site", codings.concept(one.rxr.value(2)), one.rxr, 2)
    put_observations(draft, one.obx, envelope.zone)
    return _without_what_is_over(draft.entry())


def _put_status(draft: Draft, rxa: Segment) -> None:
    said = rxa.text(20).strip().upper()
    status = _COMPLETION.get(said) or ("not-done" if rxa.text(18).strip() else "completed")
    if rxa.text(21).strip().upper() == "D":
        draft.put("status", "entered-in-error", rxa, 21)
    elif said in _COMPLETION:
        draft.put("status", status, rxa, 20)
    else:
        draft.state("status", status, rxa)
    if status == "not-done":
        draft.put("statusReason", codings.concept(rxa.value(18)), rxa, 18)
    if said == "PA":
        draft.put("isSubpotent", True, rxa, 20)
        draft.put("subpotentReason", [{"coding": [_PARTIAL]}], rxa, 20)


def _put_vaccine(draft: Draft, rxa: Segment) -> None:
    maker = codings.shown(rxa.value(17))
    expires = timestamps.fhir_datetime(rxa.text(16), "UTC") or ""
    reason = codings.concept(rxa.value(19))
    draft.put("vaccineCode", codings.concept(rxa.value(5)), rxa, 5)
    draft.put("doseQuantity", _amount(rxa), rxa, 6)
    draft.put("lotNumber", rxa.text(15).strip(), rxa, 15)
    draft.put("expirationDate", expires[:10], rxa, 16)
    draft.put("manufacturer", {"display": maker} if maker else {}, rxa, 17)
    draft.put("reasonCode", [reason] if reason else [], rxa, 19)


def _amount(rxa: Segment) -> Resource:
    """Nothing for 999, which means unknown, nor for 0, which many write for it."""
    amount = values.number(rxa.text(6).strip())
    if amount is None or amount <= 0 or amount == _UNKNOWN_AMOUNT:
        return {}
    unit, code = codings.unit(rxa.value(7)), codings.ucum(rxa.value(7))
    coded = {"system": codings.UCUM, "code": code} if code else {}
    return {"value": amount} | ({"unit": unit} if unit else {}) | coded


def _put_times(draft: Draft, one: Vaccination, zone: str) -> None:
    said = one.rxa.text(3).strip()
    if given := timestamps.fhir_datetime(said, zone):
        draft.put("occurrenceDateTime", given, one.rxa, 3)
    elif said:
        draft.put("occurrenceString", said, one.rxa, 3)
    else:
        draft.state("occurrenceString", "unknown", one.rxa)
    draft.put("recorded", timestamps.fhir_datetime(one.orc.text(9), zone), one.orc, 9)
    draft.put("recorded", timestamps.fhir_datetime(one.rxa.text(22), zone), one.rxa, 22)


def _without_what_is_over(entry: Entry) -> Entry:
    """One of FHIR's two occurrence elements; no reason against what was given after all."""
    over = {"occurrenceDateTime", "occurrenceString", "isSubpotent", "subpotentReason"}
    over |= {"statusReason"} if entry.elements["status"] == "completed" else set()
    over |= {"reportOrigin"} if entry.elements.get("primarySource") else set()
    return replace(entry, cleared=tuple(sorted({*entry.cleared, *over} - entry.elements.keys())))
