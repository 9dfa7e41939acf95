"""FHIR Observations as the readings of a report, each with its texts as sent (law 6)."""

from collections.abc import Iterator

from portal import fhir_values
from portal.fhir import Resource
from portal.fhir_sources import Sources

_MEASURED = ("referenceRange", "interpretation")


def readings(found: list[Resource], report: Resource, sources: Sources) -> list[Resource]:
    made = [reading for each in found for reading in _readings(each, report, sources)]
    there = {f"Observation/{each['id']}" for each in made}
    for each in made:
        members = [one for one in each["hasMember"] if one.get("reference") in there]
        each["hasMember"] = [{"reference": one["reference"]} for one in members]
    return [filled(each) for each in made]


def filled(resource: Resource) -> Resource:
    """Without what says nothing. 0 and false are results too."""
    return {name: part for name, part in resource.items() if part not in ("", [], {})}


def _readings(observation: Resource, report: Resource, sources: Sources) -> Iterator[Resource]:
    """Itself, unless it is but the frame of its components, and each component."""
    place, components = sources.place(observation), observation.get("component", ())
    if fhir_values.value_element(observation) or not components:
        yield _reading(observation, observation, report, place, sources)
    for number, part in enumerate(components):
        made = _reading(part, observation, report, f"{place}.component[{number}]", sources)
        yield made | {"id": f"{observation['id']}-{number}", "hasMember": []}


def _reading(
    said: Resource, observation: Resource, report: Resource, place: str, sources: Sources
) -> Resource:
    """`said` is the observation or one of its components."""
    status = observation.get("status", "unknown")
    if report.get("status") == "entered-in-error":  # a report takes back what is in it
        status = "entered-in-error"
    value = fhir_values.value_element(said)
    laboratory = _laboratory(observation, sources)
    notes = [{"text": each["text"]} for each in observation.get("note", ()) if each.get("text")]
    return {name: said[name] for name in (*_MEASURED, value) if name in said} | {
        "resourceType": "Observation",
        "meta": fhir_values.security(observation),
        "id": observation["id"],
        "code": said.get("code", observation.get("code", {})),
        "extension": [fhir_values.as_sent_extension(said, status, place)],
        "status": status,
        "category": observation.get("category", []),
        "effectiveDateTime": effective(observation),
        "issued": observation.get("issued", ""),
        "note": notes,
        "contained": [laboratory] if laboratory else [],
        "hasMember": observation.get("hasMember", []),
    }


def effective(resource: Resource) -> str:
    start = resource.get("effectivePeriod", {}).get("start", "")
    said = resource.get("effectiveDateTime", "") or resource.get("effectiveInstant", "") or start
    return str(said)


def _laboratory(observation: Resource, sources: Sources) -> Resource:
    """Who says so, with an address where there is one (42 CFR 493.1291(c)(2))."""
    for reference in observation.get("performer", ()):
        found = sources.find(reference)
        is_organization = bool(found) and (found or {}).get("resourceType") == "Organization"
        name = sources.display(reference, observation)
        if name and (is_organization or reference.get("type") == "Organization"):
            address = [
                {key: part for key, part in each.items() if key in _ADDRESS}
                for each in (found or {}).get("address", ())[:1]
            ]
            made = {"resourceType": "Organization", "id": "lab", "name": name}
            return made | ({"address": address} if address else {})
    return {}


_ADDRESS = frozenset({"line", "city", "state", "postalCode", "country"})
