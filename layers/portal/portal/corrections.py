"""What a reading said before: the earlier versions that differ, when, and why they were changed."""

from dataclasses import replace
from typing import NamedTuple

from portal.cards import Earlier
from portal.statements import Said


class Facts(NamedTuple):
    value: str
    unit: str
    reference_range: str
    flag: str


def current(history: list[Said]) -> Said:
    """The newest word. OBX-11 = U makes an early result final without sending it again."""
    newest = history[-1]
    if newest.status != "U" or newest.sent.value:
        return newest
    before = next((said for said in reversed(history) if _has_value(said)), newest)
    return before._replace(sent=replace(before.sent, status="U"))


def earlier(history: list[Said]) -> tuple[Earlier, ...]:
    """Newest first; the same value under another control id is no other version."""
    return tuple(_earlier(said) for said in reversed(_distinct(history)[:-1]))


def reported_at(history: list[Said]) -> str:
    """Since when the lab says what the card shows."""
    distinct = _distinct(history)
    return distinct[-1].reported_at if distinct else history[-1].reported_at


def reasons(history: list[Said]) -> tuple[str, ...]:
    """The notes that came with what the card shows, and not with what it showed before."""
    newest = history[-1]
    before = [said for said in history if _facts(said) != _facts(newest)] or history[:1]
    known = {note for said in before for note in notes(said)}
    return tuple(note for note in notes(newest) if note not in known)


def notes(said: Said) -> tuple[str, ...]:
    return tuple(note["text"] for note in said.resource.get("note", ()))


def _distinct(history: list[Said]) -> list[Said]:
    """The first of each run of equal facts, oldest first."""
    found: list[Said] = []
    for said in filter(_has_value, history):
        if not found or _facts(found[-1]) != _facts(said):
            found.append(said)
    return found


def _has_value(said: Said) -> bool:
    return said.has_result and bool(said.sent.value)


def _facts(said: Said) -> Facts:
    sent = said.sent
    return Facts(sent.value, sent.unit, sent.reference_range, sent.flag)


def _earlier(said: Said) -> Earlier:
    return Earlier(**_facts(said)._asdict(), status=said.status, reported_at=said.reported_at)
