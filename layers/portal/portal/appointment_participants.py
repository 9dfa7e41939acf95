"""Who and what an appointment needs besides the patient: AIP, AIL and AIG.

Where a message has no AIP or no AIL, an outpatient's PV1-7 or PV1-3 says whom and where to see.
A field that repeats names one person by several numbers (HL7 2.5.1, 10.6.7), so its first is read.
"""

from collections.abc import Iterator
from typing import NamedTuple

from portal import codings, people
from portal.appointment_statuses import participation
from portal.fhir import Resource
from portal.hl7 import Message
from portal.hl7_segments import Segment, Value


class Participant(NamedTuple):
    segment: Segment
    field: int
    kind: str  # FHIR resource type; "" for what AIG names
    name: str
    status: str = ""  # its own, as sent (table 0278)

    def resource(self, appointment_status: str) -> Resource:
        role = codings.concept(self.segment.value(4)) if self.segment.name != "PV1" else {}
        actor = {"type": self.kind} if self.kind else {}
        return {
            "actor": actor | {"display": self.name},
            "status": participation(self.status, appointment_status),
        } | ({"type": [role]} if role else {})


def participants(message: Message) -> list[Participant]:
    """Each once, without those that the sender takes off the appointment (action code D)."""
    found: dict[tuple[str, str], Participant] = {}
    for each in (*_people(message), *_places(message), *_things(message)):
        if each.name and each.segment.text(2).strip().upper() != "D":
            found.setdefault((each.kind, each.name), each)
    return list(found.values())


def _people(message: Message) -> Iterator[Participant]:
    visit = _outpatient_visit(message)
    for aip in message.all("AIP"):
        yield Participant(aip, 3, "Practitioner", _person(aip.value(3)), aip.text(12))
    if visit and not message.all("AIP"):
        yield Participant(visit, 7, "Practitioner", _person(visit.value(7)))


def _places(message: Message) -> Iterator[Participant]:
    visit = _outpatient_visit(message)
    for ail in message.all("AIL"):
        yield Participant(ail, 3, "Location", _place(ail.value(3)), ail.text(12))
    if visit and not message.all("AIL"):
        yield Participant(visit, 3, "Location", _place(visit.value(3)))


def _things(message: Message) -> Iterator[Participant]:
    """AIG may name a person again whom AIP names by the same number."""
    named = {aip.text(3).strip() for aip in message.all("AIP")}
    for aig in message.all("AIG"):
        if aig.text(3).strip() not in named - {""}:
            yield Participant(aig, 3, "", codings.shown(aig.value(3)), aig.text(14))


def _outpatient_visit(message: Message) -> Segment:
    """An inpatient's PV1 is about the bed, not about the appointment."""
    visit = message.first("PV1")
    return message.first("-") if visit.text(2).strip().upper() == "I" else visit


def _person(sent: Value) -> str:
    person = people.practitioner(sent)
    return people.display(person) if person else ""


def _place(sent: Value) -> str:
    """PL in words: its description, else room, building and facility."""
    parts = [sent.text(n, 1).strip() for n in (1, 2, 3, 7, 8, 4)]
    return sent.text(9).strip() or ", ".join(dict.fromkeys(filter(None, parts)))
