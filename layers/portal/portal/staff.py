"""The gate for staff, and their audit rows. Each refusal is one, too."""

from dataclasses import asdict
from urllib.parse import urlencode

from portal import audit, staff_access, staff_sessions
from portal.access import Verdict, Visitor
from portal.audit import Event, Outcome
from portal.errors import RoleNeeded, StaffSignInNeeded, StaffStepUpNeeded
from portal.paths import own_path
from portal.requests import Request
from portal.staff_access import StaffCaller, StaffScope
from portal.tables import AuditRow

HOME = "/staff"
WORK = "clinic-work"  # why, where there is no other reason


def caller(visitor: Visitor, scope: StaffScope) -> StaffCaller:
    """Raises StaffSignInNeeded without a live staff session; StaffStepUpNeeded or RoleNeeded where
    the policy says not yet, or no."""
    session = staff_sessions.live(visitor.staff_cookie)
    if session is None:
        _refuse(visitor, "no-session", scope)
        raise StaffSignInNeeded
    found = StaffCaller(
        **asdict(visitor),
        subject_id=session.person.subject_id,
        name=session.person.name,
        roles=session.roles,
        standing=session.standing,
    )
    verdict = staff_access.decided(found.roles, found.standing, scope)
    if verdict is not Verdict.YES:
        _refuse(found, verdict.value, scope)
        raise StaffStepUpNeeded if verdict is Verdict.STEP_UP else RoleNeeded
    return found


def way_in(request: Request, error: Exception) -> str:
    """Where staff show who they are, and come back from. What was sent is not done; a form that
    asks for one more step has a page at its own address."""
    is_step = isinstance(error, StaffStepUpNeeded)
    idle = "idle" if request.visitor.staff_cookie else "needed"
    because = "step" if is_step else idle
    to = request.path if request.method == "GET" or is_step else HOME
    return f"{HOME}/sign-in?{urlencode({'because': because, 'return_to': to})}"


def staff_path(path: str) -> str:
    """Only a page of the staff room."""
    own = own_path(path)
    return own if own == HOME or own.startswith(f"{HOME}/") else HOME


def entry(
    event: Event,
    caller: StaffCaller,
    patient_id: str = "",
    *,
    about: str = "",
    why: str = WORK,
    outcome: Outcome = Outcome.DONE,
    grant: str = "",
) -> AuditRow:
    """A row to save in a transaction; `record` saves it alone."""
    return audit.row(
        event,
        actor=caller.subject_id,
        patient_id=patient_id,
        about=about,
        why=why,
        outcome=outcome,
        request_id=caller.request_id,
        source=caller.source,
        grant=grant,
    )


def record(
    event: Event,
    caller: StaffCaller,
    patient_id: str = "",
    *,
    about: str = "",
    why: str = WORK,
    outcome: Outcome = Outcome.DONE,
    grant: str = "",
) -> None:
    """Raises Unavailable when the trail cannot take it."""
    audit.save(entry(event, caller, patient_id, about=about, why=why, outcome=outcome, grant=grant))


def _refuse(visitor: Visitor, why: str, scope: StaffScope) -> None:
    audit.record(Event.ACCESS_REFUSED, visitor, about=scope.value, why=why, outcome=Outcome.REFUSED)
