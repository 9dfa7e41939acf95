"""The HL7 acknowledgement of a message, in its sender's own delimiters (HL7 v2 chapter 2, 2.9)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.hl7_text import Delimiters, escaped

_BUILT_AS = "2.5.1"  # the first versions have no ERR-2; MSH-12 still says what the sender said
_PLACE = re.compile(r"zz(\d+)zz")


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
    DUPLICATE_KEY = "205"
    APPLICATION_ERROR = "207"


@dataclass(frozen=True)
class Problem:
    """`location` is a path such as PID-3 or OBX-5.2; `words` are shown to the sender's staff."""

    condition: Condition
    words: str
    location: str = ""
    severity: str = "E"


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


def _header(request: Segment, marks: Delimiters, at: datetime, control_id: str) -> dict[int, str]:
    event = request.raw(9).split(marks.component)[1:2]
    swapped = {3: 5, 4: 6, 5: 3, 6: 4}
    same = {number: number for number in (11, 12, 18)}
    copied = {to: request.raw(number) for to, number in (swapped | same).items()}
    return copied | {
        7: at.strftime("%Y%m%d%H%M%S%z"),
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


def _built(segments: list[tuple[str, dict[int, str]]], marks: Delimiters) -> str:
    """hl7apy rewrites what it takes for delimiters and escapes: texts take their places later."""
    from hl7apy.consts import VALIDATION_LEVEL  # type: ignore[import-untyped]
    from hl7apy.core import Message as Built  # type: ignore[import-untyped]

    names = ("FIELD", "COMPONENT", "REPETITION", "ESCAPE", "SUBCOMPONENT", "TRUNCATION")
    encoding = dict(zip(names, marks, strict=True)) | {"SEGMENT": "\r", "GROUP": "\r"}
    tolerant = VALIDATION_LEVEL.TOLERANT
    built = Built("ACK", version=_BUILT_AS, validation_level=tolerant, encoding_chars=encoding)
    texts: list[str] = []
    for name, fields in segments:
        segment = built.msh if name == "MSH" else built.add_segment(name)
        for number, text in fields.items():
            setattr(segment, f"{name}_{number}".lower(), f"zz{len(texts)}zz" if text else "")
            texts += [text.replace("\n", " ")] if text else []
    return _PLACE.sub(lambda found: texts[int(found[1])], str(built.to_er7()))


def _usable(marks: Delimiters) -> Delimiters:
    needed = "".join(marks[:5])
    are_signs = needed.isprintable() and not any(sign.isalnum() or sign == " " for sign in needed)
    return marks if are_signs and len(set(needed)) == 5 else Delimiters()
