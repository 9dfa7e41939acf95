"""Taking up an invitation: with one's own account, or with a new one that has no record here.

Looking spends nothing: mail scanners look too. Every wrong try gets the same answer.
"""

import secrets
from datetime import date
from functools import partial
from typing import Annotated, Any

from functions.family.app import PAGE, app, me
from functions.family.views import GrantChangedView, JoinedView, JoinView
from pydantic import Field

from portal import (
    ages,
    audit,
    cookies,
    joins,
    pages,
    patients,
    proxies,
    sessions,
    throttles,
    unusual,
    user_accounts,
)
from portal.access import Caller, Visitor
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import BadInput, Conflict, OwnRecordOnly
from portal.joins import NoInvitation, Opened
from portal.methods import Confidence, Method
from portal.model import Model
from portal.moments import now
from portal.patients import Patient
from portal.scopes import Scope

PATH = f"{PAGE}/join/{{token}}"
TRIES_PER_SOURCE = 30
NUMBERS = "PORTAL"  # who gives people without a record their number
NEXT = "/sign-in/step?return_to=/family"

Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$")]


class JoinAsk(Model):
    token: Token


@app.action("GET", PATH, ask=JoinAsk, view=JoinView, needs=None)
def form(visitor: Visitor, ask: JoinAsk) -> Answer:
    """Show an invitation's form, which says nothing of whose it is."""
    return Answer(shown(visitor, ask.token), "family/join.html")


def shown(visitor: Visitor, token: str, **typed: Any) -> JoinView:
    is_in = sessions.live(visitor.session_cookie) is not None
    return JoinView(token=token, days=joins.LIFE.days, is_signed_in=is_in, **typed)


def form_again(visitor: Visitor, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    typed = {name: str(fields.get(name, ""))[:100] for name in ("given", "family", "born_on")}
    view = shown(visitor, str(fields["token"]), **typed, errors=errors)
    return Answer(view, "family/join.html", status=400)


class AcceptAsk(JoinAsk):
    code: str = Field(default="", max_length=20)


@app.action(
    "POST",
    f"{PATH}/accept",
    ask=AcceptAsk,
    view=GrantChangedView,
    needs=Scope.SWITCH_PERSON,
    again=form_again,
)
def accept(caller: Caller, ask: AcceptAsk) -> Answer:
    """Take up an invitation with the account that is signed in."""
    if caller.acting:
        raise OwnRecordOnly
    person = me(caller)
    opened = opened_by(caller, ask)
    _ = pages.words(caller.language)
    if opened.grant.patient_id == person.patient_id:
        refuse(caller, "own-invitation")
        raise BadInput({"code": _("This is your own invitation. Somebody else must accept it.")})
    check_grown(person.birth_on, caller.language, "code")
    taken(caller, opened, person)
    to = f"{PAGE}?done=joined"
    return Answer(GrantChangedView(next=to), location=to)


class NewAsk(AcceptAsk):
    given: str = Field(default="", max_length=100)
    family: str = Field(default="", max_length=100)
    born_on: str = Field(default="", max_length=40)


@app.action("POST", PATH, ask=NewAsk, view=JoinedView, needs=None, again=form_again)
def join(visitor: Visitor, ask: NewAsk) -> Answer:
    """Take up an invitation with a new account, for who has none."""
    born_on = checked(ask, visitor.language)
    opened = opened_by(visitor, ask)
    person = Patient(
        patient_id=patients.new_id(),
        family=" ".join(ask.family.split()),
        given=" ".join(ask.given.split()),
        birth_on=born_on,
        email=opened.grant.names["email"],
        language=visitor.language,
        identifiers=((NUMBERS, f"P{secrets.randbelow(10**9):09d}"),),
        has_record=False,
    )
    taken(visitor, opened, person, is_new=True)
    cookie = signed_in(visitor, person)
    if visitor.session_cookie:
        sessions.end(visitor.session_cookie)
    kept = (cookies.kept("session", cookie),)
    view = JoinedView(next=NEXT, number=person.identifiers[0][1])
    return Answer(view, "family/joined.html", cookies=kept)


def checked(ask: NewAsk, language: str) -> date:
    """Raises BadInput; nothing is counted for it."""
    _ = pages.words(language)
    wanted = {"given": _("Type your first name."), "family": _("Type your last name.")}
    errors = {name: words for name, words in wanted.items() if not getattr(ask, name).strip()}
    try:
        born_on = date.fromisoformat(ask.born_on.strip())
    except ValueError:
        raise BadInput(errors | {"born_on": _("Type your date of birth.")}) from None
    if errors:
        raise BadInput(errors)
    check_grown(born_on, language, "born_on")
    return born_on


def check_grown(born_on: date, language: str, field: str) -> None:
    """Raises BadInput."""
    age = ages.age_on(born_on, now().date())
    if not ages.ADULT <= age < 130:
        _ = pages.words(language)
        raise BadInput({field: _("You must be 18 or older to help with somebody's record.")})


def opened_by(visitor: Visitor, ask: AcceptAsk) -> Opened:
    """Raises BadInput in the same words for whatever is wrong."""
    throttles.count(visitor, "join-source", visitor.source, TRIES_PER_SOURCE)
    try:
        opened = joins.opened(ask.token, "".join(ask.code.split()))
    except NoInvitation:
        raise no_good(visitor) from None
    owner = patients.with_id(opened.grant.patient_id)
    if owner is None or owner.replaced_by or owner.is_deceased:
        raise no_good(visitor)
    return opened


def taken(visitor: Visitor, opened: Opened, holder: Patient, *, is_new: bool = False) -> None:
    also = partial(patients.add_to, patient=holder) if is_new else None
    try:
        proxies.accept(visitor, opened, holder, also)
    except Conflict:  # somebody else was first, or it was withdrawn at this moment
        raise no_good(visitor) from None


def no_good(visitor: Visitor) -> BadInput:
    refuse(visitor, "no-invitation")
    _ = pages.words(visitor.language)
    words = _("This code does not fit, or the invitation is no good any more. Ask for a new one.")
    return BadInput({"code": words})


def refuse(visitor: Visitor, why: str) -> None:
    audit.record(Event.JOIN_REFUSED, visitor, why=why, outcome=Outcome.REFUSED)


def signed_in(visitor: Visitor, person: Patient) -> str:
    """As by a sign-in link: the link came to their mailbox. There is no record that they could be
    mistaken for the owner of, so they may set up a second factor now."""
    methods = frozenset({Method.EMAIL_LINK})
    user_accounts.raise_confidence(person.patient_id, Confidence.PROOFED)
    cookie = sessions.open_with(person.patient_id, methods, visitor)
    audit.record(Event.SIGNED_IN, visitor, patient_id=person.patient_id, about=Method.EMAIL_LINK)
    unusual.signed_in(visitor, person.patient_id, methods)
    return sessions.rise(cookie, None)
