"""The segments of RDE, OMP, RDS and ORM grouped as a pharmacy thinks of them: one order at a time.

An order is ORC, RXO (as requested), RXE (as the pharmacy encoded it) and RXD (as dispensed); under
each of them stand the TQ1, RXR, RXC and NTE that speak of it.
"""

from dataclasses import dataclass, field

from portal.hl7 import Message
from portal.hl7_segments import Segment

_HEADS = ("ORC", "RXO", "RXE", "RXD")
_PARTS = ("TQ1", "RXR", "RXC", "NTE")
_OTHERS = ("OBX", "OBR", "RXA", "RXG", "FT1")  # what follows them speaks of them

# What the three segments about a drug say, each in a field of its own; 0 is nowhere.
FIELDS = {  # (RXO, RXE, RXD)
    "code": (1, 2, 2),
    "least": (2, 3, 0),
    "most": (3, 4, 0),
    "unit": (4, 5, 0),
    "form": (5, 6, 6),
    "sig": (7, 7, 0),
    "substitution": (9, 9, 0),
    "amount": (11, 10, 4),
    "amount unit": (12, 11, 5),
    "refills": (13, 12, 0),
    "prescriber": (14, 13, 0),
    "daily dose": (23, 19, 12),
    "rate": (21, 23, 0),
    "rate unit": (22, 24, 0),
    "strength": (18, 25, 16),
    "strength unit": (19, 26, 17),
    "volume": (25, 33, 28),
    "volume unit": (26, 34, 29),
    "indication": (20, 27, 21),
}


def number(head: Segment, what: str) -> int:
    return FIELDS[what][_HEADS.index(head.name) - 1] if head.name in _HEADS[1:] else 0


@dataclass
class Section:
    head: Segment
    parts: list[Segment] = field(default_factory=list)


@dataclass
class RxOrder:
    orc: Segment
    nothing: Segment
    sections: list[Section] = field(default_factory=list)

    def heads(self, name: str) -> list[Segment]:
        return [section.head for section in self.sections if section.head.name == name]

    def head(self, name: str) -> Segment:
        """An empty, false segment when there is none."""
        return next(iter(self.heads(name)), self.nothing)

    def parts(self, name: str, *heads: str) -> list[Segment]:
        """The TQ1 (RXR, RXC) under the first of these heads that has any."""
        return next(filter(None, (self.all_parts(name, head) for head in heads)), [])

    def all_parts(self, name: str, *heads: str) -> list[Segment]:
        sections = (section for section in self.sections if section.head.name in heads)
        return [part for section in sections for part in section.parts if part.name == name]

    def under(self, head: Segment, name: str) -> list[Segment]:
        parts = (section.parts for section in self.sections if section.head is head)
        return [part for found in parts for part in found if part.name == name]

    def only(self, rxd: Segment) -> "RxOrder":
        """With this one of its dispenses."""
        kept = [each for each in self.sections if each.head.name != "RXD" or each.head is rxd]
        return RxOrder(self.orc, self.nothing, kept)

    def said(self, what: str) -> tuple[Segment, int]:
        """The segment and field that say it: RXE before RXO."""
        for head in (self.head("RXE"), self.head("RXO")):
            if head.raw(number(head, what)):
                return head, number(head, what)
        return self.nothing, 0


def rx_orders(message: Message) -> list[RxOrder]:
    found: list[RxOrder] = []
    nothing = message.first("-")
    section = Section(nothing)
    for segment in message.segments:
        if segment.name in _HEADS:
            section = Section(segment)
            _place(found, section, nothing)
        elif segment.name in _OTHERS:
            section = Section(segment)
        elif segment.name in _PARTS:
            section.parts.append(segment)
    return found


def _place(found: list[RxOrder], section: Section, nothing: Segment) -> None:
    head = section.head
    if head.name == "ORC":
        found.append(RxOrder(head, nothing, [section]))
        return
    if not found:
        found.append(RxOrder(nothing, nothing))
    last = found[-1]
    if _begins_another(last, head.name):
        shared = [each for each in last.sections if each.head is last.orc]
        found.append(RxOrder(last.orc, nothing, shared))
    found[-1].sections.append(section)


def _begins_another(order: RxOrder, name: str) -> bool:
    """A second drug under one ORC. Several RXD are dispenses of one order."""
    return name != "RXD" and any(order.heads(other) for other in _HEADS[_HEADS.index(name) :])
