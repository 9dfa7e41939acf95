"""What every converter of messages to entries keeps, checked over real and over broken messages."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from portal import envelopes, fhir, hl7, people
from portal.entries import Entry
from portal.envelopes import Envelope
from portal.errors import Unusable
from portal.fhir import Resource, nested
from portal.hl7 import Message

type Converter = Callable[[Message, Envelope], list[Entry]]
type Required = dict[str, dict[str, Any]]

ZONE = "America/New_York"
_SOURCE = re.compile(r"(\w{3})\[(\d+)\](?:-(\d+))?")
_PATIENT = {"reference": "Patient/1"}
_SUBJECTS: dict[str, Resource] = {
    "Appointment": {"participant": [{"actor": _PATIENT, "status": "accepted"}]},
    "Immunization": {"patient": _PATIENT},
}


def converted(raw: bytes, convert: Converter) -> list[Entry]:
    message = hl7.read(raw)
    claim = people.claim(message.first("PID"))
    return convert(message, envelopes.envelope(message, claim, ZONE))


def sample_messages(folder: Path, kind: str) -> Iterator[bytes]:
    with (folder / "manifest.csv").open(newline="") as rows:
        files = [row["file"] for row in csv.DictReader(rows) if kind in row["types"]]
    for file in files:
        for raw in hl7.split((folder.parent / file).read_bytes()):
            if envelopes.type_of(hl7.read(raw))[0] == kind:
                yield raw


def outcomes(folder: Path, kind: str, convert: Converter, required: Required) -> Counter[str]:
    """How many samples gave entries, none, or a reason; each entry has been checked."""
    counts = Counter[str]()
    for raw in sample_messages(folder, kind):
        counts["messages"] += 1
        try:
            found = converted(raw, convert)
        except Unusable as refused:
            counts["refused" if refused.detail.endswith(".") else "without words"] += 1
            continue
        assert found == converted(raw, convert)
        assert len({entry.entry_id for entry in found}) == len(found)
        for entry in found:
            check(entry, hl7.read(raw), required)
            fhir.validate(completed(entry, required))
            counts[entry.resource_type] += 1
        counts["without entries"] += not found
    return counts


def check(entry: Entry, message: Message, required: Required) -> None:
    assert entry.elements.keys() == entry.sources.keys()
    assert not entry.elements.keys() & set(entry.cleared)
    for source in entry.sources.values():
        assert _is_said(source, message), source
    resource = completed(entry, required)
    fhir.validate_with_models(resource)
    assert fhir.loads(fhir.dumps(resource)) == resource


def completed(entry: Entry, required: Required) -> Resource:
    """As filing completes it: the defaults of what is missing, and the patient."""
    known = {name.partition(".")[0] for name in entry.elements}
    defaults = required.get(entry.resource_type, {}).items()
    missing = {name: part for name, part in defaults if name not in known}
    made: Resource = {"resourceType": entry.resource_type, "id": entry.entry_id}
    made |= nested(entry.elements | missing)
    subject = _SUBJECTS.get(entry.resource_type, {"subject": _PATIENT})
    others = made.get("participant", [])
    return made | {name: part + others if others else part for name, part in subject.items()}


def _is_said(source: str, message: Message) -> bool:
    found = _SOURCE.fullmatch(source)
    segments = message.all(found[1]) if found else []
    if not found or len(segments) < int(found[2]):
        return False
    segment = segments[int(found[2]) - 1]
    return not found[3] or segment.raw(int(found[3])) not in ("", '""')
