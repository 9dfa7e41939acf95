"""Asking for access that stands on the law: a parent's, a guardian's, a personal representative's.

Staff decide when they have seen the proof. Whoever asks learns nothing of whether there is such a
record: it is not even looked up.
"""

from datetime import date
from typing import Any

from functions.family.app import PAGE, app, done, me
from functions.family.views import AskedView, ChildView
from pydantic import Field

from portal import audit, pages, proxy_requests, reviews, throttles
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event
from portal.errors import BadInput
from portal.granting import GrantKind
from portal.model import Model
from portal.moments import fresh_id, now
from portal.proxy_requests import Request
from portal.scopes import Scope
from portal.tables import AuditRow
from portal.web import NoAsk

PATH = f"{PAGE}/children"
ASKS_PER_PERSON = 5
KINDS = frozenset({GrantKind.PARENT, GrantKind.GUARDIAN, GrantKind.ESTATE})


@app.action("GET", PATH, view=ChildView, needs=Scope.CHANGE_FAMILY)
def form(caller: Caller, _ask: NoAsk) -> Answer:
    """Ask whose record somebody needs, and why they may."""
    audit.record(Event.FAMILY_VIEWED, caller, about="children")
    return Answer(ChildView(), "family/children.html")


class ChildAsk(Model):
    kind: str = Field(default="", max_length=20)
    given: str = Field(default="", max_length=100)
    family: str = Field(default="", max_length=100)
    born_on: str = Field(default="", max_length=40)
    identifier: str = Field(default="", max_length=60)
    relationship: str = Field(default="", max_length=100)
    statement: str = Field(default="", pattern="^(yes)?$")


def form_again(_caller: Caller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    typed = {name: str(fields.get(name, ""))[:100] for name in ChildAsk.model_fields}
    return Answer(ChildView(**typed, errors=errors), "family/children.html", status=400)


@app.action("POST", PATH, ask=ChildAsk, view=AskedView, needs=Scope.CHANGE_FAMILY, again=form_again)
def ask_for(caller: Caller, ask: ChildAsk) -> Answer:
    """Ask the clinic for access to a child's record, or another's by law."""
    born_on = checked(ask, caller.language)
    throttles.count(caller, "ask-proxy", caller.subject_id, ASKS_PER_PERSON)
    request = Request(
        request_id=fresh_id(),
        holder_id=me(caller).patient_id,
        kind=GrantKind(ask.kind),
        born_on=born_on,
        asked_at=now(),
        **ask.model_dump(include={"given", "family", "identifier", "relationship"}),
        statement=statement(caller.language),
    )
    review = reviews.new_row(request.holder_id, Event.PROXY_ASKED, request.request_id)
    proxy_requests.keep(request, entry(caller, request), review)
    answer = done("asked")
    return Answer(AskedView(next=answer.location), location=answer.location)


def statement(language: str) -> str:
    """What the box says, kept with the request."""
    _ = pages.words(language)
    return _("What I say here is true, and I may act for this person by law.")


def checked(ask: ChildAsk, language: str) -> date:
    """Raises BadInput."""
    _ = pages.words(language)
    wanted = {
        "given": _("Type their first name."),
        "family": _("Type their last name."),
        "identifier": _("Type their record number."),
        "relationship": _("Say who you are to them."),
        "statement": _("Tick the box to say that this is true."),
    }
    errors = {name: words for name, words in wanted.items() if not getattr(ask, name).strip()}
    if ask.kind not in KINDS:
        errors["kind"] = _("Choose why you may act for them.")
    try:
        born_on = date.fromisoformat(ask.born_on.strip())
    except ValueError:
        errors["born_on"] = _("Type their date of birth.")
        born_on = date.max
    if errors:
        raise BadInput(errors)
    return born_on


def entry(caller: Caller, request: Request) -> AuditRow:
    return audit.row(
        Event.PROXY_ASKED,
        actor=caller.subject_id,
        patient_id=caller.subject_id,
        about=request.request_id,
        request_id=caller.request_id,
        source=caller.source,
    )
