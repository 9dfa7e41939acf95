"""One result of a lab (OBX, or the OBX of one narrative) as a FHIR R4 Observation."""

from typing import Any

from portal import codings, people, timestamps, values
from portal.documents import readable_text
from portal.fhir import Resource
from portal.hl7_segments import Segment
from portal.orders import Result, is_document

AS_SENT = "https://portal.example/fhir/StructureDefinition/as-sent"
_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_UNKNOWN = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}

# HL7 table 0085 to FHIR ObservationStatus, as the HL7 v2-to-FHIR guide maps it.
STATUS = {
    "A": "amended",
    "B": "amended",
    "C": "corrected",
    "D": "entered-in-error",
    "F": "final",
    "I": "registered",
    "N": "cancelled",
    "O": "registered",
    "P": "preliminary",
    "R": "preliminary",
    "S": "preliminary",
    "U": "final",
    "V": "final",
    "W": "entered-in-error",
    "X": "cancelled",
}
_WHY_ABSENT = {
    "D": "error",
    "W": "error",
    "X": "not-performed",
    "N": "not-asked",
    "I": "temp-unknown",
    "O": "temp-unknown",
    "P": "temp-unknown",
    "S": "temp-unknown",
}


# HL7 v2.5 chapter 7, "suffixes of observation ids": `71020&IMP` is the impression of a study.
SUFFIXES = frozenset(
    ["ADT", "ANT", "CMS", "CNP", "DEV", "GDT", "IMP", "MDT", "MED", "OTH", "REC", "SER", "TCM"]
)


def observation(result: Result, order_status: str, zone: str, category: str) -> Resource:
    """Without id and subject, which the report gives. `category` is FHIR's observation-category."""
    obx = result.first
    made: Resource = {
        "resourceType": "Observation",
        "extension": [as_sent_extension(result.lines)],
        "status": status(obx, order_status),
        "category": [{"coding": [{"system": _CATEGORIES, "code": category}]}],
        "code": named(obx, 3),
        "effectiveDateTime": timestamps.fhir_datetime(obx.text(14), zone)
        or timestamps.fhir_datetime(result.obr.text(7), zone),
        "issued": timestamps.fhir_instant(obx.text(19), zone),
        "note": [{"text": "\n".join(result.notes)}] if result.notes else None,
        "method": codings.concept(obx.value(17)) if obx.raw(17) else None,
        **measured(result.lines, zone),
        **_performer(obx),
    }
    if not any(key.startswith("value") for key in made):
        reason = _WHY_ABSENT.get(_status_code(obx), "unknown")
        made["dataAbsentReason"] = {"coding": [{"system": _ABSENT, "code": reason}]}
    return {key: part for key, part in made.items() if part}


_CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"


def measured(lines: list[Segment], zone: str) -> dict[str, Any]:
    """What a card may show of a result: value, range and flags, and nothing else."""
    obx = lines[0]
    reference = obx.whole(7).strip()
    flags = [flag for flag in map(codings.flag, obx.repetitions(8)) if flag]
    parts = {"referenceRange": [{"text": reference}] if reference else [], "interpretation": flags}
    return _value(lines, zone) | {key: part for key, part in parts.items() if part}


def _value(lines: list[Segment], zone: str) -> dict[str, Any]:
    if len(lines) == 1 and not is_document(lines[0]):
        return values.value(lines[0], zone)
    text = shown(lines)
    return {"valueString": text} if text else {}


def shown(lines: list[Segment]) -> str:
    if is_document(lines[0]):
        return readable_text(lines)
    text = "\n".join(values.shown(line) for line in lines)
    return text if text.strip() else ""


def as_sent_extension(lines: list[Segment]) -> Resource:
    """OBX exactly as it came, so that every value on a card can be traced to its field."""
    obx, last = lines[0], lines[-1]
    source = f"{obx.number}-{last.number}" if len(lines) > 1 else f"{obx.number}"
    sent = {
        "OBX-2": obx.text(2),
        "OBX-3": codings.local_name(obx.value(3)),
        "OBX-3.1": obx.text(3).strip(),
        "OBX-4": obx.whole(4).strip(),
        "OBX-5": shown(lines),
        "OBX-6": codings.unit(obx.value(6)),
        "OBX-7": obx.whole(7).strip(),
        "OBX-8": "~".join(flag.text(1).strip() or flag.text(2) for flag in obx.repetitions(8)),
        "OBX-11": obx.text(11).strip(),
        "source": f"OBX[{source}]",
    }
    parts = [{"url": url, "valueString": text} for url, text in sent.items() if text.strip()]
    return {"url": AS_SENT, "extension": parts}


def status(obx: Segment, order_status: str) -> str:
    """OBX-11; an empty one is no more final than its report."""
    code = _status_code(obx)
    inherited = order_status if order_status in STATUS.values() else "unknown"
    return STATUS.get(code, "unknown") if code else inherited


def _status_code(obx: Segment) -> str:
    return obx.text(11).strip().upper()


def named(segment: Segment, field: int) -> dict[str, Any]:
    """FHIR wants a code; a sender that gave none is not given one by us. A suffix is no part of
    the code in its code system."""
    concept = codings.concept(segment.value(field))
    for coding in concept.get("coding", ()) if "&" in segment.raw(field) else ():
        code, _, suffix = coding["code"].partition("&")
        coding["code"] = code if suffix in SUFFIXES and code else coding["code"]
    return concept or {"extension": [_UNKNOWN | {"valueCode": "unknown"}]}


def _performer(obx: Segment) -> dict[str, Any]:
    laboratory = people.contained_laboratory(obx)
    if not laboratory:
        return {}
    reference = {"reference": "#lab", "display": laboratory["name"]}
    return {"contained": [laboratory], "performer": [reference]}
