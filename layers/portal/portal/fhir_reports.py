"""DiagnosticReports of a push as lab reports, in the shape that cards are folded from.

The Observations of a report may come in the same push or have come earlier; an Observation that
comes alone speaks for the reports of the chart that have it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from portal import fhir_diagnostics, fhir_observations
from portal.entries import Entry
from portal.fhir import Resource
from portal.fhir_charts import Chart
from portal.fhir_sources import Sources
from portal.lab_reports import LabReport
from portal.moments import parsed
from portal.people import PatientClaim


def reports(
    entries: Sequence[Entry], places: Mapping[str, str], claim: PatientClaim, chart: Chart
) -> Iterator[LabReport]:
    """`places`: entry id -> where in the push."""
    there = [each.resource for each in entries if not each.is_deleted]
    pushed = {f"{each['resourceType']}/{each['id']}": each for each in there}
    sources, subject = Sources(pushed, places, chart), _subject(claim)
    named = set[str]()
    for report in (each for each in there if each["resourceType"] == "DiagnosticReport"):
        found = list(_observations(report, sources))
        named |= {str(each["id"]) for each in found}
        yield _lab_report(report, found, sources, subject)
    alone = {f"Observation/{each['id']}": each for each in there if _is_alone(each, named)}
    for report in chart.resources("DiagnosticReport") if alone else ():
        updated = [alone[said] for said in _results(report) if said in alone]
        if updated and f"DiagnosticReport/{report['id']}" not in pushed:
            yield _lab_report(report, updated, sources, subject)


def _is_alone(resource: Resource, named: set[str]) -> bool:
    return resource["resourceType"] == "Observation" and resource["id"] not in named


def _subject(claim: PatientClaim) -> Resource:
    first = next(iter(claim.identifiers), None)
    if first is None:
        return {"type": "Patient"}
    assigner = {"assigner": {"display": first.authority}} if first.authority else {}
    return {"type": "Patient", "identifier": {"value": first.value} | assigner}


def _results(resource: Resource) -> list[str]:
    parts = (*resource.get("result", ()), *resource.get("hasMember", ()))
    return [each.get("reference", "") for each in parts]


def _observations(report: Resource, sources: Sources) -> Iterator[Resource]:
    """With the members of panels, each once, in the order of the report."""
    waiting, seen = _results(report), set[str]()
    while waiting:
        said = waiting.pop(0)
        found = None if said in seen else sources.find({"reference": said})
        seen.add(said)
        if found and found["resourceType"] == "Observation":
            yield found
            waiting = [*_results(found), *waiting]


def _lab_report(
    report: Resource, found: list[Resource], sources: Sources, subject: Resource
) -> LabReport:
    """Its id is its number: a code may be corrected, and it is still the same report."""
    readings = fhir_observations.readings(found, report, sources)
    request = fhir_diagnostics.request(report, sources)
    whole = fhir_diagnostics.report(report, readings, request, sources)
    resources = [whole, *([request] if request else []), *readings]
    about = [fhir_observations.filled(each) | {"subject": subject} for each in resources]
    return LabReport(str(report["id"]), "", _signed_off_at(report, found), about)


def _signed_off_at(report: Resource, found: list[Resource]) -> datetime | None:
    times = [parsed(each.get("issued", "")) for each in (report, *found)]
    return next(filter(None, times), None) or parsed(report.get("effectiveDateTime", ""))
