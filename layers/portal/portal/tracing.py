"""What the lab sent, read back from an Observation, and checked against the message itself."""

import re
from dataclasses import dataclass, replace

from portal.fhir import Resource, dumps
from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.observations import AS_SENT, as_sent_extension, measured

_SOURCE = re.compile(r"OBX\[(\d{1,7})(?:-(\d{1,7}))?\]", re.ASCII)
_WALL_CLOCK = 19  # "2024-02-29T12:30:00": the offset may be the sender's zone, not the message's


@dataclass(frozen=True)
class AsSent:
    """The texts of one OBX, '' where the lab sent nothing. `source` is OBX[3] or OBX[3-8]."""

    value_type: str
    name: str
    code: str
    sub_id: str
    value: str
    unit: str
    reference_range: str
    flag: str
    status: str
    source: str
    nested: str = ""  # which child order it came with, and
    panel: str = ""  # what the lab calls that order


def as_sent(observation: Resource) -> AsSent:
    extensions: list[Resource] = observation.get("extension", [])
    found = [e["extension"] for e in extensions if e.get("url") == AS_SENT]
    sent = {part["url"]: part["valueString"] for part in found[0]} if found else {}
    names = ["OBX-2", "OBX-3", "OBX-3.1", "OBX-4", "OBX-5", "OBX-6", "OBX-7", "OBX-8", "OBX-11"]
    return AsSent(*(sent.get(name, "") for name in [*names, "source", "nested", "OBR-4"]))


def traced(observation: Resource, message: Message) -> bool:
    """Whether value, unit, range and flags are still exactly what its OBX says."""
    lines = _lines(as_sent(observation).source, message)
    if not lines:
        return False
    sent = replace(as_sent(observation), nested="", panel="")  # of the OBR, not of the OBX
    is_same = as_sent({"extension": [as_sent_extension(lines)]}) == sent
    return is_same and _shown(measured(lines, "UTC")) == _shown(observation)


def first_line(source: str) -> int:
    """The place of an OBX among those of its message; 0 when it is not known."""
    found = _SOURCE.fullmatch(source)
    return int(found[1]) if found else 0


def _lines(source: str, message: Message) -> list[Segment]:
    found = _SOURCE.fullmatch(source)
    if not found:
        return []
    first, last = int(found[1]), int(found[2] or found[1])
    return message.all("OBX")[first - 1 : last] if 0 < first <= last else []


def _shown(resource: Resource) -> dict[str, str]:
    """Numbers as text: 5.4 equals 5.40 as a number, not as a laboratory's result."""
    names = ("value", "referenceRange", "interpretation")
    parts: dict[str, str] = {}
    for name, part in resource.items():
        if name.startswith(names):
            parts[name] = dumps(part)
    if moment := resource.get("valueDateTime"):
        parts["valueDateTime"] = moment[:_WALL_CLOCK]
    return parts


def report_notes(report: Resource) -> list[str]:
    """The lab's notes on a whole DiagnosticReport."""
    extensions = report.get("extension", [])
    return [e["valueAnnotation"]["text"] for e in extensions if "valueAnnotation" in e]
