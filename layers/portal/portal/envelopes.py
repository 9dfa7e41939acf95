"""What every message says about itself: who sends it, when, of which event, about whom."""

from dataclasses import dataclass
from datetime import datetime

from portal import timestamps
from portal.hl7 import Message
from portal.hl7_segments import Segment, Value
from portal.moments import instant
from portal.people import PatientClaim


@dataclass(frozen=True)
class Envelope:
    """`zone` is the sender's, for times without an offset. `initial_load` (MSH-11.2 = I) fills a
    chart with its past: nobody is told of each thing."""

    message_type: str  # "ADT"
    event: str  # "A01"; "" when the sender left it out
    control_id: str
    sender: str  # MSH-3 and MSH-4
    facility: str  # MSH-4
    zone: str
    sent: str  # MSH-7 as it stands, or MSH-10: what tells two sendings apart
    sent_at: datetime | None
    at: str  # FHIR instant of the event: EVN-2, else MSH-7; "" when neither has a time
    initial_load: bool
    claim: PatientClaim

    def scoped(self, number: Value, authority_at: int = 4) -> str:
        """A business key: the number within its assigning authority (CX-4, EI-2), else within
        the sending facility. "" when there is no number."""
        value = number.text(1).strip()
        authority = number.text(authority_at, 1).strip() or self.facility
        return f"{authority}\n{value}" if value else ""


def envelope(message: Message, claim: PatientClaim, zone: str) -> Envelope:
    header, event = message.first("MSH"), message.first("EVN")
    kind, trigger = type_of(message)
    sent_at = timestamps.instant(header.text(7), zone)
    moment = timestamps.instant(event.text(2), zone) or sent_at
    return Envelope(
        message_type=kind,
        event=trigger,
        control_id=header.whole(10),
        sender=sender(header),
        facility=header.text(4).strip(),
        zone=zone,
        sent=header.text(7).strip() or header.whole(10),
        sent_at=sent_at,
        at=instant(moment) if moment else "",
        initial_load=header.text(11, 2).strip() == "I",
        claim=claim,
    )


def type_of(message: Message) -> tuple[str, str]:
    """MSH-9.1 and 9.2 in capitals; EVN-1 where MSH-9 has no event. ("ORU", "R01")"""
    said = message.first("MSH").value(9)
    kind, trigger = said.text(1).strip().upper(), said.text(2).strip().upper()
    if "_" in kind:  # "ORU_R01", from senders that put MSH-9.3 first
        kind, _, trigger = kind.partition("_")
    return kind, trigger or message.first("EVN").text(1).strip().upper()


def sender(header: Segment) -> str:
    return " ".join(part for part in (header.text(3).strip(), header.text(4).strip()) if part)
