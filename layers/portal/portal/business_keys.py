"""What makes two segments speak of the same thing when the sender gives it no number."""

from portal import codings
from portal.envelopes import Envelope
from portal.hl7_segments import Value


def of_code(value: Value, envelope: Envelope, text: str = "") -> str:
    """The code within its system and the sending facility; words when there is no code. `text`
    is where older versions of HL7 describe it. "" when it says nothing."""
    code, system = codings.code(value.text(1)), codings.code(value.text(3)).upper()
    is_code = code and (system or value.text(2).strip())  # a lone word is text
    named = f"{system}\n{code}" if is_code else plain(codings.shown(value) or text)
    return f"{envelope.facility}\n{named}" if named.strip() else ""


def of_person(name: Value, relationship: Value) -> str:
    """Family and given name and how they are related. "" when nobody is named."""
    family, given = plain(name.text(1, 1)), plain(name.text(2))
    related = plain(relationship.text(1) or relationship.text(2))
    return f"{family}\n{given}\n{related}" if family or given else ""


def plain(text: str) -> str:
    """Without what typing differs in: case and spaces."""
    return " ".join(text.split()).casefold()
