"""Who may come in: origin, session and policy, in that order. Each refusal is an audit row."""

from dataclasses import asdict, replace
from typing import Any

from portal import acting, audit, failures, languages, sessions, staff
from portal.access import Caller, Verdict, Visitor
from portal.audit import Event, Outcome
from portal.errors import (
    AccessEnded,
    Forbidden,
    NotShared,
    OnlyPreview,
    OwnRecordOnly,
    SignInNeeded,
    StepUpNeeded,
)
from portal.requests import Request, is_from_edge
from portal.scopes import Scope
from portal.sessions import Session
from portal.settings import settings
from portal.staff_access import StaffCaller, StaffScope

OF_SESSION = frozenset({Scope.STEP_UP, Scope.END_SESSION})


def refuse_way_around(request: Request) -> None:
    """Where an edge must stand before the API, nobody comes past it: neither around its limits nor
    with a country of their own choice. Raises Forbidden. A line of the log and no row of the trail:
    a stranger may send as many as they like."""
    if settings().is_edge_required and not is_from_edge(request.headers):
        error = Forbidden()
        failures.refused(error, "around the edge", request.visitor)
        raise error


def refuse_foreign_origin(request: Request) -> None:
    """Forms of another site must not act here. Raises Forbidden."""
    if request.method != "GET" and not _is_ours(request):
        _record_refusal(request.visitor, why="foreign-origin")
        raise Forbidden


def caller(visitor: Visitor, scope: Scope | StaffScope) -> Caller | StaffCaller:
    """Raises SignInNeeded without a live session; StepUpNeeded or Forbidden where the policy says
    not yet, or no. Whose session it must be follows from the scope: staff's is no patient's."""
    if isinstance(scope, StaffScope):
        return staff.caller(visitor, scope)
    session = sessions.live(visitor.session_cookie)
    if session is None:
        _record_refusal(visitor, why="no-session", about=scope.value)
        raise SignInNeeded
    found = _at_the_record(visitor, session, scope)
    verdict = found.verdict(scope)
    if verdict is not Verdict.YES:
        _record_refusal(found, why=verdict.value, about=scope.value)
        raise StepUpNeeded if verdict is Verdict.STEP_UP else _refusal(found, scope)
    return found


def _refusal(caller: Caller, scope: Scope) -> Forbidden:
    if caller.is_preview and scope.is_change:
        return OnlyPreview()
    if caller.acting is None:
        return Forbidden()
    return NotShared() if scope.category else OwnRecordOnly()


def _at_the_record(visitor: Visitor, session: Session, scope: Scope) -> Caller:
    """Their own, or the one they act for; what is about the session is about its owner, whatever
    record is open. Raises AccessEnded when that right is gone: what they meant to do there must not
    happen to their own record."""
    own = Caller(
        **_facts(visitor, session),
        patient_id=session.patient_id,
        subject_id=session.patient_id,
        standing=session.standing,
        methods=session.methods,
        time_zone=session.display.time_zone,
        look=session.display.look,
    )
    if session.acting is None or scope in OF_SESSION:
        return own
    held = acting.held(session.patient_id, session.acting)
    if held is None:
        acting.end(visitor.session_cookie)
        _record_refusal(own, why="no-grant", about=session.acting.grant_id)
        raise AccessEnded
    grant, patient = held
    return replace(
        own,
        patient_id=patient.patient_id,
        acting=grant,
        record=acting.record_of(patient),
        person_name=patient.given,
        is_preview=session.acting.is_preview,
    )


def known(visitor: Visitor) -> Visitor:
    """Who is signed in, for a page that is open to all; the visitor where nobody is."""
    session = sessions.live(visitor.session_cookie)
    return _at_the_record(visitor, session, Scope.READ_HOME) if session else visitor


def _facts(visitor: Visitor, session: Session) -> dict[str, Any]:
    """The visitor's, with what their session knows better."""
    known = {"language": _language(visitor, session), "is_shared": session.is_shared}
    return asdict(visitor) | known


def _language(visitor: Visitor, session: Session) -> str:
    """What the person saved stands above the browser's cookie and wishes."""
    chosen = session.display.language
    return languages.negotiated(preference=chosen, cookie=visitor.language)


def _is_ours(request: Request) -> bool:
    """Origin first; where an old browser sends none, what else it tells; a program tells nothing
    and, without a browser's cookies, has nobody's rights to misuse."""
    origin = request.headers.get("origin")
    if origin is not None:
        return origin == settings().portal_url
    site, referer = request.headers.get("sec-fetch-site"), request.headers.get("referer")
    if site is not None:
        return site in {"none", "same-origin"}
    return referer is None or referer.startswith(f"{settings().portal_url}/")


def _record_refusal(visitor: Visitor, why: str, about: str = "") -> None:
    audit.record(Event.ACCESS_REFUSED, visitor, about=about, why=why, outcome=Outcome.REFUSED)
