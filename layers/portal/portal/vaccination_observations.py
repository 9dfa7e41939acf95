"""What the OBX under a vaccination say of it, by LOINC (CDC guide to immunization messaging, 1.5).

Lines of one OBX-4 belong together: those about an information sheet (VIS), those about a dose of a
series. Contraindications, forecasts and evidence of immunity are about the patient and not read.
"""

import re
from collections.abc import Iterable

from portal import codings, timestamps, values
from portal.entries import Draft
from portal.fhir import Resource
from portal.hl7_segments import Segment

_COMMENT = "48767-8"
_ELIGIBILITY, _FUNDING, _REACTION = "64994-7", "30963-3", "31044-1"
_SHEET, _PUBLISHED, _PRESENTED = "69764-9", "29768-9", "29769-7"
_VACCINE_TYPE, _DOSE_NUMBER, _SERIES, _DOSES = "30956-7", "30973-2", "59780-7", "59782-3"
_COUNT = re.compile(r"[1-9]\d{0,3}", re.ASCII)
_WITHDRAWN = frozenset("DWX")

type Group = dict[str, Segment]  # LOINC code -> its OBX
type Said = tuple[Segment, Resource]


def put_observations(draft: Draft, obx: list[Segment], zone: str) -> None:
    lines = [line for line in obx if line.text(11).strip().upper() not in _WITHDRAWN]
    groups = _groups(lines)
    for line in _of(lines, _FUNDING)[:1]:
        draft.put("fundingSource", _concept(line), line, 5)
    _put(draft, "programEligibility", ((line, _concept(line)) for line in _of(lines, _ELIGIBILITY)))
    _put(draft, "education", (_education(group, zone) for group in groups))
    _put(draft, "protocolApplied", (_dose(group) for group in groups))
    _put(draft, "reaction", ((line, _reaction(line, zone)) for line in _of(lines, _REACTION)))


def comments(obx: list[Segment]) -> list[Segment]:
    return [line for line in _of(obx, _COMMENT) if values.shown(line).strip()]


def _put(draft: Draft, element: str, found: Iterable[Said | None]) -> None:
    said = [each for each in found if each and each[1]]
    if said:
        draft.put(element, [resource for _, resource in said], said[0][0], 5)


def _of(lines: list[Segment], code: str) -> list[Segment]:
    return [line for line in lines if _code(line) == code]


def _code(line: Segment) -> str:
    return line.text(3).strip()


def _concept(line: Segment) -> Resource:
    return codings.concept(line.value(5))


def _groups(lines: list[Segment]) -> list[Group]:
    """By OBX-4; where a sender leaves it empty, a code that comes again begins the next group."""
    groups: dict[tuple[str, int], Group] = {}
    counts: dict[str, int] = {}
    for line in lines:
        name, code = line.text(4).strip(), _code(line)
        if code in groups.get((name, counts.get(name, 0)), {}):
            counts[name] = counts.get(name, 0) + 1
        groups.setdefault((name, counts.get(name, 0)), {})[code] = line
    return list(groups.values())


def _education(group: Group, zone: str) -> Said | None:
    """FHIR wants the sheet's name; where a sender gives none, it is that of its vaccine."""
    named = group.get(_SHEET) or group.get(_VACCINE_TYPE)
    name = values.shown(named).strip() if named else ""
    if not named or not name or not group.keys() & {_SHEET, _PUBLISHED, _PRESENTED}:
        return None
    published, presented = (
        timestamps.fhir_datetime(group[code].text(5), zone) if code in group else None
        for code in (_PUBLISHED, _PRESENTED)
    )
    parts = {"publicationDate": published, "presentationDate": presented}
    return named, {"documentType": name} | {key: part for key, part in parts.items() if part}


def _dose(group: Group) -> Said | None:
    line = group.get(_DOSE_NUMBER)
    number = values.shown(line).strip() if line else ""
    if not line or not number:
        return None
    made: Resource = _counted("doseNumber", number)
    if series := group.get(_SERIES):
        made |= {"series": text} if (text := values.shown(series).strip()) else {}
    if doses := group.get(_DOSES):
        made |= _counted("seriesDoses", values.shown(doses).strip())
    if against := group.get(_VACCINE_TYPE):
        made |= {"targetDisease": [concept]} if (concept := _concept(against)) else {}
    return line, made


def _counted(element: str, text: str) -> Resource:
    if _COUNT.fullmatch(text):
        return {f"{element}PositiveInt": int(text)}
    return {f"{element}String": text} if text else {}


def _reaction(line: Segment, zone: str) -> Resource:
    text = values.shown(line).strip()
    date = timestamps.fhir_datetime(line.text(14), zone)
    return ({"date": date} if date else {}) | {"detail": {"display": text}} if text else {}
