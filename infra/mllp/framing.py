"""MLLP release 1: VT, the message, FS, CR.

A decoder takes bytes as they come and holds at most one message. Each byte fed is in a message it
gave, in that message's frame, in the frame it is in, or counted as dropped.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

VT, FS, CR = b"\x0b", b"\x1c", b"\r"
MARKS = re.compile(rb"([\x0b\x1c])")
HEAD_BYTES = 16_384  # far more than any MSH


class Fault(StrEnum):
    NEWER_VT = "newer-vt"
    NO_CR = "no-cr-after-fs"
    EMPTY = "empty"
    TOO_LARGE = "too-large"
    CUT = "cut"


@dataclass(frozen=True)
class Broken:
    """A frame nobody may acknowledge. `head` is how a message over the limit begins."""

    fault: Fault
    head: bytes = b""


type Found = bytes | Broken


def framed(message: bytes) -> bytes:
    return VT + message + FS + CR


def is_framable(message: bytes) -> bool:
    return not MARKS.search(message)


class Decoder:
    """`counts` gains frame, frame-error and dropped-bytes."""

    def __init__(self, limit: int, counts: Counter[str] | None = None) -> None:
        self.counts = Counter[str]() if counts is None else counts
        self._limit = limit
        self._message: bytearray | None = None
        self._has_ended = False  # FS was the last byte

    @property
    def is_in_frame(self) -> bool:
        return self._message is not None

    def feed(self, data: bytes) -> Iterator[Found]:
        """Lazily: what follows a message is looked at when the message was dealt with."""
        for piece in MARKS.split(data):
            found = self._found(piece) if piece else None
            if found is not None:
                yield found

    def end(self) -> Broken | None:
        """No more bytes will come."""
        return self._broken(Fault.CUT) if self.is_in_frame else None

    def _found(self, piece: bytes) -> Found | None:
        if piece == VT:
            return self._begun()
        if self._message is None:
            self.counts["dropped-bytes"] += len(piece)
            return None
        if self._has_ended:
            return self._closed(piece)
        if piece == FS:
            self._has_ended = True
            return None
        return self._grown(self._message, piece)

    def _begun(self) -> Broken | None:
        fault = Fault.NO_CR if self._has_ended else Fault.NEWER_VT
        broken = self._broken(fault) if self.is_in_frame else None
        self._message = bytearray()
        return broken

    def _closed(self, piece: bytes) -> Found:
        """`piece` came after FS."""
        if not piece.startswith(CR):
            return self._broken(Fault.NO_CR, piece)
        self.counts["dropped-bytes"] += len(piece) - 1
        if not self._message:
            return self._broken(Fault.EMPTY, CR)
        message = bytes(self._message)
        self.counts["frame"] += 1
        self._left()
        return message

    def _grown(self, message: bytearray, piece: bytes) -> Broken | None:
        if len(message) + len(piece) > self._limit:
            head = bytes(message[:HEAD_BYTES]) + piece[: max(0, HEAD_BYTES - len(message))]
            return self._broken(Fault.TOO_LARGE, piece, head[: self._limit])
        message += piece
        return None

    def _broken(self, fault: Fault, last: bytes = b"", head: bytes = b"") -> Broken:
        held = len(VT) + len(self._message or b"") + self._has_ended
        self.counts["dropped-bytes"] += held + len(last)
        self.counts["frame-error"] += 1
        self._left()
        return Broken(fault, head)

    def _left(self) -> None:
        self._message = None
        self._has_ended = False
