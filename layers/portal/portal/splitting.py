"""What arrives in one piece and is several: batch files, streams, and messages with the results
of several patients. Each part becomes a message of its own, with an arrival of its own.

A part is its bytes as they stand in the whole; the parts of one message share its MSH.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from portal import hl7, people
from portal.envelopes import type_of
from portal.hl7 import Message

# Messages whose groups may each be about another patient. In A24 and A37 two PID belong together.
_GROUPED = frozenset({"ORU", "ORM", "OML", "OMG", "OMP", "RDE", "RDS", "OUL"})
_MERGES = frozenset({"A18", "A34", "A35", "A36", "A39", "A40", "A41", "A42", "A43", "A44"})
_PID = re.compile(rb"[\r\n][ \t]*PID(?=[^\w\s])")


def parts(raw: bytes, charset: str | None = None) -> list[bytes]:
    """At least one; [raw] itself when it is one message about one patient."""
    messages = hl7.split(raw)
    found = [part for each in messages for part in _by_patient(each, charset)]
    if len(found) == 1 and len(messages) == 1:
        return [raw]
    return list(dict.fromkeys(found))


def _by_patient(raw: bytes, charset: str | None) -> list[bytes]:
    starts = [found.start() for found in _PID.finditer(b"\n" + raw)]  # where its line begins
    if len(starts) < 2:
        return [raw]
    message = hl7.read(raw, charset)
    if len(message.all("PID")) != len(starts) or not _may_be_split(message):
        return [raw]
    header = raw[: starts[0]]
    groups = [raw[start:end] for start, end in pairwise([*starts, len(raw)])]
    return [header + b"".join(together) for together in _same_patient(message, groups)]


def _may_be_split(message: Message) -> bool:
    kind, event = type_of(message)
    return kind in _GROUPED or (kind == "ADT" and event in _MERGES)


def _same_patient(message: Message, groups: list[bytes]) -> Iterator[list[bytes]]:
    """Neighbours that share an identifier are one patient's, except in merges: each of those
    PID has an MRG of its own."""
    is_merge = type_of(message)[0] == "ADT"
    together: list[bytes] = []
    known: set[people.Identifier] = set()
    for pid, group in zip(message.all("PID"), groups, strict=True):
        claimed = set(people.identifiers(pid))
        if together and (is_merge or not claimed & known):
            yield together
            together, known = [], set()
        together.append(group)
        known |= claimed
    yield together
