"""ORU^R01 to FHIR R4, or the reason why a person has to look at it first."""

import re
from dataclasses import dataclass
from datetime import datetime

from portal import people, timestamps
from portal.errors import Reason, Unusable
from portal.fhir import Resource
from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.lab_reports import LabReport, Sending, lab_report
from portal.lab_requests import merged
from portal.orders import Order, orders
from portal.people import PatientClaim

_TYPE = re.compile(r"[A-Z]{3}(\^[A-Z]\d\d)?")


@dataclass(frozen=True)
class LabResults:
    """`initial_load` (MSH-11.2 = I) fills a chart with its past: nobody is told of each result."""

    control_id: str
    sender: str
    sent_at: datetime | None
    initial_load: bool
    claim: PatientClaim
    reports: list[LabReport]


def lab_results(message: Message, zone: str) -> LabResults:
    """`zone` is the sender's, for times without an offset. Raises Unusable."""
    _check_message(message)
    claim = _only_patient(message)
    found = _orders_with_results(message)
    header = message.first("MSH")
    sending = Sending(
        sender=_sender(header),
        facility=header.text(4).strip(),
        zone=zone,
        sent=header.text(7).strip() or header.whole(10),
        sent_at=timestamps.instant(header.text(7), zone),
        subject=_subject(claim),
    )
    return LabResults(
        control_id=header.whole(10),
        sender=sending.sender,
        sent_at=sending.sent_at,
        initial_load=header.text(11, 2).strip() == "I",
        claim=claim,
        reports=[lab_report(order, sending) for order in merged(found, sending.sent)],
    )


def _check_message(message: Message) -> None:
    if message.count == 0:
        raise Unusable(Reason.NOT_HL7, "There is no MSH segment: this is not an HL7 v2 message.")
    if message.count > 1:
        detail = f"There are {message.count} MSH segments: each message must be sent on its own."
        raise Unusable(Reason.SEVERAL_MESSAGES, detail)
    if message.first("MSH").text(9).strip().upper()[:3] != "ORU":
        raise Unusable(Reason.UNSUPPORTED_TYPE, _other_type(message.first("MSH")))


def _other_type(header: Segment) -> str:
    said = "^".join(part for part in header.value(9).components()[:2] if part)
    if not said:
        return "MSH-9 is empty: a lab result says ORU^R01 there."
    told = said if _TYPE.fullmatch(said) else "something that is no message type"
    return f"MSH-9 says {told}: only lab results (ORU) are read here."


def _only_patient(message: Message) -> PatientClaim:
    """An ORU may repeat PID for each group of orders, and should repeat the same person."""
    claims = [people.claim(pid) for pid in message.all("PID")]
    if not any(claim.identifiers for claim in claims):
        where = (
            "PID-3 is empty, and so are PID-2 and PID-4" if claims else "There is no PID segment"
        )
        detail = f"{where}: nobody can tell whose result this is."
        raise Unusable(Reason.NO_PATIENT_IDENTIFIER, detail)
    first = claims[0]
    if not all(set(first.identifiers) & set(other.identifiers) for other in claims):
        detail = f"The {len(claims)} PID segments do not share an identifier in PID-3."
        raise Unusable(Reason.SEVERAL_PATIENTS, detail)
    return first


def _orders_with_results(message: Message) -> list[Order]:
    found = orders(message)
    if not found:
        raise Unusable(Reason.NO_ORDER, "There is no OBR segment: no test is named.")
    if not any(order.has_content or order.obr.text(25).strip() == "X" for order in found):
        raise Unusable(Reason.NO_RESULT, "There is neither OBX nor NTE under any OBR.")
    return found


def _sender(header: Segment) -> str:
    return " ".join(part for part in (header.text(3).strip(), header.text(4).strip()) if part)


def _subject(claim: PatientClaim) -> Resource:
    """Known by the sender's number until the patient is matched."""
    first = claim.identifiers[0]
    assigner = {"assigner": {"display": first.authority}} if first.authority else {}
    return {"type": "Patient", "identifier": {"value": first.value} | assigner}
