"""Batch files: FHS, BHS, messages, BTS, FTS (HL7 v2.5.1 chapter 2, 2.10.3).

What comes without these is read as one batch that has no envelope.
"""

import re
from dataclasses import dataclass, field

from portal import hl7
from portal.hl7 import Message

_SEGMENT = re.compile(  # beginning with a set of characters, it is searched for three times as fast
    rb"[\r\n\x0b\x1c][ \t]*(?:(MSH)(?=[^\w\s\x00-\x1f])"
    rb"|((FHS|BHS|BTS|FTS)(?:[^\w\s][^\r\n]*)?)(?=[\r\n]|\Z))"
)


@dataclass
class Batch:
    """`header` and `trailer` are its segments BHS and BTS; empty where there are none."""

    header: bytes = b""
    trailer: bytes = b""
    messages: list[bytes] = field(default_factory=list)


@dataclass
class File:
    """`header` and `trailer` are FHS and FTS."""

    header: bytes = b""
    trailer: bytes = b""
    batches: list[Batch] = field(default_factory=list)

    @property
    def messages(self) -> list[bytes]:
        return [message for batch in self.batches for message in batch.messages]


def read(body: bytes) -> File:
    """What is no batch is one message: `body` itself."""
    found, messages = File(), iter(hl7.split(body))
    for segment in _SEGMENT.finditer(b"\r" + body):
        name, text = segment[3] or b"MSH", segment[2] or b""
        if name == b"FHS":
            found.header = text
        elif name == b"FTS":
            found.trailer = text
        elif name == b"BHS":
            found.batches.append(Batch(text))
        elif name == b"BTS":
            _open(found).trailer = text
        else:
            _open(found).messages.append(next(messages))
    is_file = found.header or any(batch.header or batch.trailer for batch in found.batches)
    return found if is_file or len(found.messages) > 1 else File(batches=[Batch(messages=[body])])


def _open(found: File) -> Batch:
    if not found.batches or found.batches[-1].trailer:
        found.batches.append(Batch())
    return found.batches[-1]


def batch_fault(batch: Batch) -> str:
    """What to tell of the batch itself; "" when its count is right or not given."""
    return _fault(batch.header, batch.trailer, "BTS", len(batch.messages), "messages")


def file_fault(file: File) -> str:
    return _fault(file.header, file.trailer, "FTS", len(file.batches), "batches")


def _fault(header: bytes, trailer: bytes, name: str, count: int, things: str) -> str:
    if header and not trailer:
        return f"AE {name} is missing: {count} {things} were found, and there may have been more."
    told = trailer[4:].split(trailer[3:4] or b"|")[0].strip()
    if told and told.lstrip(b"0") != (b"%d" % count if count else b""):
        return f"AE {name}-1 does not agree: {count} {things} were found."
    return ""


def header_of(segment: bytes, charset: str | None) -> Message:
    """FHS and BHS have the fields of MSH up to 7: each reads as one."""
    return hl7.read(b"MSH" + segment[3:], charset)
