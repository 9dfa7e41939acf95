"""All versions of a report folded into its card: a pure function of the set of versions."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from portal import report_kinds, sensitivity, statements, tracing
from portal.cards import Card, CardStatus, Document, of_another_patient
from portal.fhir import Resource
from portal.readings import loinc_of, reading
from portal.reports import Version
from portal.sensitivity import Segment
from portal.statements import TAKEN_BACK, Said, Told

CORRECTED = frozenset("ABC")
NOT_DONE = frozenset("XN")
STATUS = {
    "partial": CardStatus.PRELIMINARY,
    "amended": CardStatus.CORRECTED,
    "appended": CardStatus.CORRECTED,
}

type Histories = dict[str, list[Said]]


def fold(versions: Iterable[Version]) -> Card:
    """`versions` holds at least one."""
    once = {version.raw_id: version for version in versions}
    by_age = sorted(map(statements.told, once.values()), key=lambda told: told.order)
    histories = _after_cancelling(statements.histories(by_age), by_age[-1])
    kept = {key: said for key, said in histories.items() if said[-1].status not in TAKEN_BACK}
    gone = [said[-1] for key, said in histories.items() if key not in kept]
    card = _card(by_age, kept, gone)
    if not kept and any(said.status == "W" for said in gone):
        return of_another_patient(card)
    return card.model_copy(update={"segments": _segments(by_age, histories)})


def _segments(by_age: list[Told], histories: Histories) -> tuple[Segment, ...]:
    """Of all versions: cards show earlier values. Not of what proved to be another patient's."""
    ours = (history for history in histories.values() if history[-1].status != "W")
    said = [said.resource for history in ours for said in history]
    frames = [_frame(each) for told in by_age for each in told.resources]
    return sensitivity.ordered(sensitivity.of_resources([*frames, *said]))


def _frame(resource: Resource) -> Resource:
    """What a version says outside its results and documents."""
    if resource["resourceType"] == "Observation":
        return {}
    return {name: part for name, part in resource.items() if name != "presentedForm"}


def _after_cancelling(histories: Histories, newest: Told) -> Histories:
    """A report cancelled after results had come (OBR-25 = X) has none of them any more."""
    if newest.report["status"] != "cancelled":
        return histories
    return {key: _until(newest, history) for key, history in histories.items()}


def _until(cancelled: Told, history: list[Said]) -> list[Said]:
    last = history[-1]
    if last.told is cancelled or not last.has_result:
        return history
    return [*history[:-1], last._replace(sent=replace(last.sent, status="X"), document=None)]


def _card(by_age: list[Told], kept: Histories, gone: list[Said]) -> Card:
    told = _current(by_age) if kept else by_age[-1]
    report, newest = told.report, [said[-1] for said in kept.values()]
    shown = newest or gone
    readings = tuple(reading(said) for said in kept.values() if not said[-1].document)
    notes = _notes(told, gone) if kept or not gone else ()
    laboratory = next(filter(None, (_laboratory(said.resource) for said in shown)), {})
    status = CardStatus.WITHDRAWN if gone and not kept else _status(report, newest)
    sample: Resource = next(iter(report.get("specimen", ())), {})
    request = next((r for r in told.resources if r["resourceType"] == "ServiceRequest"), {})
    return Card(
        report_id=told.version.report_id,
        kind=report_kinds.kind(report, [said.resource for said in shown]),
        panel_code=loinc_of(report),
        specimen=sample.get("display", ""),
        specimen_condition=_condition(report),
        lab_title=_title(report),
        status=status,
        sender=told.version.sender,
        ordered_by=request.get("requester", {}).get("display", ""),
        performing_lab=laboratory.get("name", "") or _performer(report),
        performing_lab_address=_address(laboratory),
        collected_at=report.get("effectiveDateTime", ""),
        resulted_at=told.version.signed_off_at,
        readings=readings,
        documents=_documents(kept),
        notes=notes,
        reasons=_reasons(notes, by_age) if status is CardStatus.CORRECTED else (),
        taken_back=tuple(map(_name, gone)) if kept else (),
        sources=tuple(sorted(told.version.raw_id for told in by_age)),
    )


def _current(by_age: list[Told]) -> Told:
    """A version that only takes back some results does not speak for the others."""
    standing = [told for told in by_age if told.report["status"] != "entered-in-error"]
    return (standing or by_age)[-1]


def _status(report: Resource, newest: list[Said]) -> CardStatus:
    if newest and all(said.status in NOT_DONE for said in newest):
        return CardStatus.CANCELLED
    status = STATUS.get(report["status"]) or CardStatus(report["status"])
    corrected = any(said.status in CORRECTED for said in newest)
    return CardStatus.CORRECTED if corrected and status is CardStatus.FINAL else status


def _documents(kept: Histories) -> tuple[Document, ...]:
    """The newest of each, then those that it replaced."""
    found = [history for history in kept.values() if history[-1].document]
    newest = {said.document_id: said for history in found if (said := history[-1].document)}
    older = [said.document for history in found for said in history[:-1] if said.document]
    replaced = {each.document_id: each for each in older if each.document_id not in newest}
    marked = (each.model_copy(update={"is_replaced": True}) for each in replaced.values())
    return (*newest.values(), *marked)


def _notes(told: Told, gone: list[Said]) -> tuple[str, ...]:
    """None that is older than a withdrawal: it may quote what was taken back."""
    is_since = all(told.time >= said.told.time for said in gone)
    return tuple(tracing.report_notes(told.report)) if is_since else ()


def _reasons(notes: tuple[str, ...], by_age: list[Told]) -> tuple[str, ...]:
    """The notes that the first version did not have: why the report was corrected."""
    first = tracing.report_notes(by_age[0].report)
    return tuple(note for note in notes if note not in first) if len(by_age) > 1 else ()


def _name(said: Said) -> str:
    """What another patient was tested for is not told."""
    return "" if said.status == "W" else said.sent.name or said.sent.code


def _condition(report: Resource) -> str:
    contained = report.get("contained", ())
    specimen: Resource = next((c for c in contained if c["resourceType"] == "Specimen"), {})
    return ", ".join(each.get("text", "") for each in specimen.get("condition", ()))


def _title(report: Resource) -> str:
    code = report.get("code", {})
    displays = (coding.get("display") or coding.get("code") for coding in code.get("coding", ()))
    return str(code.get("text") or next(filter(None, displays), ""))


def _performer(report: Resource) -> str:
    return next((str(p.get("display", "")) for p in report.get("performer", ())), "")


def _laboratory(observation: Resource) -> dict[str, Any]:
    contained = observation.get("contained", ())
    return next((c for c in contained if c["resourceType"] == "Organization"), {})


def _address(laboratory: dict[str, Any]) -> str:
    found: dict[str, Any] = next(iter(laboratory.get("address", ())), {})
    parts = [*found.get("line", ()), found.get("city"), found.get("state"), found.get("postalCode")]
    return ", ".join(part for part in parts if part)
