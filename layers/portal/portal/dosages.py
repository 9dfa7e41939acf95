"""How to take it: RXE-7 and the other RXE fields, RXR, and TQ1 or the older TQ, as FHIR Dosage.

Dosage.text is what the sender wrote. What can be read for certain stands beside it as data.
"""

from typing import Any

from portal import codings
from portal.drugs import measured, quantity
from portal.fhir import Resource
from portal.hl7_segments import Segment
from portal.rx_orders import RxOrder, number
from portal.schedules import Place, Schedule, schedules


def dosages(order: RxOrder, zone: str, *heads: str) -> tuple[list[Resource], Place]:
    """One for each TQ1, in its order, and the field to name as their source. `heads` are the
    segments to look under, the one that knows best first."""
    found = schedules(order, zone, *heads)
    made = [_dosage(order, one, heads) for one in found or [Schedule()]]
    told = [dosage for dosage in made if dosage]
    if len(told) > 1:
        told = [{"sequence": at} | dosage for at, dosage in enumerate(told, start=1)]
    return told, _place(order, found, heads)


def _place(order: RxOrder, found: list[Schedule], heads: tuple[str, ...]) -> Place:
    """The first that says something, the patient's instructions before all."""
    timings = [one.place for one in found if one.place]
    routes = [(rxr, field) for rxr in order.parts("RXR", *heads) for field in (1, 2, 4)]
    amounts = [order.said(what) for what in ("least", "rate", "daily dose")]
    places = [order.said("sig"), *timings, *amounts, *routes]
    return next((place for place in places if _says(*place)), places[0])


def _says(segment: Segment, field: int) -> bool:
    return bool(segment.raw(field)) and not segment.is_deleted(field)


def _dosage(order: RxOrder, schedule: Schedule, heads: tuple[str, ...]) -> Resource:
    sigs = _sigs(order)
    routes = order.parts("RXR", *heads)
    said = [*sigs, *schedule.instructions, *([] if sigs else [schedule.words])]
    made = {
        "text": "\n".join(dict.fromkeys(filter(None, said))),
        "additionalInstruction": [{"text": text} for text in _other_routes(routes)],
        "patientInstruction": "\n".join(sigs),
        "timing": schedule.timing,
        "asNeededBoolean": schedule.as_needed,
        **(_route(routes[0]) if routes else {}),
        "doseAndRate": _dose_and_rate(order, schedule),
        "maxDosePerPeriod": _daily(order),
    }
    return {name: part for name, part in made.items() if part}


def _sigs(order: RxOrder) -> list[str]:
    head, place = order.said("sig")
    return [text for text in map(codings.shown, head.repetitions(place)) if text]


def _route(rxr: Segment) -> Resource:
    fields = {"route": 1, "site": 2, "method": 4}
    return {name: codings.concept(rxr.value(place)) for name, place in fields.items()}


def _other_routes(routes: list[Segment]) -> list[str]:
    """RXR repeats where there is a choice; a Dosage has one route."""
    return [text for text in (codings.shown(rxr.value(1)) for rxr in routes[1:]) if text]


def _dose_and_rate(order: RxOrder, schedule: Schedule) -> list[Resource]:
    made = _dose(order) or ({"doseQuantity": schedule.dose} if schedule.dose else {})
    head, place = order.said("rate")
    rate = quantity(head.text(place), head.value(number(head, "rate unit")))
    made |= {"rateQuantity": rate} if rate else {}
    return [made] if made else []


def _dose(order: RxOrder) -> Resource:
    head, place = order.said("least")
    unit = head.value(number(head, "unit"))
    low, high = quantity(head.text(place), unit), quantity(head.text(number(head, "most")), unit)
    if low and high and high["value"] > low["value"]:
        return {"doseRange": {"low": low, "high": high}}
    return {"doseQuantity": low} if low else {}


def _daily(order: RxOrder) -> dict[str, Any]:
    """The total daily dose, which the HL7 v2-to-FHIR guide takes as the most in a day."""
    head, place = order.said("daily dose")
    sent = head.value(place)
    total = measured(sent.text(1), [sent.text(2, part) for part in (1, 2, 3)])
    day = {"value": 1, "unit": "day", "system": codings.UCUM, "code": "d"}
    return {"numerator": total, "denominator": day} if total else {}
