"""Whether what a message became is FHIR R4.

Our own shapes (`portal.fhir_shapes`) are checked always; the models of fhir.resources, which take
most of the time of a release, on a fixed sample (decision 0009). The tests check everything.
"""

from portal import fhir, records
from portal.conversion import Converted
from portal.fhir import Resource

SAMPLED = "0"  # first hex digit of the raw id: one message in sixteen


def check(raw_id: str, converted: Converted) -> None:
    """Raises Unusable."""
    for resource in resources(converted):
        fhir.validate(resource)
        if raw_id.startswith(SAMPLED):
            fhir.validate_with_models(resource)


def resources(converted: Converted) -> list[Resource]:
    found = [resource for report in converted.reports for resource in report.resources]
    return found + [records.alone(each) for each in converted.entries if not each.is_deleted]
