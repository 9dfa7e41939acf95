"""Staff sign in with the hospital's own OpenID provider, never with a way of ours.

The provider must say that it asked for two factors, and name a role of ours. "Once more" asks it to
forget that it knows them: what is sensitive needs that to be minutes ago.
"""

from typing import Any

from functions.staff.app import app
from functions.staff.views import EnteredView, GoingView, SignInView
from pydantic import Field

from portal import (
    audit,
    cookies,
    sso_states,
    staff,
    staff_access,
    staff_people,
    staff_provider,
    staff_sessions,
    throttles,
)
from portal.access import Visitor
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.identity_providers import Fault, Refused
from portal.model import Model
from portal.secrets_kept import hashed, token
from portal.settings import settings
from portal.staff_provider import Identity, NotEnough

BEGINS_PER_SOURCE = 60
RETURNS_PER_SOURCE = 60
PURPOSE = "staff"
THEIR_FAULT = frozenset({Fault.DOWN, Fault.SERVER})


class FormAsk(Model):
    because: str = Field(default="", max_length=20)
    return_to: str = Field(default=staff.HOME, max_length=500)


@app.action("GET", "/staff/sign-in", ask=FormAsk, view=SignInView, needs=None)
def form(_visitor: Visitor, ask: FormAsk) -> Answer:
    """Show the way to the hospital's own sign-in page."""
    view = SignInView(because=ask.because, return_to=staff.staff_path(ask.return_to))
    return Answer(view, "staff/sign_in.html")


class BeginAsk(Model):
    return_to: str = Field(default=staff.HOME, max_length=500)
    again: str = Field(default="", pattern="^(yes)?$")


@app.action("POST", "/staff/sign-in", ask=BeginAsk, view=GoingView, needs=None)
def begin(visitor: Visitor, ask: BeginAsk) -> Answer:
    """Go to the hospital's own sign-in page."""
    from portal import oidc

    throttles.count(visitor, "staff-begin", visitor.source, BEGINS_PER_SOURCE)
    said = staff_provider.settings()
    audit.record(Event.STAFF_SIGN_IN_BEGUN, visitor, why=staff.WORK)
    browser, to = token(128), staff.staff_path(ask.return_to)
    provider = said.asked(again=bool(ask.again))
    try:
        left = oidc.begin(provider, redirect_uri(), PURPOSE, to, hashed(browser))
    except Refused as error:
        return refused(visitor, error.fault)
    kept = cookies.kept("browser", browser, max_age=sso_states.LIFE_SECONDS)
    view = GoingView(name=said.provider.name, url=left.url)
    return Answer(view, "staff/going.html", cookies=(kept,))


class CallbackAsk(Model):
    """What the provider sends back: RFC 6749 4.1.2 and 4.1.2.1, RFC 9207."""

    state: str = Field(default="", max_length=200)
    code: str = Field(default="", max_length=6000)
    iss: str = Field(default="", max_length=500)
    error: str = Field(default="", max_length=200)


@app.action("GET", "/staff/callback", ask=CallbackAsk, view=EnteredView, needs=None)
def callback(visitor: Visitor, ask: CallbackAsk) -> Answer:
    """Come back from the hospital's own sign-in page."""
    from portal import oidc

    throttles.count(visitor, "staff-return", visitor.source, RETURNS_PER_SOURCE)
    try:
        code = "" if ask.error else ask.code
        finished = oidc.finish(ask.state, code, visitor.browser, ask.iss)
        if finished.purpose != PURPOSE:
            raise Refused(Fault.STATE)
        return entered(visitor, finished.claims, finished.bound_to)
    except Refused as error:
        return refused(visitor, error.fault)
    except NotEnough as error:
        return refused(visitor, error.why)


def entered(visitor: Visitor, claims: dict[str, Any], to: str) -> Answer:
    """A session for whom the provider has vouched. Raises NotEnough."""
    who = staff_provider.identity(staff_provider.settings(), claims)
    subject_id = staff_people.subject_id(str(claims["iss"]), who.sub)
    if not who.roles:
        staff_people.dismissed(subject_id)
        return refused(visitor, "no-role", about=subject_id)
    record_entry(visitor, subject_id, who)
    person = staff_people.signed_in(subject_id, who.name, who.roles)
    cookie = staff_sessions.open_for(person, who.acr, who.signed_in_at)
    staff_sessions.end(visitor.staff_cookie)
    both = (cookies.kept("staff", cookie), cookies.gone("browser"))
    return Answer(EnteredView(next=to), location=to, cookies=both)


def record_entry(visitor: Visitor, subject_id: str, who: Identity) -> None:
    audit.save(
        audit.row(
            Event.STAFF_SIGNED_IN,
            actor=subject_id,
            about=staff_access.joined(who.roles),
            why=staff.WORK,
            request_id=visitor.request_id,
            source=visitor.source,
        )
    )


def refused(visitor: Visitor, why: str, about: str = "") -> Answer:
    no = Outcome.REFUSED
    audit.record(Event.STAFF_SIGN_IN_REFUSED, visitor, why=why, about=about, outcome=no)
    status = 503 if why in THEIR_FAULT else 403
    view = SignInView(because=why, return_to=staff.HOME)
    return Answer(view, "staff/sign_in.html", status=status)


def redirect_uri() -> str:
    return f"{settings().portal_url}/staff/callback"
