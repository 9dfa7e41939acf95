"""Messages of other projects beside the FHIR that those projects make of them (or made them of)."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal import conversion, demographics, hl7, records, splitting
from portal.entries import Entry
from portal.errors import Unusable
from portal.fhir import Resource
from portal.hl7 import Message
from portal.senders import UNKNOWN

# step2 is FHIR that was changed afterwards, and hl7_final an HL7 message.
ROLES = ("fhir_expected", "fhir_source", "fhir_step1")
_ZONE = "UTC"  # what the other products take for times without an offset
_SENDER = UNKNOWN.model_copy(update={"time_zone": _ZONE})
_NOBODY = "PID|||INVENTED^^^PAIRS"
_NO_ORDER = "OBR||INVENTED|INVENTED|INVENTED^Invented^L"
_NO_RESULT = "OBX|1|ST|INVENTED^Invented^L||invented"
_PID = re.compile(rb"(?<=[\r\n])PID\|[^\r\n]*")

type Resources = dict[str, list[Resource]]


@dataclass(frozen=True)
class Pair:
    """`role` tells which of the two was made of the other; `invented`: what we had to add to the
    message, because it is a piece of one and says of nobody whom it is about."""

    file: str
    source: str
    role: str
    invented: frozenset[str]
    ours: Resources
    theirs: Resources


@dataclass(frozen=True)
class Refused:
    file: str
    source: str
    reason: str


def pairs(folder: Path) -> Iterator[Pair | Refused]:
    with (folder / "pairs_manifest.csv").open(newline="") as rows:
        wanted = [row for row in csv.DictReader(rows) if row["role"] in ROLES]
    for row in wanted:
        source = row["repo"].partition("/")[2]
        raw, added = completed((folder.parent / row["hl7"]).read_bytes())
        try:
            made = ours(raw)
        except Unusable as refusal:
            yield Refused(row["hl7"], source, refusal.reason.value)
            continue
        bundle = (folder.parent / row["other"]).read_text(encoding="utf-8-sig")
        yield Pair(row["hl7"], source, row["role"], added, made, theirs(bundle))


def completed(raw: bytes) -> tuple[bytes, frozenset[str]]:
    """With a patient's number and an order where a piece of a message has none."""
    lines = raw.replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    added = set[str]()
    if not re.search(rb"\rPID\|", lines):
        header, _, rest = lines.partition(b"\r")
        lines = b"\r".join([header, _NOBODY.encode(), rest])
        added.add("PID")
    elif not re.search(rb"\rPID\|[^|\r]*\|[^|\r]*\|[^|\r^]+", lines):
        lines = _PID.sub(lambda found: _numbered(found[0]), lines, count=1)
        added.add("PID-3")
    if hl7.read(lines).first("MSH").text(9) == "ORU":
        lines, more = _with_results(lines)
        added |= more
    return lines, frozenset(added)


def _with_results(lines: bytes) -> tuple[bytes, set[str]]:
    added = set[str]()
    if not re.search(rb"\rOBR\|", lines):
        start = re.search(rb"\r(ORC|OBX|NTE|SPM)\|", lines)
        at = start.start() if start else len(lines.rstrip(b"\r"))
        lines = lines[:at] + b"\r" + _NO_ORDER.encode() + lines[at:]
        added.add("OBR")
    if not re.search(rb"\rOBX\|", lines):
        lines = lines.rstrip(b"\r") + b"\r" + _NO_RESULT.encode() + b"\r"
        added.add("OBX")
    return lines, added


def _numbered(pid: bytes) -> bytes:
    fields = pid.split(b"|") + [b""] * 3
    fields[3] = b"INVENTED^^^PAIRS"
    return b"|".join(fields)


def ours(raw: bytes) -> Resources:
    """What the first patient's part becomes, and who the patient is by its PID."""
    message = hl7.read(splitting.parts(raw)[0])
    found = conversion.convert(message, _SENDER)
    entries = [*found.entries, *_people(message, found)]
    made = [each for report in found.reports for each in report.resources]
    made += [records.alone(entry) for entry in entries]
    return _by_type([*made, *(part for each in made for part in each.get("contained", ()))])


def _people(message: Message, found: conversion.Converted) -> list[Entry]:
    """Messages other than ADT change no demographics, but PID and NK1 read the same."""
    if found.envelope.message_type == "ADT":
        return []
    return demographics.entries(message, found.envelope)


def theirs(bundle: str) -> Resources:
    entries = json.loads(bundle).get("entry", [])
    return _by_type([each["resource"] for each in entries if "resource" in each])


def _by_type(resources: list[Resource]) -> Resources:
    found: Resources = {}
    for each in resources:
        found.setdefault(each["resourceType"], []).append(each)
    return found
