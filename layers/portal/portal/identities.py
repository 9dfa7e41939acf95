"""Which patient an identifier belongs to, as messages change it: merges, unlinks, moved visits.

MRG names what is retired; PID is who stays (HL7 v2.5.1 chapter 3, 3.3.40 and following).
"""

from dataclasses import dataclass
from enum import StrEnum

from portal import people
from portal.envelopes import Envelope
from portal.errors import Reason, Unusable
from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.people import Identifier, PatientClaim
from portal.senders import Sender

_MERGES = frozenset({"A18", "A30", "A34", "A36", "A39", "A40", "A46", "A47"})
_MOVES = frozenset({"A44", "A45"})
_UNLINK = "A37"


class ChangeKind(StrEnum):
    MERGE = "merge"  # MRG-1 becomes an old identifier of PID
    UNMERGE = "unmerge"  # the second PID is a patient of its own again
    MOVE_VISIT = "move-visit"  # a visit of MRG-1 was PID's


@dataclass(frozen=True)
class Change:
    kind: ChangeKind
    other: PatientClaim  # whom MRG or the second PID names
    visit: str = ""  # business key of a moved visit
    at: str = ""


def changes(message: Message, about: Envelope, sender: Sender) -> list[Change]:
    """At most one; a message that announces a change and does not name it is Unusable."""
    kind = _kind(about)
    if kind is None:
        return []
    other = _other(message, kind, sender)
    if not other.identifiers:
        where = "The second PID" if kind is ChangeKind.UNMERGE else "MRG-1"
        detail = f"{where} is empty: nobody can tell which record this is about."
        raise Unusable(Reason.NO_PATIENT_IDENTIFIER, detail)
    visit = about.scoped(message.first("MRG").value(5)) if kind is ChangeKind.MOVE_VISIT else ""
    if kind is ChangeKind.MOVE_VISIT and not visit:
        raise Unusable(Reason.BAD_VALUE, "MRG-5 is empty: send the number of the visit to move.")
    return [Change(kind, other, visit, about.at)]


def _kind(about: Envelope) -> ChangeKind | None:
    if about.message_type != "ADT":
        return None
    if about.event in _MERGES:
        return ChangeKind.MERGE
    if about.event in _MOVES:
        return ChangeKind.MOVE_VISIT
    return ChangeKind.UNMERGE if about.event == _UNLINK else None


def _other(message: Message, kind: ChangeKind, sender: Sender) -> PatientClaim:
    if kind is ChangeKind.UNMERGE:
        found = message.all("PID")[1:2] or [message.first("-")]
        return sender.identified(people.claim(found[0]))
    return sender.identified(_retired(message.first("MRG")))


def _retired(mrg: Segment) -> PatientClaim:
    """MRG-1; before version 2.3.1 also MRG-4. MRG-7 is the name it had."""
    found: list[Identifier] = []
    for field in (1, 4):
        found = found or people.identifiers_of(mrg, field)
    name = mrg.value(7)
    return PatientClaim(
        identifiers=tuple(found),
        family=name.text(1, 1).strip(),
        given=name.text(2).strip(),
        birth_on=None,
        sex="",
        name="",
    )
