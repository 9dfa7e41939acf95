"""Which visit a message is about: the key of its Encounter, for all that happened during it."""

from typing import NamedTuple

from portal.code_tables import code_in
from portal.entries import Draft, reference
from portal.envelopes import Envelope
from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.timestamps import fhir_datetime
from portal.visit_events import WITHOUT_VISIT


class Visit(NamedTuple):
    """`field` of `segment` is where the key was read."""

    key: str
    segment: Segment
    field: int


def visit(message: Message, envelope: Envelope) -> Visit | None:
    """PV1-19, PV1-50, the account (PID-18), else the day and class of a visit without numbers."""
    pid, pv1 = message.first("PID"), message.first("PV1")
    if not pv1 or envelope.event in WITHOUT_VISIT:
        return None
    start = fhir_datetime(pv1.text(44), envelope.zone)
    day = f"{envelope.facility}\n{start[:10]}\n{pv1.text(2).strip()}" if start else ""
    places = (
        Visit(envelope.scoped(pv1.value(19)), pv1, 19),
        Visit(_of("alternate", envelope.scoped(pv1.value(50))), pv1, 50),
        Visit(_of("account", envelope.scoped(pid.value(18))), pid, 18),
        Visit(_of("day", day if code_in(pv1.value(2), "0004") != "N" else ""), pv1, 44),
    )
    return next((place for place in places if place.key), None)


def _of(kind: str, key: str) -> str:
    return f"{kind}\n{key}" if key else ""


def put_visit(draft: Draft, element: str, message: Message, envelope: Envelope) -> None:
    """For what happened during the visit: a reference to its Encounter."""
    if found := visit(message, envelope):
        draft.put(element, reference("Encounter", found.key), found.segment, found.field)
