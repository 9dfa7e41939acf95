"""The results of an ORU^R01 as reports, or the reason why a person has to look at it first."""

import re
from dataclasses import replace

from portal.envelopes import Envelope
from portal.errors import Reason, Unusable
from portal.fhir import Resource
from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.lab_reports import LabReport, Sending, lab_report
from portal.lab_requests import merged
from portal.orders import Order, orders
from portal.people import PatientClaim
from portal.senders import Sender
from portal.terminology import with_standard_codes

_TYPE = re.compile(r"[A-Z]{3}(\^[A-Z]\d\d)?")


def reports(message: Message, about: Envelope, sender: Sender) -> list[LabReport]:
    """Raises Unusable."""
    found = _orders_with_results(message)
    sending = Sending(
        sender=about.sender,
        facility=about.facility,
        zone=about.zone,
        sent=about.sent,
        sent_at=about.sent_at,
        subject=_subject(about.claim),
    )
    made = [lab_report(order, sending) for order in merged(found, sending.sent)]
    return [_translated(report, sender) for report in made]


def _translated(report: LabReport, sender: Sender) -> LabReport:
    if not sender.codes:
        return report
    return replace(report, resources=with_standard_codes(report.resources, sender.by_system))


def other_type(header: Segment) -> str:
    said = "^".join(part for part in header.value(9).components()[:2] if part)
    if not said:
        return "MSH-9 is empty: a lab result, for example, says ORU^R01 there."
    told = said if _TYPE.fullmatch(said) else "something that is no message type"
    return f"MSH-9 says {told}: the portal does not read messages of this type."


def _orders_with_results(message: Message) -> list[Order]:
    found = orders(message)
    if not found:
        raise Unusable(Reason.NO_ORDER, "There is no OBR segment: no test is named.")
    if not any(order.has_content or order.obr.text(25).strip() == "X" for order in found):
        raise Unusable(Reason.NO_RESULT, "There is neither OBX nor NTE under any OBR.")
    return found


def _subject(claim: PatientClaim) -> Resource:
    """Known by the sender's number until the patient is matched."""
    first = claim.identifiers[0]
    assigner = {"assigner": {"display": first.authority}} if first.authority else {}
    named = {"display": claim.name} if claim.name else {}
    return {"type": "Patient", "identifier": {"value": first.value} | assigner} | named
