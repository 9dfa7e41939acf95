"""Numbers and reference ranges as labs write them (OBX-5 and OBX-7).

What cannot be read for certain is left unread: the card then shows what the lab sent.
"""

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal

from portal import units

_DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?|[0-9]{1,12}(?:[.,][0-9]*)?|[.,][0-9]+)"
_NUMBER = rf"-?{_DIGITS}"
_COMPARED = re.compile(rf"(<=|>=|=<|=>|<|>|≤|≥)?\s*({_NUMBER})")
_BETWEEN = re.compile(rf"({_NUMBER})\s*(?:-|–|—|to)\s*({_NUMBER})(?:\s*(.+))?", re.IGNORECASE)
_ONE_SIDED = re.compile(rf"(<=|>=|=<|=>|<|>|≤|≥)\s*({_NUMBER})(?:\s*(.+))?")
_WORDS = re.compile(r"(?i)(below|under|less than|up to|above|over|greater than|more than)\b")
_SIGNS = {"=<": "<=", "≤": "<=", "=>": ">=", "≥": ">=", "up to": "<="}
_SIGNS |= dict.fromkeys(("below", "under", "less than"), "<")
_SIGNS |= dict.fromkeys(("above", "over", "greater than", "more than"), ">")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?")
# A whole number that reads as YYYYMMDD with or without a time, or with zeros before it (a code).
_DATE_OR_CODE = re.compile(
    r"0[0-9].*|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]).*"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A result as a number. `comparator` is "", "<", "<=", ">" or ">=": "<0.5" is below 0.5."""

    value: Decimal
    comparator: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """A missing bound is None. `unit` is set only where the lab wrote one into the range."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_is_inside: bool = True
    high_is_inside: bool = True
    unit: str = ""
    low_text: str = field(default="", compare=False)  # as the lab sent it, for the picture
    high_text: str = field(default="", compare=False)


def parse_number(text: str) -> Number | None:
    """None for grades (1+), titres (1:40), dates, codes and numbers with words beside them."""
    found = _COMPARED.fullmatch(text.strip().replace("\N{MINUS SIGN}", "-"))
    value = _decimal(found[2]) if found else None
    if not found or value is None:
        return None
    sign = found[1] or ""
    return Number(value, _SIGNS.get(sign, sign))


def parse_range(text: str) -> Range | None:
    """None for words ("Negative"), targets, and ranges by sex, age or cycle: shown as sent."""
    bare = text.strip().replace("\N{MINUS SIGN}", "-")
    if bare[:1] + bare[-1:] in {"[]", "()"}:
        bare = bare[1:-1].strip()
    bare = _WORDS.sub(lambda word: _SIGNS[word[1].lower()], bare, count=1)
    return _two_sided(bare) or _one_sided(bare)


def _two_sided(text: str) -> Range | None:
    found = _BETWEEN.fullmatch(text)
    unit = (found[3] or "").strip() if found else ""
    if not found or (unit and not units.read(unit)):
        return None
    low, high = _decimal(found[1]), _decimal(found[2])
    if low is None or high is None or low > high:
        return None
    return Range(low, high, unit=unit, low_text=found[1], high_text=found[2])


def _one_sided(text: str) -> Range | None:
    found = _ONE_SIDED.fullmatch(text)
    unit = (found[3] or "").strip() if found else ""
    bound = _decimal(found[2]) if found else None
    if not found or bound is None or (unit and not units.read(unit)):
        return None
    sign = _SIGNS.get(found[1], found[1])
    if sign.startswith("<"):
        return Range(high=bound, high_is_inside=sign == "<=", unit=unit, high_text=found[2])
    return Range(low=bound, low_is_inside=sign == ">=", unit=unit, low_text=found[2])


def _decimal(digits: str) -> Decimal | None:
    whole = digits.lstrip("-")
    if _THOUSANDS.fullmatch(whole):
        return Decimal(digits.replace(",", ""))
    if _DATE_OR_CODE.fullmatch(whole) and whole.isdigit():
        return None
    return Decimal(digits.replace(",", ".")) if digits.count(",") < 2 else None


def in_unit(span: Range, unit: str) -> Range | None:
    """The range in the unit of the result; None where the two units do not compare."""
    if not span.unit or units.same_unit(span.unit, unit):
        return replace(span, unit="")
    low = span.low if span.low is None else units.converted(span.low, span.unit, unit)
    high = span.high if span.high is None else units.converted(span.high, span.unit, unit)
    if (low is None) != (span.low is None) or (high is None) != (span.high is None):
        return None
    return replace(span, low=low, high=high, unit="", low_text="", high_text="")
