"""One order for a drug (ORC with RXO and RXE) as a FHIR MedicationRequest."""

import re
from typing import Any

from portal import codings, order_controls, placed_orders, timestamps
from portal.dosages import dosages
from portal.drugs import put_medication, quantity, settled
from portal.entries import Draft, Entry
from portal.envelopes import Envelope
from portal.fhir import REFILLS_REMAINING, Resource
from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.rx_orders import RxOrder, number
from portal.schedules import schedules

_CATEGORIES = "http://terminology.hl7.org/CodeSystem/medicationrequest-category"
_CATEGORY = {"I": "inpatient", "O": "outpatient"}  # table 0482
_SUBSTITUTIONS = "http://terminology.hl7.org/CodeSystem/v3-substanceAdminSubstitution"
_SUBSTITUTION = {  # tables 0161 and 0167
    "N": ("N", "none"),
    "1": ("N", "none"),
    "7": ("N", "none"),
    "G": ("G", "generic"),
    "T": ("TE", "therapeutic alternative"),
}
_HEADS = ("RXE", "RXO")


def requested(order: RxOrder) -> Segment:
    """What the pharmacy encoded, else what was asked for; an empty segment for neither."""
    rxe, rxo = order.head("RXE"), order.head("RXO")
    return rxe if rxe.raw(number(rxe, "code")) or not rxo else rxo


def medication_request(order: RxOrder, key: str, message: Message, envelope: Envelope) -> Entry:
    draft = Draft("MedicationRequest", key, at=envelope.at)
    head, zone = requested(order), envelope.zone
    draft.state("intent", "order", head)
    status, place = order_controls.standing(order.orc, message)
    draft.put("status", status, order.orc, place)
    placed_orders.put_order(draft, order.orc, order.nothing, zone)
    _put_placement(draft, order, zone)
    put_medication(draft, head, order.parts("RXC", *_HEADS))
    told, source = dosages(order, zone, *_HEADS)
    draft.put("dosageInstruction", told, *source)
    _put_supply(draft, order)
    _put_refills(draft, order)
    _put_reasons(draft, order)
    placed_orders.put_notes(draft, order.all_parts("NTE", "ORC", *_HEADS))
    return settled(draft.entry())


def _put_placement(draft: Draft, order: RxOrder, zone: str) -> None:
    orc, rxe = order.orc, order.head("RXE")
    _put_prescription_number(draft, order)
    draft.put("authoredOn", timestamps.fhir_datetime(rxe.text(32), zone), rxe, 32)
    placed_orders.put_requester(draft, order.said("prescriber"), (orc, 12))
    group = orc.text(4).strip()
    draft.put("groupIdentifier", {"value": group} if group else {}, orc, 4)
    if code := _CATEGORY.get(orc.text(29).strip().upper()):
        draft.put("category", [{"coding": [{"system": _CATEGORIES, "code": code}]}], orc, 29)
    first = next(iter(schedules(order, zone, *_HEADS)), None)
    if first and first.priority_place:
        draft.put("priority", placed_orders.priority(first.priority), *first.priority_place)


def _put_prescription_number(draft: Draft, order: RxOrder) -> None:
    rxe = order.head("RXE")
    if value := rxe.text(15).strip():
        known = placed_orders.identifiers(order.orc, order.nothing)
        draft.put("identifier", [*known, prescription_number(value)], rxe, 15)


def prescription_number(value: str) -> Resource:
    return {"type": {"text": "Prescription number"}, "value": value}


def _put_supply(draft: Draft, order: RxOrder) -> None:
    head, place = order.said("amount")
    amount = quantity(head.text(place), head.value(number(head, "amount unit")))
    draft.put("dispenseRequest.quantity", amount, head, place)
    rxe = order.head("RXE")
    pharmacy = codings.shown(rxe.value(40))
    draft.put("dispenseRequest.performer", {"display": pharmacy} if pharmacy else {}, rxe, 40)
    head, place = order.said("substitution")
    allowed = _substitution(head.text(place).strip().upper())
    draft.put("substitution.allowedCodeableConcept", allowed, head, place)


def _substitution(said: str) -> Resource:
    """The other codes of table 0167 tell why a brand or a generic was chosen, not what may be."""
    if said not in _SUBSTITUTION:
        return {}
    code, display = _SUBSTITUTION[said]
    return {"coding": [{"system": _SUBSTITUTIONS, "code": code, "display": display}]}


def _put_refills(draft: Draft, order: RxOrder) -> None:
    head, place = order.said("refills")
    draft.put("dispenseRequest.numberOfRepeatsAllowed", whole(head.text(place)), head, place)
    rxe = order.head("RXE")
    draft.put("extension", refills_remaining(rxe.text(16)), rxe, 16)


def refills_remaining(said: str) -> list[dict[str, Any]]:
    """FHIR has no element for it. 0 is a word too: the patient needs a new prescription."""
    left = whole(said)
    return [] if left is None else [{"url": REFILLS_REMAINING, "valueUnsignedInt": left}]


def whole(said: str) -> int | None:
    return int(said) if re.fullmatch(r"\d{1,6}", said.strip(), re.ASCII) else None


def _put_reasons(draft: Draft, order: RxOrder) -> None:
    """ORC-16 tells why the order is new, or why it is what it is now."""
    orc = order.orc
    why = codings.concept(orc.value(16))
    if order_controls.is_new(orc):
        draft.put("reasonCode", [why] if why else [], orc, 16)
    else:
        draft.put("statusReason", why, orc, 16)
    head, place = order.said("indication")
    draft.put("reasonCode", placed_orders.concepts(head, place), head, place)
