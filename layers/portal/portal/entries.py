"""What one message says of one resource of its patient, and where in the message it says so.

    visit = Draft("Encounter", pv1.text(19), at=sent_at)
    visit.put("status", "finished", pv1, 45)
    visit.put("period.end", timestamps.fhir_datetime(pv1.text(45), zone), pv1, 45)
    visit.entry()

Elements are FHIR's, dotted where their parts come from fields of their own. Messages are snapshots
that overlap: each element keeps its newest word, HL7's "" clears it, an empty field leaves it
(`portal.records` folds them, in any order of arrival).
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from portal.fhir import Resource, nested
from portal.hl7_segments import Segment


@dataclass(frozen=True)
class Entry:
    """`key` is the sender's business key: a visit number, an order number. "" is the one of its
    kind, as the Patient is. `at` is a FHIR instant, "" when unknown; a higher `rank` wins
    whatever the time."""

    resource_type: str
    key: str
    at: str
    rank: int
    elements: dict[str, Any]
    cleared: tuple[str, ...] = ()
    sources: dict[str, str] = field(default_factory=dict)  # element -> "PV1[1]-45"
    is_whole: bool = False  # all there is to say (FHIR PUT): elements not named are gone
    is_deleted: bool = False

    @property
    def entry_id(self) -> str:
        return entry_id(self.resource_type, self.key)

    @property
    def resource(self) -> Resource:
        """As this message alone would have it; without subject, which filing adds."""
        made = {"resourceType": self.resource_type, "id": self.entry_id}
        return made | nested(self.elements)


def entry_id(resource_type: str, key: str) -> str:
    """The same for every message about the same thing. Stands inside sealed rows only."""
    return hashlib.sha256(f"{resource_type}\n{key}".encode()).hexdigest()[:32]


def reference(resource_type: str, key: str, display: str = "") -> Resource:
    """To another entry of the same patient."""
    made = {"reference": f"{resource_type}/{entry_id(resource_type, key)}"}
    return made | ({"display": display} if display else {})


class Draft:
    """An entry being written, field by field."""

    def __init__(self, resource_type: str, key: str, *, at: str, rank: int = 0) -> None:
        self._entry = Entry(resource_type, key, at, rank, {}, (), {})
        self._cleared: list[str] = []

    def put(self, element: str, value: Any, segment: Segment, number: int) -> None:
        """`value` came from this field. Nothing changes when it is empty; HL7's "" clears."""
        if segment.is_deleted(number):
            self._cleared.append(element)
        elif value not in (None, "", [], {}, ()):
            self._entry.elements[element] = value
            self._entry.sources[element] = place(segment, number)

    def state(self, element: str, value: Any, segment: Segment) -> None:
        """For what follows from the segment or the event itself: a fixed or required element."""
        self._entry.elements[element] = value
        self._entry.sources[element] = place(segment)

    def clear(self, element: str) -> None:
        """For what the event itself takes back."""
        self._cleared.append(element)

    def has(self, element: str) -> bool:
        return element in self._entry.elements

    def entry(self) -> Entry:
        made = self._entry
        cleared = tuple(sorted(set(self._cleared) - made.elements.keys()))
        return Entry(
            made.resource_type, made.key, made.at, made.rank, made.elements, cleared, made.sources
        )


def place(segment: Segment, number: int = 0) -> str:
    where = f"{segment.name}[{segment.number}]"
    return f"{where}-{number}" if number else where
