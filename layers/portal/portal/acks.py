"""The HL7 acknowledgement of a message, or of a batch of them, in its sender's own delimiters
(HL7 v2 chapter 2, 2.9 and 2.10).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from itertools import count

from portal.errors import Reason, Unusable
from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.hl7_text import Delimiters, escaped

_TIME = "%Y%m%d%H%M%S%z"
_BUILT_AS = "2.5.1"  # the first versions have no ERR-2; MSH-12 still says what the sender said
_PLACE = re.compile(r"zz(\d+)zz")
_LOCATION = re.compile(r"\b[A-Z][A-Z0-9]{2}-\d+(?:\.\d+)?\b")
_SEGMENT = re.compile(
    r"\b(?:MSH|PID|MRG|PV1|ORC|OBR|OBX|NTE|SPM|TXA|SCH|RXA|RXE|RXO|DG1|FT1|IN1)\b"
)


class AckCode(StrEnum):
    ACCEPTED = "AA"
    ERROR = "AE"
    REJECTED = "AR"
    COMMIT_ACCEPTED = "CA"
    COMMIT_ERROR = "CE"
    COMMIT_REJECTED = "CR"

    @property
    def is_good(self) -> bool:
        return self in (AckCode.ACCEPTED, AckCode.COMMIT_ACCEPTED)


class Condition(StrEnum):
    """HL7 table 0357."""

    SEGMENT_SEQUENCE = "100"
    REQUIRED_FIELD_MISSING = "101"
    DATA_TYPE = "102"
    OTHER = "199"
    UNSUPPORTED_MESSAGE_TYPE = "200"
    UNSUPPORTED_EVENT = "201"
    UNSUPPORTED_PROCESSING_ID = "202"
    UNSUPPORTED_VERSION = "203"
    UNKNOWN_KEY = "204"
    DUPLICATE_KEY = "205"
    APPLICATION_ERROR = "207"


@dataclass(frozen=True)
class Problem:
    """`location` is a path such as PID-3 or OBX-5.2; `words` are shown to the sender's staff."""

    condition: Condition
    words: str
    location: str = ""
    severity: str = "E"


CONDITIONS = {
    Reason.NOT_HL7: Condition.SEGMENT_SEQUENCE,
    Reason.UNSUPPORTED_TYPE: Condition.UNSUPPORTED_MESSAGE_TYPE,
    Reason.NO_PATIENT_IDENTIFIER: Condition.REQUIRED_FIELD_MISSING,
    Reason.NO_ORDER: Condition.SEGMENT_SEQUENCE,
    Reason.NO_RESULT: Condition.SEGMENT_SEQUENCE,
    Reason.BAD_VALUE: Condition.DATA_TYPE,
    Reason.PATIENT_UNMATCHED: Condition.UNKNOWN_KEY,
}


def problem_of(error: Unusable) -> Problem:
    """The first field that its sentence names is the place, else the first segment."""
    place = _LOCATION.search(error.detail) or _SEGMENT.search(error.detail)
    condition = CONDITIONS.get(error.reason, Condition.OTHER)
    return Problem(condition, error.detail, place[0] if place else "")


def is_asked(condition: str, is_good: bool) -> bool:
    """HL7 table 0155; what it does not know asks for an answer always."""
    rules = {"NE": False, "SU": is_good, "ER": not is_good}
    return rules.get(condition.strip().upper(), True)


def ack(
    request: Message,
    code: AckCode,
    problems: Sequence[Problem] = (),
    *,
    at: datetime,
    control_id: str,
) -> bytes:
    """Never raises, whatever the request holds. MSA-2 is MSH-10 byte for byte."""
    header, marks = request.first("MSH"), _usable(request.delimiters)
    segments = [
        ("MSH", _header(header, marks, at, control_id)),
        ("MSA", {1: code.value, 2: header.raw(10)}),
    ]
    segments += [("ERR", _error(problem, marks)) for problem in problems if not code.is_good]
    return f"{_built(segments, marks)}\r".encode(request.charset, errors="replace")


