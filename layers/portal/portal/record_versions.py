"""What each message said of a resource of a chart that is no lab report: rows that never change.

record#<type>#<blind id>#<raw id>   its words (`portal.records` folds them into the resource)
moved#<blind>#<raw id>              a visit that turned out to be another patient's

A row counts only while one of the identifiers its message named belongs to the patient, so undoing
a merge undoes what the merged record brought (`about`). This module imports no converter: pages
read with it.
"""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from portal import chart, fhir, keys
from portal.model import Frozen
from portal.patients import normal


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


def standing(
    patient_id: str, resource_type: str, mine: frozenset[tuple[str, str]]
) -> dict[str, list[Version]]:
    """By the resource's id, in the order of the ids, those that count; without what was deleted.
    `mine`: the identifiers that are the patient's now."""
    found: dict[str, list[Version]] = {}
    gone = moved_away(patient_id)
    for version in versions(patient_id, resource_type):
        visit = visit_of(resource_type, version.entry_id, elements_of(version)) if gone else ""
        if counts(version.about, mine) and visit not in gone:
            found.setdefault(version.entry_id, []).append(version)
    return {name: found[name] for name in sorted(found) if not newest(found[name]).is_deleted}


def newest(versions: Iterable[Version]) -> Version:
    return max(versions, key=lambda version: version.order)


def counts(about: Iterable[tuple[str, str]], mine: frozenset[tuple[str, str]]) -> bool:
    """Rows of before this rule name nobody, and count."""
    named = set(map(normal, about))
    return not named or bool(named & mine)


def in_order(versions: Iterable[Version]) -> list[Version]:
    return sorted(versions, key=lambda version: version.order)


def elements(ordered: Iterable[Version]) -> dict[str, Any]:
    """What they say together; dotted names as converters write them."""
    found: dict[str, Any] = {}
    for version in ordered:
        if version.is_whole:
            found = {}
        found |= elements_of(version)
        for name in version.cleared:
            found.pop(name, None)
    return found
