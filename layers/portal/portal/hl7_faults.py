"""Why a message was refused, for clinic staff: hl7apy's strict validation put into sentences.

Only segment names, field numbers and kinds of fault are told; what stands in a field is PHI.
hl7apy takes about 2 ms a field, so only the beginning of a large message is looked at.
"""

import re
from collections.abc import Iterator
from itertools import islice

from portal import hl7
from portal.hl7 import Message
from portal.hl7_segments import Segment

_FALLBACK_VERSION = "2.5.1"
_MOST_FIELDS = 400
_MOST_FAULTS = 12
_LONGEST_FIELD = 1_000
_OUTSIDE = frozenset({"MSH", "FHS", "BHS", "BTS", "FTS", "DSC"})
# What hl7apy raises besides its own errors when it stumbles over a message.
_STUMBLES = (ValueError, LookupError, AttributeError, TypeError, ArithmeticError, RecursionError)
_MISSING = re.compile(r"Missing required child \w+\.\w{3}_(\d{1,2})")
_NEEDED = {
    "PID": "No PID segment: the patient.",
    "OBR": "No OBR segment: the test that was ordered.",
}
_KINDS = {
    "MaxLengthReached": "is longer than HL7 allows",
    "InvalidDataType": "has a data type that this version of HL7 does not know",
    "MaxChildLimitReached": "has more parts than HL7 allows",
    "ChildNotFound": "has more parts than HL7 allows",
    "InvalidName": "has more parts than HL7 allows",
    "OperationNotAllowed": "is not a field of this version of HL7",
    "ChildNotValid": "has more parts than HL7 allows",
}


def why_refused(raw: bytes) -> list[str]:
    """Never raises. [] when nothing is found wrong."""
    message = hl7.read(raw)
    if not message.segments:
        return ["No MSH segment: this is not an HL7 v2 message."]
    return list(dict.fromkeys(_faults(message)))[:_MOST_FAULTS]


def _faults(message: Message) -> Iterator[str]:
    version = message.first("MSH").text(12).strip()
    if not _is_known(version):
        yield "MSH-12 names a version of HL7 that cannot be checked."
        version = _FALLBACK_VERSION
    names = {segment.name for segment in message.segments}
    yield from (words for name, words in _NEEDED.items() if name not in names)
    if not names & {"OBX", "NTE"}:
        yield "No OBX and no NTE segment: the result."
    yield from islice(filter(None, _checked(message, version)), _MOST_FAULTS)


def _checked(message: Message, version: str) -> Iterator[str]:
    """One answer for each thing looked at, '' where all is well; the number of looks is bounded."""
    looks = 0
    for segment in message.segments:
        if segment.name in _OUTSIDE or not re.fullmatch(r"[A-Y][A-Z0-9]{2}", segment.name):
            continue
        where = f"{segment.name}[{segment.number}]"
        looks += 5
        yield _required(segment, where, version, message)
        for field in range(1, len(segment) + 1):
            looks += 1
            if looks > _MOST_FIELDS:
                return
            yield _field(segment, field, where, version, message)


def _is_known(version: str) -> bool:
    from hl7apy import check_version  # type: ignore[import-untyped]
    from hl7apy.exceptions import HL7apyException  # type: ignore[import-untyped]

    try:
        check_version(version)
    except (HL7apyException, *_STUMBLES):
        return False
    return True


def _required(segment: Segment, where: str, version: str, message: Message) -> str:
    """Which field that HL7 requires is empty; hl7apy tells the first."""
    from hl7apy.exceptions import HL7apyException
    from hl7apy.parser import parse_segment  # type: ignore[import-untyped]
    from hl7apy.validation import VALIDATION_LEVEL, Validator  # type: ignore[import-untyped]

    sign = message.delimiters.field
    filled = ["x" if segment.raw(field) else "" for field in range(1, min(len(segment), 60) + 1)]
    text = sign.join([segment.name, *filled])
    try:
        parsed = parse_segment(text, version, _encoding(message), VALIDATION_LEVEL.TOLERANT)
        Validator.validate(parsed)
    except (HL7apyException, *_STUMBLES) as error:
        missing = _MISSING.match(str(error))
        return f"{where} lacks field {missing[1]}, which HL7 requires." if missing else ""
    return ""


def _field(segment: Segment, field: int, where: str, version: str, message: Message) -> str:
    from hl7apy.exceptions import HL7apyException
    from hl7apy.parser import parse_field
    from hl7apy.validation import VALIDATION_LEVEL

    raw = segment.value(field).raw
    if not raw or len(raw) > _LONGEST_FIELD:
        return ""
    name = f"{segment.name}_{field}"
    try:
        parse_field(raw, name, version, _encoding(message), VALIDATION_LEVEL.STRICT)
    except (HL7apyException, *_STUMBLES) as error:
        kind = _KINDS.get(type(error).__name__, "does not hold what its data type allows")
        return f"{where}, field {field}, {kind}."
    return ""


def _encoding(message: Message) -> dict[str, str]:
    names = ("FIELD", "COMPONENT", "REPETITION", "ESCAPE", "SUBCOMPONENT", "TRUNCATION")
    return dict(zip(names, message.delimiters, strict=True)) | {"SEGMENT": "\r", "GROUP": "\r"}
