"""A tolerant reader of HL7 v2 bytes. It never raises: what is not there reads as ''.

    message = read(raw)
    message.first("PID").text(5)                  PID-5.1, first repetition, escapes resolved
    message.first("PID").text(3, 4, 2)            PID-3.4.2
    message.first("PID").repetitions(3)           each repetition of PID-3
    message.all("OBX")[2].whole(5)                OBX-5 with its delimiters, escapes resolved
    message.first("MSH").raw(10)                  MSH-10 as it stands in the message

Reading is a few splits, each over the whole field once, so its time grows with the length only.
"""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache

from portal.hl7_segments import Segment
from portal.hl7_text import Delimiters, decoded

_START = re.compile(r"MSH(?=[^\w\s\x00-\x1f])", re.ASCII)
# Alone on a line only these are segments: "NEG" there is a line of a broken narrative.
_BARE = "MSH|PID|PD1|NTE|PV1|PV2|ORC|OBR|TQ1|OBX|SPM|BTS|FTS|DSC"


class Message:
    """`charset` is the codec the text was read with."""

    def __init__(self, text: str, charset: str, delimiters: Delimiters) -> None:
        self.text = text
        self.charset = charset
        self.delimiters = delimiters

    @cached_property
    def segments(self) -> list[Segment]:
        return list(_segments(self))

    @cached_property
    def count(self) -> int:
        """How many messages the input holds: 0 when it is not HL7 at all."""
        return len(self.all("MSH"))

    @cached_property
    def _by_name(self) -> dict[str, list[Segment]]:
        found: dict[str, list[Segment]] = {}
        for segment in self.segments:
            found.setdefault(segment.name, []).append(segment)
        return found

    def all(self, name: str) -> list[Segment]:
        return self._by_name.get(name, [])

    def first(self, name: str) -> Segment:
        """An empty, false segment when there is none."""
        empty = [Segment(name, 0, [], self.delimiters, self.charset)]
        return self._by_name.get(name, empty)[0]

    def stand_in(self, own: str, standard: str) -> None:
        """Where the standard field ("PID-15") is empty, the sender's own ("ZPI-4") is read."""
        (name, number), (other, place) = own.split("-"), standard.split("-")
        segment, text = self.first(other), self.first(name).raw(int(number))
        if segment and text and not segment.raw(int(place)):
            segment.fill(int(place), text)


def read(raw: bytes, charset: str | None = None) -> Message:
    """`charset` is what the transport said (HTTP); it wins over MSH-18."""
    message = _read(*decoded(raw, charset))
    declared = message.first("MSH").raw(18) if message.text else ""
    text, codec = decoded(raw, charset, declared) if declared else ("", message.charset)
    return message if codec == message.charset else _read(text, codec)


def _read(text: str, charset: str) -> Message:
    found = _START.search(text)
    if not found:
        return Message("", charset, Delimiters())
    lines = text[found.start() :].replace("\x0b", "\n").replace("\x1c", "\n")
    lines = lines.replace("\r\n", "\n").replace("\r", "\n")
    return Message(lines, charset, _delimiters(lines))


def _delimiters(text: str) -> Delimiters:
    header = text[: text.find("\n")] if "\n" in text else text
    field = header[3]
    marks = header[4:].split(field, 1)[0]
    if marks[2:4] == "\\\\":  # escaped once too often on its way
        marks = marks[:3] + marks[4:]
    if marks[2:] == "&":  # the backslash was lost on its way
        marks = marks[:2] + "\\&"
    found = [marks[i : i + 1] for i in range(5)]
    # A letter or digit would be in every text: whoever sent that did not mean it.
    safe = [mark if mark and not mark.isalnum() else "" for mark in found]
    standard = Delimiters()[1:]
    return Delimiters(field, *(mark or usual for mark, usual in zip(safe, standard, strict=True)))


def _segments(message: Message) -> Iterator[Segment]:
    counts: dict[str, int] = {}
    field = message.delimiters.field
    for line in _line_ends(field).split(message.text) if message.text else ():
        fields = line.rstrip("\n").split(field)
        name = fields[0].strip().upper()
        if name in ("MSH", "FHS", "BHS"):
            fields.insert(1, field)
        number = counts[name] = counts.get(name, 0) + 1
        yield Segment(name, number, fields, message.delimiters, message.charset)


@lru_cache(maxsize=32)
def _line_ends(field: str) -> re.Pattern[str]:
    """A line that does not begin like a segment belongs to the field above it."""
    mark = re.escape(field)
    return re.compile(
        rf"\n[ \t]*(?=[A-Za-z][A-Za-z0-9]{{2}}[ ]*{mark}|(?:{_BARE})[ \t]*(?:\n|\Z)|MSH[^\w\s])",
        re.ASCII,
    )


_FIELD = re.compile(r"[A-Z][A-Z0-9]{2}-[1-9]\d?", re.ASCII)


def is_field(place: str) -> bool:
    """Whether it names a field of a segment: "PID-15"."""
    return bool(_FIELD.fullmatch(place))


_MESSAGE_START = re.compile(rb"[\r\n\x0b\x1c][ \t]*(?=MSH[^\w\s\x00-\x1f])")
_BATCH_END = re.compile(rb"[\r\n\x0b\x1c][ \t]*(?:BTS|FTS|BHS|FHS)[^\w\s].*\Z", re.DOTALL)


def split(raw: bytes) -> list[bytes]:
    """Each message of a batch file or stream, without the batch's own envelope."""
    starts = [found.end() - 1 for found in _MESSAGE_START.finditer(b"\n" + raw)]
    parts = [raw[start:end] for start, end in zip(starts, [*starts[1:], len(raw)], strict=False)]
    return [_BATCH_END.sub(b"", part).strip(b"\x0b\x1c\r\n") for part in parts] or [raw]
