"""Law 6 for FHIR: reading the raw body again gives the same resources, byte for byte."""

from portal import fhir, fhir_bundles, tracing
from portal.fhir import Resource


def traced(resources: str, body: bytes, raw_id: str) -> bool:
    """Whether every value of one version of a report is still exactly what this message says.
    `resources` as `fhir.dumps` wrote them. Results that came with earlier messages have the source
    "Observation/...": they are read from the chart's sealed rows, which may have gone on since."""
    stored: list[Resource] = fhir.loads(resources)
    converted = fhir_bundles.convert(body, raw_id)
    again = {report.filler_order_number: report.resources for report in converted.reports}
    found = again.get(str(stored[0]["id"]))
    return found is not None and _readings(stored) == _readings(found)


def _readings(resources: list[Resource]) -> list[str]:
    observations = (each for each in resources if each["resourceType"] == "Observation")
    return [fhir.dumps(each) for each in observations if _is_of_this(each)]


def _is_of_this(observation: Resource) -> bool:
    return not tracing.as_sent(observation).source.startswith("Observation/")
