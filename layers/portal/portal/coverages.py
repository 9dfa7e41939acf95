"""Who pays: IN1 and its IN2 -> Coverage, GT1 -> RelatedPerson, and the Account of both.

A Coverage that has ended stays `active`: FHIR's status is the record's; `period` says when.
"""

from dataclasses import dataclass
from typing import Any

from portal import accounts, business_keys, codings, related_people
from portal.amounts import positive
from portal.business_identifiers import identifiers, organization
from portal.code_tables import code_in, tabled
from portal.contacts import UNKNOWN, first_said, names, said
from portal.entries import Draft, Entry
from portal.envelopes import Envelope
from portal.fhir import Resource
from portal.folds import merged
from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.related_people import GT1
from portal.timestamps import fhir_datetime

REQUIRED: dict[str, dict[str, Any]] = {
    "Coverage": {"status": "active", "payor": [UNKNOWN]},
    **accounts.REQUIRED,
}
_CLASS = "http://terminology.hl7.org/CodeSystem/coverage-class"
_RELATIONSHIP = "http://terminology.hl7.org/CodeSystem/subscriber-relationship"
# IN2-72 (table 0344) is what the patient is to the insured, as FHIR has it.
_TO_INSURED = {
    "01": "self",
    "02": "spouse",
    "03": "child",
    "04": "child",
    "05": "child",
    "06": "child",
    "15": "injured",
    "18": "parent",
}
# IN1-17 (table 0063) is what the insured is to the patient: turned round. A child there is, from
# most senders, the patient after all, so CHD is not turned.
_OF_INSURED = {"SEL": "self", "SPO": "spouse", "PAR": "child", "MTH": "child", "FTH": "child"}


@dataclass(frozen=True)
class Insurance:
    in1: Segment
    in2: Segment


def entries(message: Message, envelope: Envelope) -> list[Entry]:
    insurances = _insurances(message)
    coverages = merged(_coverage(each, envelope) for each in insurances if _key(each, envelope))
    people = [
        related_people.related_person(gt1, GT1, envelope)
        for gt1 in message.all("GT1")
        if related_people.key(gt1, GT1, envelope) and not related_people.is_self(gt1, GT1)
    ]
    account = accounts.entries(message, envelope, coverages)
    return [*coverages, *merged(people), *account]


def _insurances(message: Message) -> list[Insurance]:
    found: list[Insurance] = []
    for segment in message.segments:
        if segment.name == "IN1":
            found.append(Insurance(segment, message.first("-")))
        elif segment.name == "IN2" and found and not found[-1].in2:
            found[-1] = Insurance(found[-1].in1, segment)
    return found


def _key(insurance: Insurance, envelope: Envelope) -> str:
    """Company, plan and the number on the card; never the set id, which is but a place."""
    in1 = insurance.in1
    company = envelope.scoped(in1.value(3)) or business_keys.plain(in1.text(4))
    plan = in1.text(2).strip() or in1.text(35).strip()
    parts = (company, business_keys.plain(plan), _member_number(in1))
    return "\n".join(parts) if any(parts) else ""


def _member_number(in1: Segment) -> str:
    return in1.text(36).strip() or in1.text(49).strip()


def _coverage(insurance: Insurance, envelope: Envelope) -> Entry:
    in1, in2, zone = insurance.in1, insurance.in2, envelope.zone
    draft = Draft("Coverage", _key(insurance, envelope), at=envelope.at)
    is_gone = in1.text(55).strip().upper() == "D"
    draft.state("status", "cancelled" if is_gone else "active", in1)
    draft.put("payor", _payors(in1, zone), in1, first_said(in1, 4, 3))
    draft.put("subscriberId", _member_number(in1), in1, first_said(in1, 36, 49))
    draft.put("identifier", identifiers(in1, 49, zone), in1, 49)
    draft.put("class", _classes(in1), in1, first_said(in1, 8, 9, 2, 35))
    at = first_said(in1, 15, 47)
    kind = codings.concept(in1.value(15)) if at == 15 else tabled(in1.value(47), "0309")
    draft.put("type", kind, in1, at)
    draft.put("period.start", fhir_datetime(in1.text(12), zone), in1, 12)
    draft.put("period.end", fhir_datetime(in1.text(13), zone), in1, 13)
    order = positive(in1.text(22), most=20)
    draft.put("order", order or positive(in1.text(1), most=20), in1, 22 if order else 1)
    draft.put("policyHolder", organization(in1.value(11)), in1, 11)
    insured = names(in1, 16, zone)
    draft.put("subscriber", {"display": insured[0]["text"]} if insured else {}, in1, 16)
    _put_relationship(draft, in1, in2)
    return draft.entry()


def _payors(in1: Segment, zone: str) -> list[Resource]:
    company, numbers = organization(in1.value(4)), identifiers(in1, 3, zone)
    shown = company.get("display") or next((each["value"] for each in numbers), "")
    numbered = {"identifier": numbers[0]} if numbers else {}
    return [{"type": "Organization", "display": shown} | numbered] if shown else []


def _classes(in1: Segment) -> list[Resource]:
    plan = in1.text(2).strip() or in1.text(35).strip()
    plan_name = in1.text(2, 2).strip() or in1.text(35, 2).strip()
    found = (
        ("group", in1.text(8).strip(), in1.text(9).strip()),
        ("plan", plan, plan_name),
    )
    return [
        said({"type": {"coding": [{"system": _CLASS, "code": kind}]}, "value": value or name})
        | ({"name": name} if name else {})
        for kind, value, name in found
        if value or name
    ]


def _put_relationship(draft: Draft, in1: Segment, in2: Segment) -> None:
    """What the patient is to the insured: IN2-72 says it so, IN1-17 the other way round."""
    if in2.raw(72):
        related = _TO_INSURED.get(codings.code(in2.text(72)), "")
        words = tabled(in2.value(72), "0344")
        draft.put("relationship", _related(related, words), in2, 72)
    else:
        related = _OF_INSURED.get(code_in(in1.value(17), "0063"), "")
        words = tabled(in1.value(17), "0063")
        draft.put("relationship", _related(related, words), in1, 17)


def _related(code: str, words: Resource) -> Resource:
    if not code:
        return words
    own = {"system": _RELATIONSHIP, "code": code}
    return words | {"coding": [own, *words.get("coding", [])]}
