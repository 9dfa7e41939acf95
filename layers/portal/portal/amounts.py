"""NM and CP: numbers with the sender's digits, money with its currency."""

import re
from decimal import Decimal

from portal.fhir import Resource
from portal.hl7_segments import Value

_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,9})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_DEFAULT_CURRENCY = "USD"  # MO-2 is the currency of the sender's country where it is left out


def number(text: str) -> Decimal | None:
    """12.50 stays 12.50. With a thousands' comma it could be either of two numbers: None."""
    return Decimal(text.strip()) if _NUMBER.fullmatch(text.strip()) else None


def money(price: Value) -> Resource:
    """CP. Some senders put the currency where the price type (table 0205) belongs."""
    amount = number(price.text(1, 1))
    places = (price.text(1, 2).strip().upper(), price.text(2).strip().upper())
    found = (place for place in places if _CURRENCY.fullmatch(place))
    currency = next(found, _DEFAULT_CURRENCY)
    return {"value": amount, "currency": currency} if amount is not None else {}


def positive(text: str, most: int) -> int | None:
    """A rank or an order: 0001 is 1. What is larger than `most` was something else."""
    digits = text.strip().lstrip("0")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        return None
    return int(digits) if int(digits) <= most else None
