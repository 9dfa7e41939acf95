"""All versions of a report folded into its card: a pure function of the set of versions.

A reading's newest word wins: by status (P < F < C < D, X < W), then time (OBX-19, OBR-22, MSH-7),
then raw id. Any order of arrival, and any repetition, gives the same card.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from portal import tracing
from portal.cards import Card, CardStatus, Reading
from portal.fhir import Resource
from portal.moments import parsed
from portal.reports import Version
from portal.tracing import AsSent

RANKS = {"P": 1, "R": 1, "S": 1, "F": 2, "U": 2, "V": 2, "A": 3, "B": 3, "C": 3}
RANKS |= {"D": 4, "X": 4, "N": 4, "W": 5}  # HL7 table 0085; what is not here has no result yet
WITHDRAWN = frozenset("DW")
CORRECTED = frozenset("ABC")
LOINC = "http://loinc.org"

type Order = tuple[int, float, float, str]

REPORT_RANKS = {
    "registered": 0,
    "unknown": 1,
    "preliminary": 1,
    "partial": 1,
    "final": 2,
    "amended": 3,
    "corrected": 3,
    "appended": 3,
    "cancelled": 4,
    "entered-in-error": 5,
}
STATUS = {
    "partial": CardStatus.PRELIMINARY,
    "amended": CardStatus.CORRECTED,
    "appended": CardStatus.CORRECTED,
}


class Said(NamedTuple):
    """One observation of one version."""

    order: Order
    version: Version
    observation: Resource
    sent: AsSent


def fold(versions: Iterable[Version]) -> Card:
    """`versions` holds at least one."""
    by_age = sorted(versions, key=_report_order)
    said = _newest(by_age)
    readings = tuple(_reading(key, one) for key, one in said if _is_shown(one))
    newest = by_age[-1]
    report = _report(newest)
    request = next((r for r in newest.parsed() if r["resourceType"] == "ServiceRequest"), {})
    laboratory = next(filter(None, (_laboratory(one.observation) for _, one in said)), {})
    documents = {found.document_id: found for one in by_age for found in one.documents}
    return Card(
        report_id=newest.report_id,
        panel_code=_loinc(report),
        specimen=next((s.get("display", "") for s in report.get("specimen", ())), ""),
        lab_title=_title(report),
        status=_status(report, readings, said),
        sender=newest.sender,
        ordered_by=request.get("requester", {}).get("display", ""),
        performing_lab=laboratory.get("name", "") or _performer(report),
        performing_lab_address=_address(laboratory),
        collected_at=report.get("effectiveDateTime", ""),
        resulted_at=newest.signed_off_at,
        readings=readings,
        documents=tuple(documents.values()),
        notes=tuple(tracing.report_notes(report)),
        sources=tuple(sorted(version.raw_id for version in by_age)),
    )


def _report(version: Version) -> Resource:
    return next(r for r in version.parsed() if r["resourceType"] == "DiagnosticReport")


def _report_order(version: Version) -> Order:
    rank = REPORT_RANKS.get(_report(version)["status"], 1)
    return (rank, _seconds(version.signed_off_at), _seconds(version.sent_at), version.raw_id)


def _newest(versions: list[Version]) -> list[tuple[str, Said]]:
    """In the order of the newest version's OBX; what only older ones hold comes after."""
    found: dict[str, Said] = {}
    for version in reversed(versions):
        for key, said in _said(version):
            if key not in found or said.order > found[key].order:
                found[key] = said
    return list(found.items())


def _said(version: Version) -> Iterator[tuple[str, Said]]:
    counts: dict[str, int] = {}
    for observation in version.parsed():
        if observation["resourceType"] != "Observation":
            continue
        sent = tracing.as_sent(observation)
        test = f"{sent.code or sent.name}#{sent.sub_id}"
        counts[test] = counts.get(test, 0) + 1
        moment = _seconds(observation.get("issued", "")) or _seconds(version.signed_off_at)
        order = (_rank(sent, observation), moment, _seconds(version.sent_at), version.raw_id)
        yield f"{test}#{counts[test]}", Said(order, version, observation, sent)


def _rank(sent: AsSent, observation: Resource) -> int:
    inherited = {"preliminary": 1, "final": 2, "corrected": 3, "amended": 3}
    code = sent.status.upper()
    return RANKS.get(code, 0) if code else inherited.get(observation["status"], 0)


def _is_shown(said: Said) -> bool:
    return said.sent.status.upper() not in WITHDRAWN


def _reading(key: str, said: Said) -> Reading:
    sent = said.sent
    has_result = sent.status.upper() not in {"X", "N"}
    return Reading(
        key=key,
        loinc=_loinc(said.observation),
        lab_name=sent.name or sent.code,
        value=sent.value if has_result else "",
        unit=sent.unit,
        reference_range=sent.reference_range,
        flag=sent.flag if has_result else "",
        status=sent.status.upper() or said.observation["status"],
        observed_at=said.observation.get("effectiveDateTime", ""),
        is_narrative=(sent.value_type in {"TX", "FT"} and "\n" in sent.value.strip())
        or len(sent.value) > 120,
        notes=tuple(note["text"] for note in said.observation.get("note", ())),
        raw_id=said.version.raw_id,
        source=sent.source,
    )


def _status(
    report: Resource, readings: tuple[Reading, ...], said: list[tuple[str, Said]]
) -> CardStatus:
    if said and not readings:
        return CardStatus.WITHDRAWN
    status = STATUS.get(report["status"]) or CardStatus(report["status"])
    corrected = any(reading.status in CORRECTED for reading in readings)
    return CardStatus.CORRECTED if corrected and status is CardStatus.FINAL else status


def _loinc(resource: Resource) -> str:
    codings = resource.get("code", {}).get("coding", ())
    return next((c.get("code", "") for c in codings if c.get("system") == LOINC), "")


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


def _seconds(text: str) -> float:
    moment = parsed(text)
    return moment.timestamp() if moment else 0.0