@dataclass(frozen=True)
class Envelope:
    """`name`: B for a batch (BHS, BTS), F for a file (FHS, FTS). `header` is the request's, read
    as a message: its fields are those of MSH up to 7, then 9 name, 11 control id (2.14.2)."""

    name: str
    header: Message
    comment: str = ""

    def around(self, answers: bytes, count: int, *, at: datetime, control_id: str) -> bytes:
        request, marks = self.header.first("MSH"), _usable(self.header.delimiters)
        swapped = [request.raw(number) for number in (5, 6, 3, 4)]
        ours = [at.strftime(_TIME), "", request.raw(9), escaped(self.comment, marks)]
        ids = [escaped(control_id, marks), request.raw(11)]
        encoding = "".join(marks[1:5])
        first = marks.field.join([f"{self.name}HS", encoding, *swapped, *ours, *ids])
        last = marks.field.join([f"{self.name}TS", str(count)])
        codec = self.header.charset
        return f"{first}\r".encode(codec, "replace") + answers + f"{last}\r".encode(codec)


def _header(request: Segment, marks: Delimiters, at: datetime, control_id: str) -> dict[int, str]:
    event = request.raw(9).split(marks.component)[1:2]
    swapped = {3: 5, 4: 6, 5: 3, 6: 4}
    same = {number: number for number in (11, 12, 18)}
    copied = {to: request.raw(number) for to, number in (swapped | same).items()}
    return copied | {
        7: at.strftime(_TIME),
        9: marks.component.join(["ACK", *event, "ACK"]) if event else "ACK",
        10: escaped(control_id, marks),
    }


def _error(problem: Problem, marks: Delimiters) -> dict[int, str]:
    segment, field, component = (*re.split(r"[-.]", problem.location), "", "")[:3]
    place = [segment, "1", field, "1", component] if segment else []
    meaning = problem.condition.name.replace("_", " ").capitalize()
    return {
        2: marks.component.join(place).rstrip(marks.component),
        3: marks.component.join([problem.condition.value, meaning, "HL70357"]),
        4: problem.severity,
        8: escaped(problem.words, marks),
    }


type _Shape = tuple[tuple[str, tuple[tuple[int, bool], ...]], ...]


def _built(segments: list[tuple[str, dict[int, str]]], marks: Delimiters) -> str:
    """hl7apy rewrites what it takes for delimiters and escapes: texts take their places later."""
    texts = [text.replace("\n", " ") for _, fields in segments for text in fields.values() if text]
    shape = ((name, tuple((n, bool(t)) for n, t in fields.items())) for name, fields in segments)
    return _PLACE.sub(lambda found: texts[int(found[1])], _form(tuple(shape), marks))


@lru_cache(maxsize=64)
def _form(shape: _Shape, marks: Delimiters) -> str:
    """These segments, with a numbered place in each field that is filled. hl7apy takes
    milliseconds, and most acknowledgements look alike."""
    from hl7apy.consts import VALIDATION_LEVEL  # type: ignore[import-untyped]
    from hl7apy.core import Message as Built  # type: ignore[import-untyped]

    names = ("FIELD", "COMPONENT", "REPETITION", "ESCAPE", "SUBCOMPONENT", "TRUNCATION")
    encoding = dict(zip(names, marks, strict=True)) | {"SEGMENT": "\r", "GROUP": "\r"}
    tolerant = VALIDATION_LEVEL.TOLERANT
    built = Built("ACK", version=_BUILT_AS, validation_level=tolerant, encoding_chars=encoding)
    places = count()
    for name, fields in shape:
        segment = built.msh if name == "MSH" else built.add_segment(name)
        for number, is_filled in fields:
            text = f"zz{next(places)}zz" if is_filled else ""
            setattr(segment, f"{name}_{number}".lower(), text)
    return str(built.to_er7())


def _usable(marks: Delimiters) -> Delimiters:
    needed = "".join(marks[:5])
    are_signs = needed.isprintable() and not any(sign.isalnum() or sign == " " for sign in needed)
    return marks if are_signs and len(set(needed)) == 5 else Delimiters()
