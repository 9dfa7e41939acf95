"""One order of an ORU (OBR and what stands under it) as FHIR R4: report, requests, observations."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from portal import (
    codings,
    cultures,
    nested_orders,
    people,
    report_kinds,
    report_specimens,
    timestamps,
)
from portal.documents import documents
from portal.fhir import Resource
from portal.hl7_segments import Segment
from portal.lab_requests import code, filler_order_number, identifiers, service_request
from portal.observations import AS_SENT, as_sent_extension, named, observation
from portal.orders import Order, Result
from portal.report_status import order_status, report_status

_NOTE = "http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note"


@dataclass(frozen=True)
class Sending:
    """What all reports of a message share: `sent` is MSH-7's text, `subject` a Reference."""

    sender: str
    facility: str
    zone: str
    sent: str
    sent_at: datetime | None
    subject: Resource


@dataclass(frozen=True)
class LabReport:
    """`code` and `filler_order_number` together tell which report this is a version of."""

    filler_order_number: str
    code: str
    signed_off_at: datetime | None
    resources: list[Resource]


def lab_report(order: Order, sending: Sending) -> LabReport:
    cultures.link_flat(order.results)
    number = filler_order_number(order, sending.sent)
    key = f"{sending.sender}\n{number}\n{code(order.obr)}"
    about: Resource = {"subject": sending.subject}
    status, signed_off_at = report_status(order), _signed_off_at(order, sending)
    attached = documents(order)
    apart = {id(result) for result, _ in attached}
    observations = list(_observations(order, key, sending, apart))
    requests = list(_requests(order, status, key))
    report = _report(order, status, sending, signed_off_at)
    report |= {"id": _id("report", key), "result": _references(_apart(observations))}
    report["basedOn"] = _references(requests)
    report["presentedForm"] = [_attachment(*found) for found in attached]
    resources = [about | made for made in (report, *requests, *observations)]
    return LabReport(number, code(order.obr), signed_off_at, list(map(_filled, resources)))


def _filled(resource: Resource) -> Resource:
    return {key: part for key, part in resource.items() if part}


def _references(resources: list[Resource]) -> list[Resource]:
    return [{"reference": f"{each['resourceType']}/{each['id']}"} for each in resources]


def _apart(observations: list[Resource]) -> list[Resource]:
    """Without those that another one has as its members."""
    members = {each["reference"] for one in observations for each in one.get("hasMember", ())}
    return [one for one in observations if f"Observation/{one['id']}" not in members]


def _signed_off_at(order: Order, sending: Sending) -> datetime | None:
    """OBR-22, else the last OBX-19, else MSH-7."""
    released = (timestamps.instant(each.obr.text(22), sending.zone) for each in order.family)
    analysed = (
        timestamps.instant(one.first.text(19), sending.zone)
        for each in order.family
        for one in each.results
    )
    latest = max(filter(None, released), default=None)
    return latest or max(filter(None, analysed), default=sending.sent_at)


def _observations(order: Order, key: str, sending: Sending, apart: set[int]) -> Iterator[Resource]:
    """A germ's susceptibilities are its members, as in FHIR's own example of a culture."""
    category = "imaging" if report_kinds.is_imaging(order) else "laboratory"
    made: dict[int, Resource] = {}
    parents: dict[int, Result] = {}
    for each in order.family:
        status, counts = order_status(each), dict[str, int]()
        sample = report_specimens.called(each) or report_specimens.called(order)
        for result in each.results:
            if id(result) not in apart:
                found = observation(result, status, sending.zone, category)
                found["id"] = _id("result", f"{key}\n{_place(each, order, result, counts)}")
                found["specimen"] = sample
                _name_order(found, each, order)
                made[id(result)] = found
                if result.parent:
                    parents[id(result)] = result.parent
    for child, parent in parents.items():
        if germ := made.get(id(parent)):
            germ.setdefault("hasMember", []).extend(_references([made[child]]))
    yield from made.values()


def _place(each: Order, root: Order, result: Result, counts: dict[str, int]) -> str:
    """OBX-3, OBX-4 and a count; below a child order, that order too."""
    test = f"{result.first.raw(3)}\n{result.first.raw(4)}"
    counts[test] = counts.get(test, 0) + 1
    nested = "" if each is root else f"{nested_orders.group(each)}\n"
    return f"{nested}{test}\n{counts[test]}"


def _name_order(found: Resource, each: Order, root: Order) -> None:
    """The child order a result came with, beside what the lab sent of the result itself."""
    if each is root:
        return
    sent = {"nested": nested_orders.group(each), "OBR-4": codings.local_name(each.obr.value(4))}
    parts = [{"url": url, "valueString": text} for url, text in sent.items() if text.strip()]
    extension = next(e for e in found["extension"] if e["url"] == AS_SENT)
    extension["extension"] = [*extension["extension"], *parts]


def _requests(order: Order, status: str, key: str) -> Iterator[Resource]:
    for each in order.family:
        is_root = each is order
        request = service_request(each, status if is_root else order_status(each))
        nested = "" if is_root else f"\n{nested_orders.group(each)}"
        if request:
            yield request | {"id": _id("request", f"{key}{nested}")}


def _report(
    order: Order, status: str, sending: Sending, signed_off_at: datetime | None
) -> Resource:
    obr, zone = order.obr, sending.zone
    results = [result for each in order.family for result in each.results]
    laboratory = next(filter(None, map(_laboratory, results)), sending.facility)
    notes = [note for each in order.family for note in each.notes]
    specimen = report_specimens.specimen(order, zone)
    sample = {"reference": "#specimen"} | report_specimens.called(order)
    at = signed_off_at.isoformat() if signed_off_at else None
    return {
        "resourceType": "DiagnosticReport",
        "contained": [specimen] if specimen else [],
        "extension": [{"url": _NOTE, "valueAnnotation": {"text": "\n".join(notes)}}]
        if notes
        else [],
        "identifier": identifiers(order),
        "status": status,
        "category": report_kinds.category(obr),
        "code": named(obr, 4),
        "effectiveDateTime": timestamps.fhir_datetime(obr.text(7), zone),
        "issued": timestamps.fhir_instant(obr.text(22), zone) or at,
        "performer": [{"display": laboratory}] if laboratory else [],
        "resultsInterpreter": _people(obr, 32),
        "specimen": [sample] if specimen else [],
    }


def _attachment(result: Result, attachment: Resource) -> Resource:
    """With the OBX it came from: when that is withdrawn, so is the document."""
    return {"extension": [as_sent_extension(result.lines)]} | attachment


def _laboratory(result: Result) -> str:
    return str(people.contained_laboratory(result.first).get("name", ""))


def _people(segment: Segment, field: int) -> list[Resource]:
    found = filter(None, map(people.practitioner, segment.repetitions(field)))
    return [{"display": people.display(person)} for person in found]


def _id(kind: str, key: str) -> str:
    """The same for every version of the same report, whatever message brings it."""
    return f"{kind}-{hashlib.sha256(key.encode()).hexdigest()[:32]}"
