"""Who gave a vaccination and where, under which numbers, and who tells of it."""

import re
from collections.abc import Iterator

from portal import codings, people, vaccination_observations, values
from portal.entity_identifiers import identifier
from portal.entries import Draft
from portal.fhir import Resource
from portal.hl7_segments import Segment, Value
from portal.vaccinations import UNKNOWN_NUMBER, Vaccination

_NUMBERS = ((3, "FILL"), (2, "PLAC"))
_FUNCTIONS = "http://terminology.hl7.org/CodeSystem/v2-0443"
_NEW = "00"  # NIP001 in RXA-9; its other codes are kinds of history
_SOURCE_CODE = re.compile(r"0\d", re.ASCII)


def put_source(draft: Draft, one: Vaccination) -> None:
    """Who gave it and where, and who tells of it."""
    numbers = ((identifier(one.orc.value(at), kind), one.orc, at) for at, kind in _NUMBERS)
    _put_listed(draft, "identifier", [each for each in numbers if _is_known(each[0])])
    _put_listed(draft, "performer", list(_performers(one)))
    _put_listed(draft, "note", list(_notes(one)))
    if origin := _origin(one.rxa):
        is_new = origin.text(1).strip() == _NEW
        draft.put("primarySource", is_new, one.rxa, 9)
        draft.put("reportOrigin", {} if is_new else codings.concept(origin), one.rxa, 9)
    for field in (27, 11):
        place = _place(one.rxa.value(field))
        draft.put("location", {"display": place} if place else {}, one.rxa, field)


def _put_listed(draft: Draft, element: str, found: list[tuple[Resource, Segment, int]]) -> None:
    if found:
        _, segment, field = found[0]
        draft.put(element, [resource for resource, _, _ in found], segment, field)


def _is_known(number: Resource) -> bool:
    return bool(number) and number["value"] != UNKNOWN_NUMBER


def _performers(one: Vaccination) -> Iterator[tuple[Resource, Segment, int]]:
    for segment, field, function in ((one.rxa, 10, "AP"), (one.orc, 12, "OP")):
        for person in filter(None, map(people.practitioner, segment.repetitions(field))):
            coding = {"system": _FUNCTIONS, "code": function}
            actor = {"type": "Practitioner", "display": people.display(person)}
            yield {"function": {"coding": [coding]}, "actor": actor}, segment, field


def _origin(rxa: Segment) -> Value | None:
    """RXA-9 may repeat, with remarks: only NIP001, or its bare code, tells the source."""
    for sent in rxa.repetitions(9):
        system, is_code = sent.text(3).strip().upper(), _SOURCE_CODE.fullmatch(sent.text(1).strip())
        if is_code and system in {"NIP001", ""}:
            return sent
    return None


def _place(sent: Value) -> str:
    """LA2 or PL: the facility, else ward and room."""
    parts = [sent.text(n, 1).strip() for n in (1, 2, 3)]
    return sent.text(4, 1).strip() or ", ".join(part for part in parts if part)


def _notes(one: Vaccination) -> Iterator[tuple[Resource, Segment, int]]:
    for nte in one.notes:
        lines = "\n".join(each.whole().strip() for each in nte.repetitions(3))
        if lines.strip():
            yield {"text": lines.strip()}, nte, 3
    for obx in vaccination_observations.comments(one.obx):
        yield {"text": values.shown(obx).strip()}, obx, 5
