"""The account a visit is billed to (PID-18, else PV1-19) -> Account.

An account is told of by BAR and DFT, and by an ADT with insurance or a guarantor; the account
number that rides along in any other message is only a number.
"""

from typing import Any, NamedTuple

from portal import related_people
from portal.business_identifiers import identifier
from portal.contacts import period, said
from portal.entries import Draft, Entry, reference
from portal.envelopes import Envelope
from portal.fhir import Resource
from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.related_people import GT1
from portal.timestamps import fhir_datetime
from portal.visit_events import WITHOUT_VISIT

REQUIRED: dict[str, dict[str, Any]] = {"Account": {"status": "unknown"}}
_STATUS = {"P01": "active", "P02": "inactive", "P06": "inactive"}  # added, purged, ended


class Number(NamedTuple):
    key: str
    segment: Segment
    field: int


def number(message: Message, envelope: Envelope) -> Number | None:
    """None where the message tells of no account."""
    pid, pv1 = message.first("PID"), message.first("PV1")
    is_told = envelope.message_type in ("BAR", "DFT") or message.all("IN1") or message.all("GT1")
    if not is_told or envelope.event in WITHOUT_VISIT:
        return None
    account, visit = envelope.scoped(pid.value(18)), envelope.scoped(pv1.value(19))
    if account:
        return Number(account, pid, 18)
    return Number(f"visit\n{visit}", pv1, 19) if visit else None


def put_account(draft: Draft, element: str, message: Message, envelope: Envelope) -> None:
    if found := number(message, envelope):
        account = [reference("Account", found.key)]
        draft.put(element, account, found.segment, found.field)


def entries(message: Message, envelope: Envelope, coverages: list[Entry]) -> list[Entry]:
    found = number(message, envelope)
    return [_account(found, message, envelope, coverages)] if found else []


def _account(found: Number, message: Message, envelope: Envelope, coverages: list[Entry]) -> Entry:
    pv1, zone = message.first("PV1"), envelope.zone
    draft = Draft("Account", found.key, at=envelope.at)
    sent = found.segment.value(found.field)
    draft.put("identifier", [identifier(sent, zone)], found.segment, found.field)
    draft.put("name", sent.text(1).strip(), found.segment, found.field)
    if status := _STATUS.get(envelope.event if envelope.message_type == "BAR" else ""):
        draft.state("status", status, message.first("MSH"))
    draft.put("servicePeriod.start", fhir_datetime(pv1.text(44), zone), pv1, 44)
    draft.put("servicePeriod.end", fhir_datetime(pv1.text(45), zone), pv1, 45)
    if coverages:
        draft.state("coverage", [_coverage(each) for each in coverages], message.first("IN1"))
    guarantors = [(gt1, party) for gt1 in message.all("GT1") if (party := _party(gt1, envelope))]
    if guarantors:
        listed = [_guarantor(gt1, party, zone) for gt1, party in guarantors]
        draft.put("guarantor", listed, guarantors[0][0], 3)
    return draft.entry()


def _coverage(entry: Entry) -> Resource:
    named = {"coverage": reference("Coverage", entry.key)}
    return said({**named, "priority": entry.elements.get("order")})


def _party(gt1: Segment, envelope: Envelope) -> Resource:
    """A patient who pays for themselves is named only: filing alone knows their record."""
    key = related_people.key(gt1, GT1, envelope)
    named = related_people.shown(gt1, GT1)
    if not key:
        return {}
    if related_people.is_self(gt1, GT1):
        return {"display": named}
    return reference("RelatedPerson", key, named)


def _guarantor(gt1: Segment, party: Resource, zone: str) -> Resource:
    dates = period(gt1.text(GT1.start), gt1.text(GT1.end), zone)
    return said({"party": party, "period": dates})
