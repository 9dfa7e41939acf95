"""What was ordered, by whom, why and under which numbers (ORC, OBR, DG1): FHIR ServiceRequest."""

from portal import codings, diagnoses, people
from portal.fhir import Resource
from portal.hl7_segments import Segment
from portal.nested_orders import nested
from portal.observations import named
from portal.orders import Order

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v2-0177"
_IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
_STATUS = {"final": "completed", "corrected": "completed", "cancelled": "revoked"}


def service_request(order: Order, status: str) -> Resource:
    obr, orc = order.obr, order.orc
    reasons = _reasons(order)
    if not (orc or obr.raw(2) or obr.raw(16) or reasons):
        return {}
    ordered_by = obr.value(16) if obr.raw(16) else orc.value(12)
    doctor = people.contained_practitioner(ordered_by, "requester")
    requester = {"reference": "#requester", "display": people.display(doctor)} if doctor else {}
    background = obr.whole(13).strip()
    return {
        "resourceType": "ServiceRequest",
        "contained": [doctor] if doctor else [],
        "identifier": identifiers(order),
        "status": _STATUS.get(status, "active"),
        "intent": "order",
        "code": named(obr, 4),
        "requester": requester,
        "reasonCode": reasons,
        "meta": _meta(orc),
        "note": [{"text": background}] if background else [],
    }


def _reasons(order: Order) -> list[Resource]:
    """OBR-31 and DG1. They are not shown; what they say of the order labels its results."""
    found = [codings.concept(each) for each in order.obr.repetitions(31)]
    return [each for each in (*found, *map(diagnoses.code_of, order.diagnoses)) if each]


def _meta(orc: Segment) -> Resource:
    """ORC-28 (table 0177): how confidential the order is."""
    code = codings.code(orc.text(28))
    return {"security": [{"system": CONFIDENTIALITY, "code": code}]} if code else {}


def filler_order_number(order: Order, sent: str) -> str:
    """OBR-3, ORC-3, then the placer's. Without any, the test and a time of its own stand in.

    `sent` (MSH-7) comes last: two visits without numbers must never look like one report.
    """
    obr, orc = order.obr, order.orc
    numbers = (segment.text(n).strip() for n in (3, 2) for segment in (obr, orc))
    results = (result.first.text(14).strip() for result in order.results)
    times = filter(None, (obr.text(7).strip(), *results, obr.text(22).strip(), sent))
    return next(filter(None, numbers), "") or f"{code(obr)}@{next(times, '')}"


def merged(found: list[Order], sent: str) -> list[Order]:
    """One order for each number and test: a second OBR of both adds to the first. Those whose
    parent is in the message too are nested in it."""
    orders: dict[tuple[str, str], Order] = {}
    for order in found:
        first = orders.setdefault((filler_order_number(order, sent), code(order.obr)), order)
        if first is not order:
            first.results += order.results
            first.notes += order.notes
    return nested(list(orders.values()))


def code(obr: Segment) -> str:
    return next(filter(None, (codings.code(obr.text(4, n)) for n in (1, 2, 4, 5))), "")


def identifiers(order: Order) -> list[Resource]:
    found = []
    for kind, field in (("PLAC", 2), ("FILL", 3)):
        value = order.obr.text(field).strip() or order.orc.text(field).strip()
        coding = {"system": _IDENTIFIER_TYPES, "code": kind}
        found += [{"type": {"coding": [coding]}, "value": value}] if value else []
    return found
