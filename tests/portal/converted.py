"""What a message becomes, every resource checked."""

from tests.lab_results import LabResults, lab_results

from portal import fhir, hl7
from portal.fhir import Resource


def results_of(raw: bytes) -> LabResults:
    found = lab_results(hl7.read(raw), "America/New_York")
    for report in found.reports:
        for resource in report.resources:
            fhir.validate(resource)
    return found


def observations_of(raw: bytes) -> list[Resource]:
    resources = [one for report in results_of(raw).reports for one in report.resources]
    return [one for one in resources if one["resourceType"] == "Observation"]


def report_of(raw: bytes) -> Resource:
    return results_of(raw).reports[0].resources[0]
