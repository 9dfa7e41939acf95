"""FHIR resources of a chart, other than lab reports: a fold over what each message said.

A resource is a pure function of the *set* of its rows (`portal.record_versions`): every element
keeps its newest word (rank, then the event's time, then raw id), HL7's "" clears it. Any order of
arrival gives the same bytes.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from portal import chart, fhir, fhir_subjects, record_versions
from portal.conversion import REQUIRED
from portal.entries import Entry
from portal.fhir import Resource, nested
from portal.people import Identifier
from portal.record_versions import Version


def keep(patient_id: str, raw_id: str, about: Iterable[Identifier], entry: Entry) -> None:
    version = Version(
        resource_type=entry.resource_type,
        entry_id=entry.entry_id,
        raw_id=raw_id,
        at=entry.at,
        rank=entry.rank,
        elements=fhir.dumps(entry.elements),
        cleared=entry.cleared,
        sources=entry.sources,
        about=tuple((each.authority, each.value) for each in about),
        is_whole=entry.is_whole,
        is_deleted=entry.is_deleted,
    )
    save(patient_id, version)


def save(patient_id: str, version: Version) -> None:
    sk = f"{record_versions.prefix(version.resource_type, version.entry_id)}{version.raw_id}"
    chart.keep(patient_id, sk, version.model_dump(mode="json"))


def resources(
    patient_id: str, resource_type: str, mine: frozenset[tuple[str, str]]
) -> list[Resource]:
    """In the order of their ids. `mine`: the identifiers that are the patient's now."""
    found = record_versions.standing(patient_id, resource_type, mine)
    return [with_subject(folded(each), patient_id) for each in found.values()]


def folded(versions: Iterable[Version]) -> Resource:
    """`versions` holds at least one, all of one resource."""
    ordered = record_versions.in_order(versions)
    last = ordered[-1]
    made = completed(last.resource_type, last.entry_id, record_versions.elements(ordered))
    return made | {"meta": made.get("meta", {}) | _meta(ordered)}


def completed(resource_type: str, entry_id: str, elements: dict[str, Any]) -> Resource:
    """With FHIR's honest word ("unknown") for what it requires and no message said."""
    known = {name.partition(".")[0] for name in elements}
    missing = {
        name: part for name, part in REQUIRED.get(resource_type, {}).items() if name not in known
    }
    made = {"resourceType": resource_type, "id": entry_id}
    return made | nested(elements | missing)


def with_subject(resource: Resource, patient_id: str) -> Resource:
    reference = {"reference": f"Patient/{patient_id}"}
    kind = resource["resourceType"]
    match kind:
        case "Patient":
            return resource | {"id": patient_id}
        case "Appointment":
            own = {"actor": reference, "status": "accepted"}
            return resource | {"participant": [own, *resource.get("participant", ())]}
        case _:
            element = fhir_subjects.ELEMENTS.get(kind, "subject")
            named = [reference] if kind in fhir_subjects.LISTS else reference
            return resource | ({element: named} if element else {})


def _meta(ordered: list[Version]) -> Resource:
    """A version for each set of messages: FHIR's ETag. It tells nothing of their number."""
    names = "\n".join(version.raw_id for version in ordered)
    version_id = hashlib.sha256(names.encode()).hexdigest()[:16]
    updated = {"lastUpdated": ordered[-1].at} if ordered[-1].at else {}
    return {"versionId": version_id} | updated


def alone(entry: Entry) -> Resource:
    """As this message alone would have it. The patient is not known yet: any id will do."""
    made = completed(entry.resource_type, entry.entry_id, entry.elements)
    return with_subject(made, "unmatched")
