"""JSON that strangers send, read so that nothing in it can hurt: depth, numbers, texts."""

import codecs
import re
from decimal import Decimal
from typing import Any

from portal import fhir
from portal.errors import Reason
from portal.fhir import Resource
from portal.fhir_outcomes import Refused

MAX_DEPTH = 60
MAX_DIGITS = 60  # of a number, before and after its point; FHIR asks for 18 at least
# FHIR R4, datatypes, string: nothing below U+0020 but tab, line feed and carriage return.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def is_fhir(body: bytes) -> bool:
    """Rather than HL7 v2. Some programs put a byte order mark first."""
    return body.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{"


def read(body: bytes) -> Resource:
    """One resource; raises Refused."""
    try:
        document = fhir.loads(body.removeprefix(codecs.BOM_UTF8).decode())
    except (ValueError, ArithmeticError, RecursionError):
        raise _malformed("Send JSON in UTF-8: this cannot be read.") from None
    if not isinstance(document, dict) or not isinstance(document.get("resourceType"), str):
        raise _malformed("Send a FHIR resource: a JSON object with its resourceType.")
    _check(document)
    return document


def _malformed(words: str) -> Refused:
    return Refused(400, "structure", words, reason=Reason.INVALID_FHIR)


def _check(document: Resource) -> None:
    waiting: list[tuple[Any, int]] = [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise _malformed(f"Nest elements at most {MAX_DEPTH} deep.")
        match value:
            case dict():
                waiting += ((part, depth + 1) for part in (*value, *value.values()))
            case list():
                waiting += ((part, depth + 1) for part in value)
            case str():
                _check_text(value)
            case _:
                _check_number(value)


def _check_text(text: str) -> None:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # half a surrogate pair
            raise _malformed("Send whole characters: half of one can be stored nowhere.") from None
    if _CONTROL.search(text):
        raise _malformed("Leave out control characters: FHIR allows tab and line ends only.")


def _check_number(value: object) -> None:
    """`1e999999` written out would fill the memory; NaN and Infinity are not JSON."""
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        is_fit = -(10**MAX_DIGITS) < value < 10**MAX_DIGITS
    else:
        is_fit = isinstance(value, Decimal) and _is_short(value)
    if not is_fit:
        raise _malformed(f"Send numbers of at most {MAX_DIGITS} digits.")


def _is_short(value: Decimal) -> bool:
    digits, exponent = value.as_tuple().digits, value.as_tuple().exponent
    return isinstance(exponent, int) and len(digits) + abs(exponent) <= MAX_DIGITS
