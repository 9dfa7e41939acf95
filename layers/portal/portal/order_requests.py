"""ORM, OML and OMG: what is ordered, one ServiceRequest for each OBR, and its specimens.

An order is known by its number in OBR-2 or ORC-2, else OBR-3 or ORC-3; without any by what is
ordered and when, in the end by the sending (MSH-7). An ORC alone speaks of an order sent before.
Earlier results in the message, and what OBX asks or answers at order entry, are not read.
"""

from typing import Any

from portal import codings, order_controls, ordered_specimens, placed_orders, timestamps
from portal.entries import Draft, Entry, reference
from portal.envelopes import Envelope
from portal.errors import Reason, Unusable
from portal.fhir import Resource
from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.requested_services import RequestedService, requested_services

REQUIRED: dict[str, dict[str, Any]] = {
    "ServiceRequest": {"status": "unknown", "intent": "order"},
}
_NO_ORDER = (
    "No order can be told: OBR-4 must name what is ordered, or ORC-2 or ORC-3 must hold the "
    "number of an order sent before."
)
_SECTIONS = (  # table 0074
    " AU BG BLB CG CH CP CT CTH CUS EC EN GE HM ICU IMG IMM LAB MB MCB MYC NMR NMS NRS OSL OT OTH"
    " OUS PAR PAT PF PHR PHY PT RAD RC RT RUS RX SP SR TX URN VR VUS XRC "
)
_PATIENT_INSTRUCTIONS = "PI"  # table 0364


def entries(message: Message, envelope: Envelope) -> list[Entry]:
    """Raises Unusable when nothing tells what is ordered."""
    services = requested_services(message)
    known = [_known_by(one, envelope) for one in services]
    is_drugs_only = envelope.message_type == "ORM" and bool(message.all("RXO"))
    if not all(any(pair) for pair in known) or not (known or is_drugs_only):
        raise Unusable(Reason.NO_ORDER, _NO_ORDER)
    keys = placed_orders.distinct(known)
    taken = _specimens(services, keys, envelope)
    found: dict[str, Entry] = {}
    for service, key in zip(services, keys, strict=True):
        found[key] = service_request(service, key, message, envelope, taken.get(key, []))
    return [*found.values(), *{one.key: one for each in taken.values() for one in each}.values()]


def _known_by(service: RequestedService, envelope: Envelope) -> tuple[str, str]:
    orc, obr = service.orc, service.obr
    key = placed_orders.order_key(envelope, obr, orc)
    times = [segment.text(n) for segment, n in ((orc, 9), (obr, 36), (obr, 7), (obr, 6))]
    return key, placed_orders.what(orc, obr.value(4), key, *times, envelope.sent)


def _specimens(
    services: list[RequestedService], keys: list[str], envelope: Envelope
) -> dict[str, list[Entry]]:
    """Of each order, by its key. One SPM over several orders is one specimen."""
    found: dict[str, list[Entry]] = {}
    known: dict[int, Entry] = {}
    for service, key in zip(services, keys, strict=True):
        for at, spm in enumerate(service.specimens, start=1):
            own = ordered_specimens.specimen_key(spm, key, at, envelope)
            made = known.setdefault(spm.number, ordered_specimens.specimen(spm, own, envelope))
            found.setdefault(key, []).append(made)
        if not service.specimens and ordered_specimens.has_source(service.obr):
            found[key] = [ordered_specimens.source_specimen(service.obr, key, envelope)]
    return found


def service_request(
    service: RequestedService, key: str, message: Message, envelope: Envelope, taken: list[Entry]
) -> Entry:
    draft, zone = Draft("ServiceRequest", key, at=envelope.at), envelope.zone
    orc, obr = service.orc, service.obr
    head = obr or orc
    draft.state("intent", "order", head)
    standing, place = order_controls.standing(orc, message)
    draft.put("status", order_controls.SERVICE_REQUEST.get(standing, standing), orc, place)
    placed_orders.put_order(draft, orc, obr, zone)
    placed_orders.put_requester(draft, (orc, 12), (obr, 16))
    group = orc.text(4).strip()
    draft.put("requisition", {"value": group} if group else {}, orc, 4)
    draft.put("code", codings.concept(obr.value(4)), obr, 4)
    draft.put("category", _category(obr), obr, 24)
    _put_times(draft, service, zone)
    _put_reasons(draft, service)
    _put_notes(draft, service)
    if taken:
        references = [reference("Specimen", one.key) for one in taken]
        draft.state("specimen", references, service.specimens[0] if service.specimens else obr)
    elif not service.specimens:
        draft.put("bodySite", [site] if (site := ordered_specimens.body_site(obr)) else [], obr, 15)
    return draft.entry()


def _category(obr: Segment) -> list[Resource]:
    said = obr.text(24).strip().upper()
    is_known = bool(said) and f" {said} " in _SECTIONS
    return [{"coding": [{"system": codings.CATEGORY, "code": said}]}] if is_known else []


def _put_times(draft: Draft, service: RequestedService, zone: str) -> None:
    """When it is to be done and how soon: the last field that says it wins."""
    obr, orc, tq1 = service.obr, service.orc, service.timings[:1]
    due = [(obr, 6, 1), (obr, 27, 4), (orc, 7, 4), *((one, 7, 1) for one in tq1), (obr, 36, 1)]
    for segment, number, component in due:
        at = timestamps.fhir_datetime(segment.text(number, component), zone)
        draft.put("occurrenceDateTime", at, segment, number)
    urgent = [(obr, 5, 1), (obr, 27, 6), (orc, 7, 6), *((one, 9, 1) for one in tq1)]
    for segment, number, component in urgent:
        soon = placed_orders.priority(segment.text(number, component))
        draft.put("priority", soon, segment, number)


def _put_reasons(draft: Draft, service: RequestedService) -> None:
    """ORC-16 tells why the order is new, or why it is what it is now."""
    orc, obr = service.orc, service.obr
    why = codings.concept(orc.value(16))
    if why and order_controls.is_new(orc):
        draft.put("reasonCode", [why], orc, 16)
    elif why:
        told = [{"url": placed_orders.STATUS_REASON, "valueCodeableConcept": why}]
        draft.put("extension", told, orc, 16)
    diagnosed = [(dg1, n) for dg1 in service.diagnoses for n in (3, 4) if dg1.text(n).strip()]
    places = [(obr, 31)] if obr.raw(31) else diagnosed[:1]
    found = placed_orders.concepts(obr, 31) + list(map(_diagnosis, service.diagnoses))
    for place in places:
        draft.put("reasonCode", [one for one in found if one], *place)


def _diagnosis(dg1: Segment) -> Resource:
    text = dg1.text(4).strip()
    return codings.concept(dg1.value(3)) or ({"text": text} if text else {})


def _put_notes(draft: Draft, service: RequestedService) -> None:
    """NTE, and the text of TQ1-11: how to prepare, for instance."""
    notes: list[Segment] = []
    told: list[Segment] = []
    for nte in service.notes:
        is_for_patient = nte.text(4).strip().upper() == _PATIENT_INSTRUCTIONS
        (told if is_for_patient else notes).append(nte)
    said = [(text, nte, 3) for nte in notes if (text := placed_orders.text(nte))]
    said += [(text, tq1, 11) for tq1 in service.timings if (text := tq1.whole(11).strip())]
    if said:
        draft.put("note", [{"text": text} for text, _, _ in said], *said[0][1:])
    if words := "\n".join(filter(None, map(placed_orders.text, told))):
        draft.put("patientInstruction", words, told[0], 3)
