"""Whose record is open: another's, one's own again, or one's own as somebody else sees it."""

from functions.family.app import PAGE, GrantAsk, app, held, missing, on_my_record
from functions.family.views import GrantChangedView

from portal import acting, audit
from portal.access import Caller
from portal.acting import Acting
from portal.answers import Answer
from portal.audit import Event
from portal.scopes import Scope
from portal.tables import AuditRow
from portal.web import NoAsk

HOME = "/"


@app.action(
    "POST", f"{PAGE}/switch", ask=GrantAsk, view=GrantChangedView, needs=Scope.SWITCH_PERSON
)
def switch(caller: Caller, ask: GrantAsk) -> Answer:
    """Open the record of somebody who let the reader."""
    found = next((each for each in held(caller) if each.grant_id == ask.grant_id), None)
    if found is None:
        raise missing(caller, ask.grant_id, Event.PERSON_SWITCHED)
    entry = _entry(Event.PERSON_SWITCHED, caller, found.patient_id, found.grant_id, found.kind)
    audit.save(entry)
    acting.begin(caller.session_cookie, found)
    return Answer(GrantChangedView(next=HOME), location=HOME)


@app.action("POST", f"{PAGE}/own", view=GrantChangedView, needs=Scope.STEP_UP)
def own(caller: Caller, _ask: NoAsk) -> Answer:
    """Go back to one's own record, whatever became of the right to the other."""
    audit.record(Event.OWN_RECORD, caller)
    acting.end(caller.session_cookie)
    return Answer(GrantChangedView(next=HOME), location=HOME)


@app.action("POST", f"{PAGE}/preview", ask=GrantAsk, view=GrantChangedView, needs=Scope.READ_FAMILY)
def preview(caller: Caller, ask: GrantAsk) -> Answer:
    """Show the reader's own record as somebody else sees it."""
    grant = on_my_record(caller, ask.grant_id, Event.PREVIEW_BEGUN)
    at = Acting(grant.patient_id, grant.grant_id, is_preview=True)
    if acting.held(caller.subject_id, at) is None:
        raise missing(caller, ask.grant_id, Event.PREVIEW_BEGUN)
    audit.record(Event.PREVIEW_BEGUN, caller, about=grant.grant_id)
    acting.begin(caller.session_cookie, grant, is_preview=True)
    return Answer(GrantChangedView(next=HOME), location=HOME)


def _entry(event: Event, caller: Caller, patient_id: str, grant_id: str, kind: str) -> AuditRow:
    """In the trail of whose record is opened."""
    return audit.row(
        event,
        actor=caller.subject_id,
        patient_id=patient_id,
        about=grant_id,
        why=f"as-{kind}",
        request_id=caller.request_id,
        source=caller.source,
        grant=grant_id,
    )
