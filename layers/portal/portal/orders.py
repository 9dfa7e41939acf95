"""The segments of an ORU grouped as a laboratory thinks of them: orders, results, notes."""

from dataclasses import dataclass, field

from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.values import NARRATIVE

# What must agree for the lines of a narrative to be one result: OBX-3, 4, 6, 7, 8 and 11.
_SAME = (3, 4, 6, 7, 8, 11)
_PDF = "JVBERi"  # how "%PDF" begins in base64


@dataclass
class Result:
    """One OBX, or the consecutive OBX of one narrative or of one cut-up document."""

    lines: list[Segment]
    obr: Segment
    notes: list[str] = field(default_factory=list)
    parent: "Result | None" = field(default=None, repr=False)  # a susceptibility's organism

    @property
    def first(self) -> Segment:
        return self.lines[0]


@dataclass
class Order:
    """`nested` are the orders that OBR-26 or OBR-29 puts below this one, as a culture's
    susceptibilities stand below it."""

    obr: Segment
    orc: Segment
    specimen: Segment
    results: list[Result] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    diagnoses: list[Segment] = field(default_factory=list)  # DG1 under it, or of the whole message
    nested: list["Order"] = field(default_factory=list)

    @property
    def family(self) -> list["Order"]:
        return [self, *self.nested]

    @property
    def has_content(self) -> bool:
        return bool(self.results or self.notes)


def orders(message: Message) -> list[Order]:
    found: list[Order] = []
    nothing = message.first("-")
    orc, notes = nothing, [""]
    diagnoses: list[Segment] = []
    for segment in message.segments:
        if segment.name == "ORC":
            orc, notes = segment, []
        elif segment.name == "OBR":
            found.append(Order(segment, orc, nothing, diagnoses=[*diagnoses]))
            orc, notes = nothing, found[-1].notes
        elif segment.name == "NTE":
            _note(notes, segment)
        elif segment.name == "DG1":
            (found[-1].diagnoses if found else diagnoses).append(segment)
        elif segment.name == "SPM" and found and not found[-1].specimen:
            found[-1].specimen = segment
        elif segment.name == "OBX" and found:
            notes = _result(found[-1], segment)
    return found


def _note(notes: list[str], nte: Segment) -> None:
    text = "\n".join(repetition.whole().rstrip() for repetition in nte.repetitions(3))
    if text.strip():
        notes.append(text)


def _result(order: Order, obx: Segment) -> list[str]:
    last = order.results[-1] if order.results else None
    if last and not last.notes and (_continues(last.first, obx) or _adds_to_pdf(last, obx)):
        last.lines.append(obx)
        return last.notes
    order.results.append(Result([obx], order.obr))
    return order.results[-1].notes


def _continues(first: Segment, obx: Segment) -> bool:
    kinds = {first.text(2).upper(), obx.text(2).upper()}
    is_text = kinds <= NARRATIVE and bool(obx.raw(3)) and not is_document(first)
    return is_text and not is_document(obx) and all(first.raw(n) == obx.raw(n) for n in _SAME)


def _adds_to_pdf(last: Result, obx: Segment) -> bool:
    """A PDF larger than a sender's field goes over several OBX; only the first begins as one."""
    is_same = last.first.raw(3) == obx.raw(3) and last.first.text(2) == obx.text(2)
    return is_same and _begins_pdf(last.first) and is_document(obx) and not _begins_pdf(obx)


def is_document(obx: Segment) -> bool:
    return obx.raw(2).strip().upper() == "ED" or _begins_pdf(obx)


def encapsulated(obx: Segment) -> str:
    """OBX-5.5; some senders put the bare data into OBX-5."""
    return "".join(sent.text(5) or sent.text(1) for sent in obx.repetitions(5))


def _begins_pdf(obx: Segment) -> bool:
    raw = obx.raw(5)
    return _PDF in raw and encapsulated(obx).lstrip().startswith(_PDF)
