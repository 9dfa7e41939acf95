"""Builders of ADT, BAR and DFT messages with dull defaults, and what becomes of them."""

from collections.abc import Callable
from typing import Any

from portal import fhir, hl7, people, records
from portal.entries import Entry
from portal.envelopes import Envelope, envelope
from portal.fhir import Resource
from portal.hl7 import Message
from portal.record_versions import Version

type Converter = Callable[[Message, Envelope], list[Entry]]

AT = "20260301120000-0500"
ZONE = "America/New_York"


def a_segment(name: str, fields: dict[int, str] | None = None) -> str:
    """`fields`: number -> what stands in it."""
    said = fields or {}
    return "|".join([name, *(said.get(n, "") for n in range(1, max(said, default=0) + 1))])


def a_pid(fields: dict[int, str] | None = None) -> str:
    return a_segment("PID", {3: "1001^^^CLINIC^MR", 5: "Doe^Jane", **(fields or {})})


def a_pv1(fields: dict[int, str] | None = None) -> str:
    return a_segment("PV1", {2: "I", 19: "V1^^^CLINIC^VN", **(fields or {})})


def a_message(kind: str, *segments: str, at: str = AT, pid: str = "") -> Message:
    """`kind` as in MSH-9: ADT^A01."""
    header = rf"MSH|^~\&|EHR|CLINIC|PORTAL|PORTAL|{at}||{kind}|M1|P|2.5.1"
    event = f"EVN|{kind.partition('^')[2]}|{at}"
    return hl7.read("\r".join([header, event, pid or a_pid(), *segments]).encode())


def about(message: Message) -> Envelope:
    return envelope(message, people.claim(message.first("PID")), ZONE)


def converted(convert: Converter, message: Message) -> list[Entry]:
    """Each checked: valid FHIR, traced to a field that says something, alone of its resource."""
    found = convert(message, about(message))
    for entry in found:
        fhir.validate_with_models(fhir.loads(fhir.dumps(records.alone(entry))))
        assert set(entry.sources) == set(entry.elements)
        assert all(says_something(message, place) for place in entry.sources.values())
    assert len({entry.entry_id for entry in found}) == len(found)
    return found


def says_something(message: Message, place: str) -> bool:
    where, _, field = place.partition("-")
    name, _, number = where.rstrip("]").partition("[")
    segment = message.all(name)[int(number) - 1]
    return not field or bool(segment.raw(int(field)))


def of_type(entries: list[Entry], resource_type: str) -> list[Entry]:
    return [entry for entry in entries if entry.resource_type == resource_type]


def folded(*entries: Entry) -> Resource:
    """As a chart would hold it after these, in this order of arrival."""
    return records.folded(
        Version(
            resource_type=entry.resource_type,
            entry_id=entry.entry_id,
            raw_id=str(number),
            at=entry.at,
            rank=entry.rank,
            elements=fhir.dumps(entry.elements),
            cleared=entry.cleared,
            sources=entry.sources,
            about=(),
        )
        for number, entry in enumerate(entries)
    )


def code_of(concept: dict[str, Any]) -> str:
    return str(concept["coding"][0]["code"])
