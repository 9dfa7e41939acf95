"""What ORC says of any order: its numbers, who placed it, when, how urgent, and why."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from portal import codings, lab_requests, moments, order_controls, people, timestamps
from portal.entries import Draft
from portal.envelopes import Envelope
from portal.fhir import Resource
from portal.hl7_segments import Segment, Value
from portal.orders import Order

STATUS_REASON = "http://hl7.org/fhir/StructureDefinition/request-statusReason"
_PRIORITIES = {"S": "stat", "A": "asap", "R": "routine"}  # tables 0485 and 0027
_PRIORITIES |= {word.upper(): word for word in ("stat", "asap", "routine", "urgent")}


def order_key(envelope: Envelope, *segments: Segment) -> str:
    """The placer's number (field 2 of the first segment that has one), else the filler's (3),
    within its authority: EI-2, EI-3, else the sending facility. "" without a number.
    """
    for kind, field in (("placer", 2), ("filler", 3)):
        for segment in segments:
            if key := scoped(kind, segment.value(field).components(), envelope):
                return key
    return ""


def scoped(kind: str, number: list[str], envelope: Envelope) -> str:
    """`number` is an EI in parts. Zeros are what some systems send for no number."""
    value, *authorities = (part.strip() for part in (*number, "", ""))
    authority = next(filter(None, authorities[:2]), "") or envelope.facility
    return f"{kind}\n{authority}\n{value}" if value.strip("0") else ""


def subcomponents(value: Value, component: int) -> list[str]:
    """The EI within an EIP: ORC-8.1, SPM-2.2."""
    return [value.text(component, part) for part in (1, 2, 3)]


def distinct(found: Iterable[tuple[str, str]]) -> list[str]:
    """(order number, what is ordered) of each order of a message, as keys: the number alone, but
    where several things are ordered under it."""
    orders = list(found)
    things: dict[str, set[str]] = {}
    for number, what in orders:
        things.setdefault(number, set()).add(what)
    return [
        number if number and len(things[number]) == 1 else f"{number}\n{what}"
        for number, what in orders
    ]


def counted(keys: Iterable[str]) -> list[str]:
    """For orders that are never the same one: steps of a taper, under one number and drug."""
    seen = Counter[str]()
    made = []
    for key in keys:
        seen[key] += 1
        made.append(key if seen[key] == 1 else f"{key}\n#{seen[key]}")
    return made


def has_number(key: str) -> bool:
    """Without one, two messages about an order need not mean the same one."""
    return not key.startswith("\n")


def what(orc: Segment, code: Value, number: str, *times: str) -> str:
    """Tells orders apart that share a number, or have none: the code in its group (ORC-4), and
    its time where there is no number."""
    named = next(filter(None, (codings.code(code.text(n)) for n in (1, 2, 4, 5))), "")
    grouped = f"{orc.text(4).strip()}\n{named}"
    if number:
        return grouped
    return f"{grouped}@{next(filter(None, times), '')}" if named else ""


def put_order(draft: Draft, orc: Segment, detail: Segment, zone: str) -> None:
    """`detail` is the OBR, whose own numbers win, or an empty segment."""
    place = next(
        (each for each in ((detail, 2), (orc, 2), (detail, 3), (orc, 3)) if each[0].raw(each[1])),
        (orc, 2),
    )
    draft.put("identifier", identifiers(orc, detail), *place)
    if order_controls.is_new(orc):
        draft.put("authoredOn", timestamps.fhir_datetime(orc.text(15), zone), orc, 15)
        draft.put("authoredOn", timestamps.fhir_datetime(orc.text(9), zone), orc, 9)


def identifiers(orc: Segment, detail: Segment) -> list[Resource]:
    return lab_requests.identifiers(Order(detail, orc, detail))


def person(sent: Value) -> Resource:
    """Named, not contained: a contained one would go with the next message's word."""
    found = people.practitioner(sent)
    if not found:
        return {}
    numbers = found["identifier"]
    made = {"type": "Practitioner", "display": people.display(found)}
    return made | ({"identifier": numbers[0]} if numbers else {})


def put_requester(draft: Draft, *places: tuple[Segment, int]) -> None:
    """The last place with a name wins."""
    for segment, number in places:
        draft.put("requester", person(segment.value(number)), segment, number)


def priority(said: str) -> str:
    return _PRIORITIES.get(said.strip().upper(), "")


def period(start: str | None, end: str | None) -> Resource:
    """FHIR allows no end before its start: an order cancelled before it began just begins."""
    if start and end and _is_before(end, start):
        end = None
    return {name: at for name, at in (("start", start), ("end", end)) if at}


def _is_before(one: str, other: str) -> bool:
    left, right = moments.parsed(one), moments.parsed(other)
    if left and right:
        return left < right
    shared = min(len(one), len(other), len("2026-03-01"))
    return one[:shared] < other[:shared]


def concepts(segment: Segment, number: int) -> list[Resource]:
    return [found for found in map(codings.concept, segment.repetitions(number)) if found]


def notes(found: Iterable[Segment]) -> list[dict[str, Any]]:
    texts = (text(nte) for nte in found)
    return [{"text": words} for words in texts if words]


def text(nte: Segment) -> str:
    return "\n".join(repetition.whole().rstrip() for repetition in nte.repetitions(3)).strip()


def put_notes(draft: Draft, found: list[Segment]) -> None:
    told = [nte for nte in found if text(nte)]
    if told:
        draft.put("note", notes(told), told[0], 3)
