"""OBX-5 by OBX-2 as FHIR value[x]. What does not fit its type exactly is kept as the text sent.

Every type has a rendering: text types and unknown ones are read whole, numbers and dates as sent,
coded values by their words, composites (addresses, names, numbers of people and phones) by their
parts. A reference (RP) is text and is never followed; a document (ED) is `portal.documents`'.
"""

import re
from decimal import Decimal
from typing import Any

from portal import codings, timestamps
from portal.hl7_segments import Segment, Value

CODED = frozenset({"CE", "CWE", "CNE", "CF"})
NARRATIVE = frozenset({"TX", "FT"})
_DATES = frozenset({"DT", "TS", "DTM"})
_WHOLE = frozenset({"ST", "NM", "IS", "ID", "SI", "TXT", "NUM", ""})
_JOINTS = {"SN": "", "NR": "-", "XAD": ", ", "AD": ", "}
_NUMBER = re.compile(r"[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})", re.ASCII)
_COMPARED = re.compile(r"(<=|>=|<|>|=)?\s*(\S+)")
_PLAIN = ("", "=")


def number(text: str) -> Decimal | None:
    """With its digits: 5.40 stays 5.40."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def value(obx: Segment, zone: str) -> dict[str, Any]:
    """One value[x] element, or {} when the lab sent none."""
    text = shown(obx)
    if not text.strip():
        return {}
    typed = _typed(obx, text, zone) if len(obx.repetitions(5)) == 1 else None
    return typed or {"valueString": text}


def shown(obx: Segment) -> str:
    """OBX-5 as a person reads it; repetitions on lines of their own."""
    kind = obx.text(2).strip().upper()
    if kind in NARRATIVE:
        lines = [repetition.whole().rstrip() for repetition in obx.repetitions(5)]
    else:
        lines = [_words(kind, repetition) for repetition in obx.repetitions(5)]
    return "\n".join(lines)


def _words(kind: str, sent: Value) -> str:
    if _is_coded(kind, sent):
        return codings.shown(sent)
    if kind == "ED":
        return ""
    if kind in _WHOLE:
        return sent.whole().strip()
    joint = _JOINTS.get(kind, " ")
    return joint.join(part.strip() for part in sent.components() if part.strip())


def _is_coded(kind: str, sent: Value) -> bool:
    """By OBX-2; where that is empty, by a code system or original text inside the value."""
    if kind or "^" not in sent.raw:
        return kind in CODED
    return bool(sent.text(3).strip() or sent.text(9).strip())


def _typed(obx: Segment, text: str, zone: str) -> dict[str, Any] | None:
    kind = obx.text(2).strip().upper()
    sent = obx.value(5)
    if _is_coded(kind, sent):
        return {"valueCodeableConcept": codings.concept(sent)}
    if kind == "SN":
        return _structured(obx, sent)
    if kind == "NR":
        return _range(obx, sent.text(1).strip(), sent.text(2).strip())
    if kind == "NM" or (kind == "ST" and codings.unit(obx.value(6))):
        return _compared(obx, text)
    if kind in _DATES:
        moment = timestamps.fhir_datetime(sent.text(1), zone)
        return {"valueDateTime": moment} if moment else None
    if kind == "TM":
        time = timestamps.fhir_time(sent.text(1))
        return {"valueTime": time} if time else None
    return None


def _compared(obx: Segment, text: str) -> dict[str, Any] | None:
    """Many senders put <15 into an NM and plain numbers with a unit into an ST."""
    found = _COMPARED.fullmatch(text)
    amount = number(found[2]) if found else None
    if not found or amount is None:
        return None
    comparator = {} if (found[1] or "") in _PLAIN else {"comparator": found[1]}
    return {"valueQuantity": _quantity(obx, amount) | comparator}


def _structured(obx: Segment, sent: Value) -> dict[str, Any] | None:
    comparator, first, separator, second = (sent.text(n).strip() for n in (1, 2, 3, 4))
    if not (separator or second):
        return _compared(obx, f"{comparator}{first}")
    low, high = number(first), number(second)
    if comparator not in _PLAIN or low is None or high is None:
        return None
    if separator == "-":
        return _range(obx, first, second)
    if separator in {":", "/"}:
        return {"valueRatio": {"numerator": {"value": low}, "denominator": {"value": high}}}
    return None


def _range(obx: Segment, first: str, second: str) -> dict[str, Any] | None:
    low, high = number(first), number(second)
    if low is None or high is None or low > high:
        return None
    return {"valueRange": {"low": _quantity(obx, low), "high": _quantity(obx, high)}}


def _quantity(obx: Segment, amount: Decimal) -> dict[str, Any]:
    unit, code = codings.unit(obx.value(6)), codings.ucum(obx.value(6))
    words = {"unit": unit} if unit else {}
    return {"value": amount} | words | ({"system": codings.UCUM, "code": code} if code else {})
