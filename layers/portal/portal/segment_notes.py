"""NTE: a note belongs to the segment above it."""

from portal.entries import Draft
from portal.hl7 import Message
from portal.hl7_segments import Segment


def with_notes(message: Message, name: str) -> list[tuple[Segment, list[Segment]]]:
    """Each segment of this name, with its NTE."""
    found: list[tuple[Segment, list[Segment]]] = []
    notes: list[Segment] = []
    for segment in message.segments:
        if segment.name == "NTE":
            notes.append(segment)
            continue
        notes = []
        if segment.name == name:
            found.append((segment, notes))
    return found


def put_notes(draft: Draft, notes: list[Segment]) -> None:
    said = [(nte, text) for nte in notes if (text := _text(nte))]
    if said:
        draft.put("note", [{"text": text} for _, text in said], said[0][0], 3)


def _text(nte: Segment) -> str:
    return "\n".join(each.whole().rstrip() for each in nte.repetitions(3)).strip()
