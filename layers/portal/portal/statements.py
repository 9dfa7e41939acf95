"""What each version of a report says of each of its results and documents.

A statement's newest word wins: by status (P < F < C < D < X < W), then time (OBX-19, OBR-22,
MSH-7), then raw id. Any order of arrival, and any repetition, gives the same order.
"""

from collections.abc import Iterator
from typing import NamedTuple

from portal import tracing
from portal.cards import Document
from portal.fhir import Resource
from portal.moments import parsed
from portal.reports import Version
from portal.tracing import AsSent

RANKS = {"P": 1, "R": 1, "S": 1, "F": 2, "U": 2, "V": 2, "A": 3, "B": 3, "C": 3}
RANKS |= {"D": 4, "X": 5, "N": 5, "W": 6}  # HL7 table 0085; what is not here has no result yet
TAKEN_BACK = frozenset("DW")
WITHOUT_RESULT = frozenset("DWXN")
DOCUMENT = "document:"

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
_INHERITED = {"preliminary": 1, "final": 2, "corrected": 3, "amended": 3}


class Told(NamedTuple):
    """One version, its resources read once."""

    order: Order
    version: Version
    report: Resource
    resources: list[Resource]

    @property
    def time(self) -> tuple[float, float]:
        return self.order[1:3]


class Said(NamedTuple):
    """One version's word on one result or document. `key` is the same in every version."""

    order: Order
    key: str
    parent: str  # key of the germ it is about
    told: Told
    resource: Resource
    sent: AsSent
    document: Document | None = None

    @property
    def status(self) -> str:
        return self.sent.status.upper()

    @property
    def has_result(self) -> bool:
        return self.status not in WITHOUT_RESULT

    @property
    def reported_at(self) -> str:
        return str(self.resource.get("issued", "")) or self.told.version.signed_off_at


def told(version: Version) -> Told:
    resources = version.parsed()
    report = next(each for each in resources if each["resourceType"] == "DiagnosticReport")
    rank = REPORT_RANKS.get(report["status"], 1)
    times = (seconds(version.signed_off_at), seconds(version.sent_at))
    return Told((rank, *times, version.raw_id), version, report, resources)


def histories(versions: list[Told]) -> dict[str, list[Said]]:
    """Oldest word first. Keys in the order of the newest version's OBX; what only older versions
    hold comes after."""
    found: dict[str, list[Said]] = {}
    for version in reversed(versions):
        for said in _said(version):
            found.setdefault(said.key, []).append(said)
    for key in list(found):
        _join_withdrawal(found, key)
    return {key: sorted(history, key=lambda said: said.order) for key, history in found.items()}


def _join_withdrawal(found: dict[str, list[Said]], key: str) -> None:
    """A document in a text OBX is withdrawn by one that holds no document any more."""
    document = found.get(DOCUMENT + key)
    if document and not any(said.has_result for said in found[key]):
        document += found.pop(key)


def _said(version: Told) -> Iterator[Said]:
    observations = [each for each in version.resources if each["resourceType"] == "Observation"]
    attachments = version.report.get("presentedForm", ())
    entries: list[tuple[Resource, Document | None]] = [(each, None) for each in observations]
    entries += zip(attachments, version.version.documents, strict=True)
    read = [(tracing.as_sent(resource), resource, document) for resource, document in entries]
    read.sort(key=lambda entry: tracing.first_line(entry[0].source))
    counts: dict[str, int] = {}
    keys = [_key(sent, document, counts) for sent, _, document in read]
    parents = _parents([resource for _, resource, _ in read], keys)
    for key, (sent, resource, document) in zip(keys, read, strict=True):
        order = _order(version, resource, sent)
        yield Said(order, key, parents.get(key, ""), version, resource, sent, document)


def _key(sent: AsSent, document: Document | None, counts: dict[str, int]) -> str:
    """OBX-3, OBX-4, a count where both repeat, and the child order."""
    kind = DOCUMENT if document or sent.value_type.upper() == "ED" else ""
    test = f"{kind}{sent.code or sent.name}#{sent.sub_id}"
    nested = f"#{sent.nested}" if sent.nested else ""
    counts[test + nested] = counts.get(test + nested, 0) + 1
    return f"{test}#{counts[test + nested]}{nested}"


def _parents(resources: list[Resource], keys: list[str]) -> dict[str, str]:
    """The key of the germ, by the key of what is about it."""
    named = [
        (f"Observation/{one.get('id')}", key) for one, key in zip(resources, keys, strict=True)
    ]
    by_reference = dict(named)
    return {
        by_reference[member["reference"]]: key
        for one, key in zip(resources, keys, strict=True)
        for member in one.get("hasMember", ())
    }


def _order(version: Told, resource: Resource, sent: AsSent) -> Order:
    moment = seconds(str(resource.get("issued", ""))) or version.order[1]
    code = sent.status.upper()
    inherited = resource.get("status") or version.report["status"]
    rank = RANKS.get(code, 0) if code else _INHERITED.get(inherited, 0)
    return (rank, moment, version.order[2], version.version.raw_id)


def seconds(text: str) -> float:
    moment = parsed(text)
    return moment.timestamp() if moment else 0.0
