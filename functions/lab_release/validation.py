"""Whether what a message became is FHIR R4.

Our own shapes (`portal.fhir_shapes`) are checked always; the models of fhir.resources, which take
most of the time of a release, on a fixed sample (decision 0009). The tests check everything.
"""

from portal import fhir, records
from portal.conversion import Converted
from portal.fhir import Resource

SAMPLED = "0"  # first hex digit of the raw id: one message in sixteen
MOST = 20  # resources of it: a message of hundreds must not hold up the others


def check(raw_id: str, converted: Converted) -> None:
    """Raises Unusable."""
    found = resources(converted)
    for resource in found:
        fhir.validate(resource)
    if raw_id.startswith(SAMPLED):
        for resource in found[:MOST]:
            fhir.validate_with_models(resource)


def resources(converted: Converted) -> list[Resource]:
    found = [resource for report in converted.reports for resource in report.resources]
    return found + [records.alone(each) for each in converted.entries if not each.is_deleted]
