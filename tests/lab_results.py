"""An ORU as its reports, for any sender in a given time zone."""

from dataclasses import dataclass
from datetime import datetime

from portal.conversion import convert
from portal.hl7 import Message
from portal.lab_reports import LabReport
from portal.people import PatientClaim
from portal.senders import Sender, SendsAs


@dataclass(frozen=True)
class LabResults:
    control_id: str
    sender: str
    sent_at: datetime | None
    initial_load: bool
    claim: PatientClaim
    reports: list[LabReport]


def lab_results(message: Message, zone: str) -> LabResults:
    """Raises Unusable."""
    found = convert(message, Sender(name="any", sends_as=(SendsAs(),), time_zone=zone))
    about = found.envelope
    return LabResults(
        control_id=about.control_id,
        sender=about.sender,
        sent_at=about.sent_at,
        initial_load=about.initial_load,
        claim=found.claim,
        reports=list(found.reports),
    )
