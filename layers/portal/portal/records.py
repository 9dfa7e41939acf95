"""FHIR resources of a chart, other than lab reports: a fold over what each message said.

Each message adds one row per resource, `record#<type>#<blind id>#<raw id>`, never changed. A
resource is a pure function of the *set* of its rows: every element keeps its newest word (rank,
then the event's time, then raw id), HL7's "" clears it. Any order of arrival gives the same bytes.

A row counts only while one of the identifiers its message named belongs to the patient, so undoing
a merge undoes what the merged record brought (`about`).
"""

import hashlib
from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from portal import chart, fhir, fhir_subjects, keys
from portal.conversion import REQUIRED
from portal.entries import Entry, nested
from portal.fhir import Resource
from portal.model import Frozen
from portal.patients import normal
from portal.people import Identifier


class Version(Frozen):
    """One message's word on one resource. `elements` is JSON, as `fhir.dumps` writes it."""

    resource_type: str
    entry_id: str
    raw_id: str
    at: str
    rank: int
    elements: str
    cleared: tuple[str, ...]
    sources: dict[str, str]
    about: tuple[tuple[str, str], ...]
    is_whole: bool = False
    is_deleted: bool = False

    @property
    def order(self) -> tuple[int, str, str]:
        return (self.rank, self.at, self.raw_id)


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
    sk = f"{prefix(version.resource_type, version.entry_id)}{version.raw_id}"
    chart.keep(patient_id, sk, version.model_dump(mode="json"))


def prefix(resource_type: str, entry_id: str = "") -> str:
    blind = f"{keys.blind('record', entry_id)[:32]}#" if entry_id else ""
    return f"record#{resource_type}#{blind}"


def versions(patient_id: str, resource_type: str, entry_id: str = "") -> list[Version]:
    rows = chart.starting_with(patient_id, prefix(resource_type, entry_id))
    return [Version.model_validate(row) for row in rows]


def everything(patient_id: str) -> list[Version]:
    return [Version.model_validate(row) for row in chart.starting_with(patient_id, "record#")]


def elements_of(version: Version) -> dict[str, Any]:
    found: dict[str, Any] = fhir.loads(version.elements)
    return found


def moved_prefix(visit: str = "") -> str:
    return f"moved#{keys.blind('visit', visit)[:32]}#" if visit else "moved#"


def moved_away(patient_id: str) -> set[str]:
    """Visits that are another patient's by now: of several words on one, the newest counts."""
    facts = chart.starting_with(patient_id, moved_prefix())
    newest = {fact["visit"]: fact for fact in sorted(facts, key=itemgetter("at", "raw_id"))}
    return {visit for visit, fact in newest.items() if fact["to"] != patient_id}


def visit_of(resource_type: str, entry_id: str, elements: dict[str, Any]) -> str:
    """The id of the Encounter it is, or happened at; "" when it names none."""
    if resource_type == "Encounter":
        return entry_id
    context = elements.get("context", {})
    encounters = context.get("encounter", ()) if isinstance(context, dict) else ()
    named = [elements.get("encounter", {}), context, *encounters]
    found = (each.get("reference", "") for each in named if isinstance(each, dict))
    return next((each.removeprefix("Encounter/") for each in found if "Encounter/" in each), "")


def resources(
    patient_id: str, resource_type: str, mine: frozenset[tuple[str, str]]
) -> list[Resource]:
    """In the order of their ids. `mine`: the identifiers that are the patient's now."""
    found: dict[str, list[Version]] = {}
    gone = moved_away(patient_id)
    for version in versions(patient_id, resource_type):
        visit = visit_of(resource_type, version.entry_id, elements_of(version)) if gone else ""
        if counts(version.about, mine) and visit not in gone:
            found.setdefault(version.entry_id, []).append(version)
    there = [found[name] for name in sorted(found) if not newest(found[name]).is_deleted]
    return [with_subject(folded(each), patient_id) for each in there]


def newest(versions: Iterable[Version]) -> Version:
    return max(versions, key=lambda version: version.order)


def counts(about: Iterable[tuple[str, str]], mine: frozenset[tuple[str, str]]) -> bool:
    """Rows of before this rule name nobody, and count."""
    named = set(map(normal, about))
    return not named or bool(named & mine)


def folded(versions: Iterable[Version]) -> Resource:
    """`versions` holds at least one, all of one resource."""
    ordered = sorted(versions, key=lambda version: version.order)
    elements: dict[str, Any] = {}
    for version in ordered:
        if version.is_whole:
            elements = {}
        elements |= fhir.loads(version.elements)
        for name in version.cleared:
            elements.pop(name, None)
    last = ordered[-1]
    made = completed(last.resource_type, last.entry_id, elements)
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
