"""What changes of the ways to sign in have in common.

Each is recorded first, then made; then every other session ends, every other remembered device is
forgotten, and the owner is told by every channel (`factors.changed`).
"""

from collections.abc import Iterable
from dataclasses import replace

from functions.settings.security_views import ChangedView, Done

from portal import audit, cookies, factors, pages, sessions, throttles, unusual, user_accounts
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import BadInput, NotFound, StepUpNeeded
from portal.factors import Factor
from portal.methods import Assurance, Method, assurance_of
from portal.passkey_rows import lookup_row
from portal.tables import SessionRow

PAGE = "/settings/security"
CODES_PER_ACCOUNT = 10
DAILY = frozenset(
    {Method.PASSKEY, Method.TOTP, Method.SMS_CODE}
)  # a paper is for the day it is lost


def check_room(caller: Caller) -> None:
    """Raises BadInput."""
    if user_accounts.of(caller.patient_id).factors >= factors.MOST:
        _ = pages.words(caller.language)
        raise BadInput({"code": _("You have too many ways to sign in. Remove one first.")})


def check_second_factor(caller: Caller) -> None:
    """Who may only begin has their first factor to choose, and nothing else to change. Raises
    StepUpNeeded."""
    if caller.standing.assurance < Assurance.TWO_FACTOR:
        why, no = "no-second-factor", Outcome.REFUSED
        audit.record(Event.ACCESS_REFUSED, caller, about="security.change", why=why, outcome=no)
        raise StepUpNeeded


def may_text(caller: Caller) -> bool:
    """A text message is no second way for a session that a text message opened."""
    session = sessions.live(caller.session_cookie)
    methods = session.methods if session else frozenset()
    return assurance_of(methods | {Method.SMS_CODE}) is Assurance.TWO_FACTOR


def add(caller: Caller, factor: Factor, *also: SessionRow) -> tuple[Caller, Answer]:
    """It was shown just now, so the session rises with it. A session that was ended meanwhile,
    perhaps because it was a thief's, leaves no factor behind. `also`: rows saved with it."""
    audit.record(Event.FACTOR_ADDED, caller, about=factor.kind)
    cookie = factors.add_and_rise(caller.session_cookie, caller.patient_id, factor, *also)
    risen = replace(caller, session_cookie=cookie)
    factors.changed(risen, Event.FACTOR_ADDED)
    is_first = caller.standing.assurance < Assurance.TWO_FACTOR
    kept = (cookies.kept("session", cookie),)
    return risen, done(Done.BEGUN if is_first else Done.ADDED, *kept)


def remove(caller: Caller, factor: Factor) -> None:
    """Raises NotFound when somebody else did it meanwhile."""
    audit.record(Event.FACTOR_REMOVED, caller, about=factor.kind)
    also = (lookup_row(factor),) if factor.kind is Method.PASSKEY else ()
    if not factors.remove(caller.patient_id, factor, *also):
        raise missing(caller, Event.FACTOR_REMOVED, factor.factor_id)
    factors.changed(caller, Event.FACTOR_REMOVED)


def check_own(caller: Caller, event: Event, wanted: str, own: Iterable[str]) -> None:
    """Records that one of these ends: a session, a device. Raises NotFound for another's."""
    check_second_factor(caller)
    if wanted not in own:
        raise missing(caller, event, wanted[:32])
    audit.record(event, caller, about=wanted[:32])


def missing(caller: Caller, event: Event, about: str) -> NotFound:
    """Another patient's is as missing as one that never was; the try is recorded."""
    audit.record(event, caller, about=about, why="not-found", outcome=Outcome.REFUSED)
    return NotFound()


def wrong_code(caller: Caller, kind: Method, advice: str) -> BadInput:
    why = "wrong-code"
    audit.record(Event.FACTOR_ADDED, caller, about=kind, why=why, outcome=Outcome.REFUSED)
    unusual.refused(caller, caller.patient_id)
    return BadInput({"code": advice})


def count_code(caller: Caller) -> None:
    throttles.count(caller, "settings-code", caller.patient_id, CODES_PER_ACCOUNT)


def done(what: Done, *kept: str) -> Answer:
    where = f"{PAGE}?done={what}"
    return Answer(ChangedView(done=what, next=where), location=where, cookies=kept)
