"""Builders of orders and prescriptions in HL7 v2, and what becomes of them."""

from collections.abc import Callable

from tests.portal.converter_checks import check, completed

from portal import fhir, hl7, medications, order_requests, people
from portal.entries import Entry
from portal.envelopes import Envelope, envelope
from portal.errors import Unusable
from portal.hl7 import Message

type Converter = Callable[[Message, Envelope], list[Entry]]

ZONE = "America/New_York"
REQUIRED = medications.REQUIRED | order_requests.REQUIRED
_PID = "PID|1||1001^^^CLINIC^MR||Doe^Jane"
DRUG = "308191^amoxicillin 500 MG Oral Capsule^RXNORM"
ORC = "ORC|NW|P1^EHR|F1^PHARM"
RXE = f"RXE||{DRUG}|500||mg^milligram"
OBR = "OBR|1|P1^EHR||24323-8^Comprehensive panel^LN"


def a_segment(name: str, fields: dict[int, str]) -> str:
    """`fields`: number -> what stands in it."""
    return "|".join([name, *(fields.get(n, "") for n in range(1, max(fields) + 1))])


def an_rxe(fields: dict[int, str] | None = None) -> str:
    return a_segment("RXE", {2: DRUG, 3: "500", 5: "mg^milligram"} | (fields or {}))


def an_obr(fields: dict[int, str] | None = None) -> str:
    return a_segment("OBR", {2: "P1^EHR", 4: "24323-8^Comprehensive panel^LN"} | (fields or {}))


def a_message(kind: str, *segments: str, at: str = "20260301120000-0500") -> Message:
    header = rf"MSH|^~\&|EHR|CLINIC|PORTAL|PORTAL|{at}||{kind}|M1|P|2.5.1"
    return hl7.read("\r".join([header, _PID, *segments]).encode())


def converted(message: Message, convert: Converter) -> list[Entry]:
    """Each entry is valid FHIR, and names fields that say something."""
    found = convert(message, envelope(message, people.claim(message.first("PID")), ZONE))
    for entry in found:
        check(entry, message, REQUIRED)
    return found


def converted_or_refused(message: Message, convert: Converter) -> list[Entry]:
    """Whatever comes: valid FHIR, or a reason in words."""
    about = envelope(message, people.claim(message.first("PID")), ZONE)
    try:
        found = convert(message, about)
    except Unusable as refused:
        return [] if refused.detail.endswith(".") else [Entry("no words", "", "", 0, {})]
    for entry in found:
        fhir.validate(fhir.loads(fhir.dumps(completed(entry, REQUIRED))))
    return found


def prescribed(*segments: str, kind: str = "RDE^O11") -> Entry:
    """The first MedicationRequest."""
    found = converted(a_message(kind, *segments), medications.entries)
    return next(entry for entry in found if entry.resource_type == "MedicationRequest")


def dispensed(*segments: str, kind: str = "RDS^O13") -> Entry:
    found = converted(a_message(kind, *segments), medications.entries)
    return next(entry for entry in found if entry.resource_type == "MedicationDispense")


def ordered(*segments: str, kind: str = "OML^O21") -> list[Entry]:
    return converted(a_message(kind, *segments), order_requests.entries)
