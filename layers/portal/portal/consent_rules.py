"""What a decision is worth: pure rules over the newest decision and the wording it was made on."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.ages import age_on
from portal.model import Frozen
from portal.wordings import Purpose, Region, Wording

# A guardian decides for anybody younger: GDPR 8(1), where no member state says less; PIPL 31.
GUARDIAN_BELOW = {Region.EU: 16, Region.CN: 14}


class Source(StrEnum):
    """Who told us."""

    PERSON = "person"  # the patient, in the portal
    GUARDIAN = "guardian"  # in the portal, for a child
    CLINIC = "clinic"  # at the desk, or from the records


class State(StrEnum):
    UNDECIDED = "undecided"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"  # or refused from the first
    ASKED_AGAIN = "asked-again"  # the words cover more now than was agreed to
    OVER = "over"  # its time is over
    ELSEWHERE = "elsewhere"  # it was for another phone or address


class Decision(Frozen):
    """One yes or no, never changed. `title` and `text` are what was read, in `language`."""

    purpose: Purpose
    number: int  # counts a patient's decisions on this purpose
    is_given: bool
    region: Region
    wording: int  # version
    title: str
    text: str
    language: str
    decided_at: datetime
    by: str  # id of the person
    source: Source = Source.PERSON
    contact: str = ""  # blind index of the phone or address it is for


def state_of(
    decision: Decision | None,
    agreed: Wording | None,
    now_asked: Wording,
    contact: str,
    at: datetime,
) -> State:
    """`agreed` is the wording of the decision: None when we no longer know it, which counts as
    covering nothing. `contact` is the blind index of the phone or address on file."""
    if decision is None:
        return State.UNDECIDED
    if not decision.is_given:
        return State.WITHDRAWN
    if is_over(decision, agreed, at):
        return State.OVER
    if now_asked.contact and decision.contact != contact:
        return State.ELSEWHERE
    covered = agreed.covers if agreed else frozenset()
    return State.GIVEN if now_asked.covers <= covered else State.ASKED_AGAIN


def allows(
    decision: Decision | None, agreed: Wording | None, use: str, contact: str, at: datetime
) -> bool:
    """Only what the words that were read did cover, as long as they said, and nothing else."""
    if decision is None or agreed is None or not decision.is_given:
        return False
    is_there = not agreed.contact or (bool(contact) and decision.contact == contact)
    return is_there and use in agreed.covers and not is_over(decision, agreed, at)


def is_over(decision: Decision, agreed: Wording | None, at: datetime) -> bool:
    ends_at = end_of(decision, agreed)
    return ends_at is not None and ends_at <= at


def end_of(decision: Decision, agreed: Wording | None) -> datetime | None:
    if agreed is None or agreed.lasts_days is None:
        return None
    return decision.decided_at + timedelta(days=agreed.lasts_days)


def guardian_decides(birth_on: date, region: Region, on: date) -> bool:
    """A yes of theirs is none; a no of theirs is one."""
    return age_on(birth_on, on) < GUARDIAN_BELOW.get(region, 0)
