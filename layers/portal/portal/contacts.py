"""XPN, XAD and the dates and words around a person, as FHIR has them (HL7's v2-to-FHIR mapping).

What names nobody and no place is {} or [].
"""

from collections.abc import Iterable
from typing import Any

from portal import timestamps
from portal.code_tables import code_in
from portal.fhir import Resource
from portal.hl7_segments import Segment, Value

UNKNOWN: Resource = {  # where FHIR requires an element and nobody said it
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "unknown",
        }
    ]
}
_NAME_USES = {  # table 0200
    "L": "official",
    "R": "official",
    "D": "usual",
    "M": "maiden",
    "N": "nickname",
    "MSK": "anonymous",
    "TEMP": "temp",
    "NAV": "temp",
    "BAD": "old",
    "NOUSE": "old",
}
# Table 0190.
_ADDRESS_USES = {"BA": "old", "BI": "billing", "C": "temp", "B": "work", "O": "work", "H": "home"}
_ADDRESS_TYPES = {"M": "postal", "SH": "postal"}
_GENDERS = {"F": "female", "M": "male", "U": "unknown", "O": "other", "A": "other", "N": "other"}


def said(parts: dict[str, Any]) -> Resource:
    return {key: part for key, part in parts.items() if part not in ("", None, [], {})}


def first_said(segment: Segment, *fields: int) -> int:
    """Where a list drawn from several fields is traced to: the first that says something."""
    kept = [field for field in fields if segment.raw(field) and not segment.is_deleted(field)]
    deleted = [field for field in fields if segment.is_deleted(field)]
    return next(iter([*kept, *deleted]), fields[0])


def names(segment: Segment, field: int, zone: str) -> list[Resource]:
    return distinct(_human_name(sent, zone) for sent in segment.repetitions(field))


def _human_name(sent: Value, zone: str) -> Resource:
    family = sent.text(1, 1).strip()
    given = [part for part in (sent.text(2).strip(), sent.text(3).strip()) if part]
    prefix, suffix, degree = (sent.text(n).strip() for n in (5, 4, 6))
    if not (family or given):
        return {}
    shown = " ".join(part for part in (prefix, *given, family, suffix) if part)
    return said(
        {
            "use": _NAME_USES.get(sent.text(7).strip().upper()),
            "text": shown,
            "family": family,
            "given": given,
            "prefix": [prefix] if prefix else [],
            "suffix": [part for part in (suffix, degree) if part],
            "period": period(sent.text(12), sent.text(13), zone),
        }
    )


def addresses(segment: Segment, field: int, zone: str) -> list[Resource]:
    return distinct(_address(sent, zone) for sent in segment.repetitions(field))


def _address(sent: Value, zone: str) -> Resource:
    kind = sent.text(7).strip().upper()
    lines = [line for line in (_street(sent), sent.text(2).strip()) if line]
    county = sent.text(9, 2).strip() or sent.text(9, 1).strip()
    where = {"line": lines, "city": sent.text(3).strip(), "district": county}
    where |= {"state": sent.text(4).strip(), "postalCode": sent.text(5).strip()}
    where |= {"country": sent.text(6).strip()}
    if not any(where.values()):
        return {}
    how = {"use": _ADDRESS_USES.get(kind), "type": _ADDRESS_TYPES.get(kind)}
    return said(how | where | {"period": period(sent.text(13), sent.text(14), zone)})


def _street(sent: Value) -> str:
    """SAD: the line, the street's name, the house number. Some send the line, some its parts."""
    whole = sent.text(1).strip()
    line, name, house = (sent.text(1, part).strip() for part in (1, 2, 3))
    if " & " in whole:  # a crossing, unescaped
        return whole
    return line if name and name in line else " ".join(filter(None, (line, name, house)))


def gender(sent: Value) -> str:
    return _GENDERS.get(code_in(sent, "0001"), "")


def date(text: str) -> str | None:
    """FHIR date as precise as the sender was: 1980 stays a year. The day as written."""
    day = timestamps.day(text)
    return day.isoformat() if day else timestamps.fhir_datetime(text, "UTC")


def period(start: str, end: str, zone: str) -> Resource:
    ends = {"start": start, "end": end}
    return said({name: timestamps.fhir_datetime(text, zone) for name, text in ends.items()})


def distinct(found: Iterable[Resource]) -> list[Resource]:
    unique: list[Resource] = []
    for each in found:
        if each and each not in unique:
            unique.append(each)
    return unique
