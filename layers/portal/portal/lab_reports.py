"""One order of an ORU (OBR and what stands under it) as FHIR R4: report, request, observations."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from portal import codings, people, timestamps
from portal.documents import document, documents
from portal.fhir import Resource
from portal.hl7_segments import Segment
from portal.lab_requests import code, filler_order_number, identifiers, service_request
from portal.observations import STATUS as RESULT_STATUS
from portal.observations import named, observation
from portal.orders import Order, Result

# HL7 table 0123 to FHIR DiagnosticReportStatus.
_STATUS = {
    "A": "partial",
    "C": "corrected",
    "F": "final",
    "I": "registered",
    "M": "preliminary",
    "N": "registered",
    "O": "registered",
    "P": "preliminary",
    "R": "preliminary",
    "S": "registered",
    "X": "cancelled",
}
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
    number = filler_order_number(order, sending.sent)
    key = f"{sending.sender}\n{number}\n{code(order.obr)}"
    about: Resource = {"subject": sending.subject}
    status = report_status(order)
    observations = [about | found for found in _observations(order, status, key, sending)]
    request = service_request(order, status)
    report = about | _report(order, status, sending)
    report["id"] = _id("report", key)
    report["result"] = [{"reference": f"Observation/{found['id']}"} for found in observations]
    if request:
        request |= about | {"id": _id("request", key)}
        report["basedOn"] = [{"reference": f"ServiceRequest/{request['id']}"}]
    resources = [report, *([request] if request else []), *observations]
    return LabReport(
        number,
        code(order.obr),
        _signed_off_at(order, sending),
        [{key: part for key, part in resource.items() if part} for resource in resources],
    )


def report_status(order: Order) -> str:
    """OBR-25; when it is empty, what all the results agree on. Withdrawn when all of them are."""
    said = order.obr.text(25).strip().upper()
    codes = {result.first.text(11).strip().upper() for result in order.results}
    found = {RESULT_STATUS.get(one, "unknown") for one in codes}
    if found == {"entered-in-error"}:
        return "entered-in-error"
    if said:
        return _STATUS.get(said, "unknown")
    return found.pop() if len(found) == 1 else "partial" if "final" in found else "unknown"


def _signed_off_at(order: Order, sending: Sending) -> datetime | None:
    released = timestamps.instant(order.obr.text(22), sending.zone)
    analysed = [timestamps.instant(one.first.text(19), sending.zone) for one in order.results]
    return released or max(filter(None, analysed), default=sending.sent_at)


def _observations(order: Order, status: str, key: str, sending: Sending) -> list[Resource]:
    found, seen = [], dict[str, int]()
    for result in order.results:
        if document(result):
            continue
        made = observation(result, status, sending.zone)
        test = f"{result.first.raw(3)}\n{result.first.raw(4)}"
        seen[test] = seen.get(test, 0) + 1
        made["id"] = _id("result", f"{key}\n{test}\n{seen[test]}")
        made["specimen"] = _specimen(order)
        found.append(made)
    return found


def _report(order: Order, status: str, sending: Sending) -> Resource:
    obr, zone = order.obr, sending.zone
    laboratory = next(filter(None, map(_laboratory, order.results)), sending.facility)
    return {
        "resourceType": "DiagnosticReport",
        "extension": [{"url": _NOTE, "valueAnnotation": {"text": "\n".join(order.notes)}}]
        if order.notes
        else [],
        "identifier": identifiers(order),
        "status": status,
        "category": [{"coding": [{"system": codings.CATEGORY, "code": "LAB"}]}],
        "code": named(obr, 4),
        "effectiveDateTime": timestamps.fhir_datetime(obr.text(7), zone),
        "issued": timestamps.fhir_instant(obr.text(22), zone),
        "performer": [{"display": laboratory}] if laboratory else [],
        "resultsInterpreter": _people(obr, 32),
        "specimen": [specimen] if (specimen := _specimen(order)) else [],
        "presentedForm": documents(order),
    }


def _laboratory(result: Result) -> str:
    return str(people.contained_laboratory(result.first).get("name", ""))


def _people(segment: Segment, field: int) -> list[Resource]:
    found = filter(None, map(people.practitioner, segment.repetitions(field)))
    return [{"display": people.display(person)} for person in found]


def _specimen(order: Order) -> Resource:
    """SPM-4; before version 2.5, OBR-15."""
    source = order.obr.value(15)
    older = source.text(1, 2).strip() or source.text(1, 1).strip() or source.text(2).strip()
    text = codings.shown(order.specimen.value(4)) or older
    return {"display": text} if text else {}


def _id(kind: str, key: str) -> str:
    """The same for every version of the same report, whatever message brings it."""
    return f"{kind}-{hashlib.sha256(key.encode()).hexdigest()[:32]}"
