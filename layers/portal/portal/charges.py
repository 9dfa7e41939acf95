"""FT1 -> ChargeItem: charges and credits of a visit.

A credit (CD) is a charge that counts the other way: its amount stays as sent, factorOverride is
-1. Payments, co-payments and adjustments (PY, CO, AJ) are no charges and make no ChargeItem; the
Account is with `portal.coverages`.
"""

from decimal import Decimal
from typing import Any

from portal import accounts, codings, visit_keys
from portal.amounts import money, number
from portal.business_identifiers import identifier, practitioners
from portal.contacts import UNKNOWN, first_said
from portal.entries import Draft, Entry
from portal.envelopes import Envelope
from portal.fhir import Resource
from portal.folds import merged
from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.segment_notes import put_notes, with_notes
from portal.timestamps import fhir_datetime

REQUIRED: dict[str, dict[str, Any]] = {"ChargeItem": {"status": "unknown", "code": UNKNOWN}}
_CPT = "http://www.ama-assn.org/go/cpt"
_NO_CHARGE = ("PY", "CO", "AJ")  # table 0017
_STATUS = {"CG": "billable", "CD": "billable"}


def entries(message: Message, envelope: Envelope) -> list[Entry]:
    """Lines alike in everything are counted: two charges never become one."""
    found: list[Entry] = []
    seen: dict[str, int] = {}
    for ft1, notes in with_notes(message, "FT1"):
        key = _key(ft1, message, envelope)
        if not key or _kind(ft1) in _NO_CHARGE:
            continue
        seen[key] = seen.get(key, 0) + 1
        is_numbered = bool(ft1.text(2).strip())
        own = key if is_numbered or seen[key] == 1 else f"{key}\n#{seen[key]}"
        found.append(_charge(own, ft1, notes, message, envelope))
    return merged(found)


def _kind(ft1: Segment) -> str:
    return codings.code(ft1.text(6)).upper()


def _key(ft1: Segment, message: Message, envelope: Envelope) -> str:
    """FT1-2, else day, code and amount within the account or visit."""
    if numbered := envelope.scoped(ft1.value(2)):
        return f"number\n{numbered}"
    bill = accounts.number(message, envelope) or visit_keys.visit(message, envelope)
    what = [ft1.raw(n).strip() for n in (4, 6, 7, 25, 10, 11, 12)]
    named = any(ft1.raw(n).strip() for n in (7, 8, 25))
    return "\n".join([envelope.facility, bill.key if bill else "", *what]) if named else ""


def _charge(
    key: str, ft1: Segment, notes: list[Segment], message: Message, envelope: Envelope
) -> Entry:
    zone = envelope.zone
    draft = Draft("ChargeItem", key, at=envelope.at)
    numbered = identifier(ft1.value(2), zone)
    draft.put("identifier", [numbered] if numbered else [], ft1, 2)
    draft.put("status", _STATUS.get(_kind(ft1)), ft1, 6)
    draft.put("factorOverride", Decimal(-1) if _kind(ft1) == "CD" else None, ft1, 6)
    draft.put("code", _code(ft1), ft1, first_said(ft1, 25, 7, 8))
    draft.put("occurrenceDateTime", fhir_datetime(ft1.text(4), zone), ft1, 4)
    draft.put("enteredDate", fhir_datetime(ft1.text(5), zone), ft1, 5)
    count = number(ft1.text(10))
    draft.put("quantity", {"value": count} if count is not None else {}, ft1, 10)
    _put_price(draft, ft1, count)
    reasons = [said for sent in ft1.repetitions(19) if (said := codings.concept(sent))]
    draft.put("reason", reasons, ft1, 19)
    draft.put("performer", [{"actor": each} for each in practitioners(ft1, 20)], ft1, 20)
    visit_keys.put_visit(draft, "context", message, envelope)
    accounts.put_account(draft, "account", message, envelope)
    put_notes(draft, notes)
    return draft.entry()


def _put_price(draft: Draft, ft1: Segment, count: Decimal | None) -> None:
    """The price of the whole line (FT1-11). A unit's price (FT1-12) is that only for one."""
    draft.put("priceOverride", money(ft1.value(11)), ft1, 11)
    if not ft1.raw(11) and count in (None, 1):
        draft.put("priceOverride", money(ft1.value(12)), ft1, 12)


def _code(ft1: Segment) -> Resource:
    """The procedure (FT1-25, CPT in the USA) before the sender's own charge code (FT1-7)."""
    procedure, own = codings.concept(ft1.value(25)), codings.concept(ft1.value(7))
    description = ft1.text(8).strip()
    found = [*_modified(procedure.get("coding", []), ft1), *own.get("coding", [])]
    coding = [each for n, each in enumerate(found) if each not in found[:n]]
    text = description or procedure.get("text") or own.get("text")
    return ({"coding": coding} if coding else {}) | ({"text": text} if text else {})


def _modified(found: list[Resource], ft1: Segment) -> list[Resource]:
    """CPT with the modifiers of FT1-26 as one expression, 73630:RT:GA (HL7 terminology, CPT)."""
    named = [codings.code(sent.text(1)) for sent in ft1.repetitions(26)]
    modifiers = "".join(f":{each}" for each in named if each)
    return [
        each | {"code": each["code"] + modifiers} if each.get("system") == _CPT else each
        for each in found
    ]
