"""The room for who may open whose record: people one helps, people who help oneself."""

from functions.family import showing
from functions.family.views import FamilyView, GrantChangedView, PastLine, RequestLine
from pydantic import Field

from portal import acting, audit, grants, patients, proxies, proxy_requests
from portal.access import Caller
from portal.acting import Acting
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import NotFound
from portal.granting import Grant
from portal.model import Model
from portal.patients import Patient
from portal.proxy_requests import State
from portal.scopes import Scope
from portal.web import Room

app = Room("family")

PAGE = "/family"
MOST_PAST = 50  # lines of what was decided; all of it stays in the store
GRANT_ID = "^[0-9a-f]{32}$"


class FamilyAsk(Model):
    done: str = Field(default="", max_length=20)


class GrantAsk(Model):
    grant_id: str = Field(pattern=GRANT_ID)


@app.action("GET", PAGE, ask=FamilyAsk, view=FamilyView, needs=Scope.READ_FAMILY)
def family(caller: Caller, ask: FamilyAsk) -> Answer:
    """Show whose record the reader can open, and who can open theirs."""
    audit.record(Event.FAMILY_VIEWED, caller)
    patient = me(caller)
    versions = grants.versions(patient.patient_id)
    mine = [each[-1] for each in versions.values()]
    view = FamilyView(
        has_record=patient.has_record,
        people=[showing.person(each, caller.language) for each in held(caller)],
        watchers=[
            showing.watcher(each, patient, caller.language, is_own=True)
            for each in mine
            if each.state in showing.SHOWN and not showing.is_over(each)
        ],
        requests=requests_of(caller),
        past=history(list(versions.values()), caller.language),
        done=ask.done,
    )
    return Answer(view, "family/family.html")


def me(caller: Caller) -> Patient:
    patient = patients.with_id(caller.subject_id)
    if patient is None:
        raise NotFound
    return patient


def held(caller: Caller) -> list[Grant]:
    """In force at this moment. One that was suspended looks as one that never was."""
    return [each for each in grants.of_holder(caller.subject_id) if is_held(caller, each)]


def is_held(caller: Caller, grant: Grant) -> bool:
    at = Acting(grant.patient_id, grant.grant_id, is_preview=False)
    return acting.held(caller.subject_id, at) is not None


def requests_of(caller: Caller) -> list[RequestLine]:
    asked = proxy_requests.of_holder(caller.subject_id)
    open_ones = [each for each in asked if each.state is not State.APPROVED]
    return [showing.request(each, caller.language) for each in open_ones]


def history(versions: list[list[Grant]], language: str) -> list[PastLine]:
    found = [line for each in versions for line in showing.past(each, language)]
    return sorted(found, key=lambda line: line.at, reverse=True)[:MOST_PAST]


def on_my_record(caller: Caller, grant_id: str, event: Event) -> Grant:
    """Of the reader's own record, and not over. Raises NotFound: another's is as missing as none;
    the try is recorded."""
    grant = grants.find(caller.subject_id, grant_id)
    if grant is None or grant.state not in showing.SHOWN:
        raise missing(caller, grant_id, event)
    return grant


def missing(caller: Caller, grant_id: str, event: Event) -> NotFound:
    audit.record(event, caller, about=grant_id, why="not-found", outcome=Outcome.REFUSED)
    return NotFound()


def done(what: str) -> Answer:
    where = f"{PAGE}?done={what}"
    return Answer(GrantChangedView(next=where), location=where)


class NoticesAsk(GrantAsk):
    is_told: str = Field(default="", pattern="^(yes)?$")


@app.action(
    "POST",
    "/family/grants/{grant_id}/notices",
    ask=NoticesAsk,
    view=GrantChangedView,
    needs=Scope.READ_FAMILY,
)
def set_notices(caller: Caller, ask: NoticesAsk) -> Answer:
    """Switch the messages about one person on or off."""
    found = next((each for each in held(caller) if each.grant_id == ask.grant_id), None)
    if found is None:
        raise missing(caller, ask.grant_id, Event.PROXY_NOTICES)
    proxies.set_notices(caller, found, bool(ask.is_told))
    return done("notices")


from functions.family import (  # noqa: E402 - their routes join the room's
    change,  # noqa: F401
    children,  # noqa: F401
    invite,  # noqa: F401
    join,  # noqa: F401
    person,  # noqa: F401
)
