"""Grants as lines for a reader: who, what they see in words, until when."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from functions.family import wording
from functions.family.views import FamilyPersonLine, PastLine, RequestLine, WatcherLine

from portal import ages, pages
from portal.granting import EVERYTHING, Category, Grant, GrantKind, GrantState
from portal.moments import instant, now
from portal.patients import Patient
from portal.proxy_requests import Request
from portal.record_rules import in_force
from portal.sensitivity import Segment, ordered
from portal.settings import settings

type Word = Callable[[str], str]

OF_PATIENT = frozenset({GrantKind.PROXY, GrantKind.APP})  # theirs to give, so theirs to end
SHOWN = frozenset({GrantState.INVITED, GrantState.ACTIVE, GrantState.SUSPENDED})


def holder_name(grant: Grant) -> str:
    return grant.names.get("holder", "")


def last_day(grant: Grant) -> str:
    """An access ends with the clinic's day."""
    if grant.ends_at is None:
        return ""
    zone = ZoneInfo(settings().clinic_time_zone)
    return (grant.ends_at - timedelta(seconds=1)).astimezone(zone).date().isoformat()


def is_over(grant: Grant) -> bool:
    return grant.ends_at is not None and grant.ends_at <= now()


def person(grant: Grant, language: str) -> FamilyPersonLine:
    word = pages.words(language)
    return FamilyPersonLine(
        grant_id=grant.grant_id,
        name=grant.names.get("patient", ""),
        kind_words=word(wording.KINDS[grant.kind]),
        sees=seen_by_holder(grant, word),
        ends_on=last_day(grant),
        is_told=grant.is_told,
    )


def seen_by_holder(grant: Grant, word: Word) -> list[str]:
    if grant.kind in OF_PATIENT:
        return seen(grant, word)
    return [word(wording.CHILDS_RECORD), *categories(grant, word)]


def watcher(grant: Grant, patient: Patient, language: str, is_own: bool) -> WatcherLine:
    """`is_own`: the reader is the patient, not the holder."""
    word = pages.words(language)
    is_live = _is_in_force(grant, patient)
    return WatcherLine(
        grant_id=grant.grant_id,
        name=holder_name(grant),
        kind_words=word(wording.KINDS[grant.kind]),
        state=grant.state,
        sees=seen(grant, word),
        ends_on=last_day(grant),
        may_preview=is_own and is_live,
        may_edit=is_own and (grant.kind is GrantKind.PROXY or may_share(grant, patient)),
        may_revoke=grant.kind in OF_PATIENT,
    )


def may_share(grant: Grant, patient: Patient) -> bool:
    """A teen decides what a parent sees of what is theirs to decide."""
    age = ages.age_on(patient.birth_on, now().date())
    is_parent = grant.kind in {GrantKind.PARENT, GrantKind.GUARDIAN}
    return is_parent and ages.TEEN <= age < ages.ADULT


def seen(grant: Grant, word: Word) -> list[str]:
    """For the patient to read."""
    if grant.kind in OF_PATIENT:
        change = wording.MAY_CHANGE if grant.may_change else wording.READ_ONLY
        first = [word(wording.EVERYTHING)] if grant.categories == EVERYTHING else []
        return [*first, *categories(grant, word), *shared(grant, word), word(change)]
    return [word(wording.WHOLE_RECORD), *categories(grant, word), *shared(grant, word)]


def categories(grant: Grant, word: Word) -> list[str]:
    """Nothing where it is all of them."""
    if grant.categories == EVERYTHING:
        return []
    return [word(wording.CATEGORIES[each]) for each in Category if each in grant.categories]


def shared(grant: Grant, word: Word) -> list[str]:
    return [word(wording.SEGMENTS[each]) for each in ordered(grant.segments) if named(each)]


def named(segment: Segment) -> bool:
    return segment in wording.SEGMENTS


def request(asked: Request, language: str) -> RequestLine:
    word = pages.words(language)
    return RequestLine(
        name=f"{asked.given} {asked.family}",
        kind_words=word(wording.KINDS[asked.kind]),
        asked_at=instant(asked.asked_at),
        state=asked.state,
        reason=asked.reason,
    )


def past(versions: list[Grant], language: str) -> list[PastLine]:
    """What was decided, oldest first; whether a holder hears of news is the holder's to decide."""
    word, found = pages.words(language), []
    for before, after in zip([None, *versions], versions, strict=False):
        if text := _happened(before, after):
            words = word(text) % {"name": holder_name(after)}
            is_choice = text in {wording.INVITED, wording.CHANGED, wording.GIVEN}
            lines = seen(after, word) if is_choice else []
            found.append(PastLine(at=instant(after.written_at), words=words, sees=lines))
    last = versions[-1]
    if last.state is GrantState.ACTIVE and is_over(last):
        words = word(wording.RAN_OUT) % {"name": holder_name(last)}
        found.append(PastLine(at=instant(last.ends_at), words=words, sees=[]))
    return found


def _happened(before: Grant | None, after: Grant) -> str:
    if after.state is GrantState.REVOKED:
        return wording.ENDED if after.by == after.patient_id else wording.GIVEN_BACK
    if before is None:
        return wording.INVITED if after.state is GrantState.INVITED else wording.GIVEN
    if before.state is not after.state:
        return _turned(before, after)
    was, now_is = _terms(before), _terms(after)
    return wording.CHANGED if was != now_is else ""


def _turned(before: Grant, after: Grant) -> str:
    if after.state is GrantState.SUSPENDED:
        return wording.STOPPED
    return wording.JOINED if before.state is GrantState.INVITED else wording.ALLOWED_AGAIN


def _terms(grant: Grant) -> tuple[object, ...]:
    return grant.categories, grant.segments, grant.may_change, grant.ends_at


def _is_in_force(grant: Grant, patient: Patient) -> bool:
    from portal.acting import record_of

    return in_force(grant, record_of(patient), patient.patient_id, now())
