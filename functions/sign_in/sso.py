"""Signing in with a hospital's own sign-in (SMART on FHIR), and connecting hospitals to an account.

Forms do not redirect to a hospital: the page they lead to does. Browsers hold every step of a
form's redirects against `form-action`, and nobody knows where a hospital sends people next.
"""

from dataclasses import replace
from typing import Annotated

from functions.sign_in import shared
from functions.sign_in.app import app
from functions.sign_in.shared import Shared
from functions.sign_in.sso_return import CONNECT, SIGN_IN, refused, returned
from functions.sign_in.sso_views import (
    AwayView,
    Hospital,
    HospitalChangedView,
    HospitalsView,
    WithView,
)
from functions.sign_in.views import SteppedView
from pydantic import Field

from portal import audit, cookies, factors, organisations, sso_links, sso_states, throttles
from portal.access import Caller, Visitor
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import NotFound
from portal.identity_providers import Refused
from portal.model import Model
from portal.scopes import Scope
from portal.secrets_kept import hashed, token
from portal.settings import settings

BEGINS_PER_SOURCE = 60
RETURNS_PER_SOURCE = 60

OrganisationId = Annotated[str, Field(pattern=rf"^{organisations.ID.pattern}$")]


class OrganisationAsk(Model):
    organisation: OrganisationId


@app.action("GET", "/sign-in/with", view=WithView, needs=None)
def choose(_visitor: Visitor, _ask: Model) -> Answer:
    """Choose the hospital whose sign-in to use."""
    return Answer(WithView(hospitals=hospitals()), "sign_in/with.html")


class BeginAsk(OrganisationAsk):
    shared: Shared = ""


@app.action("POST", "/sign-in/with/{organisation}", ask=BeginAsk, view=AwayView, needs=None)
def begin(visitor: Visitor, ask: BeginAsk) -> Answer:
    """Go to a hospital's sign-in page."""
    answer = going(visitor, ask.organisation, SIGN_IN)
    return replace(answer, cookies=(*answer.cookies, *shared.kept(ask.shared)))


class CallbackAsk(Model):
    """What the hospital sends back: RFC 6749 4.1.2 and 4.1.2.1, RFC 9207."""

    state: str = Field(default="", max_length=200)
    code: str = Field(default="", max_length=6000)
    iss: str = Field(default="", max_length=500)
    error: str = Field(default="", max_length=200)


@app.action("GET", "/sign-in/callback", ask=CallbackAsk, view=SteppedView, needs=None)
def callback(visitor: Visitor, ask: CallbackAsk) -> Answer:
    """Come back from a hospital's sign-in page."""
    throttles.count(visitor, "sso-return", visitor.source, RETURNS_PER_SOURCE)
    return returned(visitor, ask.state, "" if ask.error else ask.code, ask.iss)


@app.action("GET", "/sign-in/hospitals", view=HospitalsView, needs=Scope.READ_SECURITY)
def connected(caller: Caller, _ask: Model) -> Answer:
    """Show which hospitals' sign-ins open this account."""
    audit.record(Event.HOSPITALS_VIEWED, caller)
    found = hospitals({each.organisation_id for each in sso_links.of(caller.patient_id)})
    view = HospitalsView(hospitals=found, may_change=caller.may(Scope.CHANGE_SECURITY))
    return Answer(view, "sign_in/hospitals.html")


@app.action(
    "POST",
    "/sign-in/hospitals/{organisation}",
    ask=OrganisationAsk,
    view=AwayView,
    needs=Scope.CHANGE_SECURITY,
)
def connect(caller: Caller, ask: OrganisationAsk) -> Answer:
    """Go to a hospital's sign-in page, to connect it to this account."""
    return going(caller, ask.organisation, CONNECT, bound_to=caller.patient_id)


@app.action(
    "POST",
    "/sign-in/hospitals/{organisation}/remove",
    ask=OrganisationAsk,
    view=HospitalChangedView,
    needs=Scope.CHANGE_SECURITY,
)
def remove(caller: Caller, ask: OrganisationAsk) -> Answer:
    """A hospital's sign-in opens this account no longer."""
    audit.record(Event.SSO_REMOVED, caller, about=ask.organisation)
    if not sso_links.remove(caller.patient_id, ask.organisation):
        audit.record(Event.SSO_REMOVED, caller, about=ask.organisation, outcome=Outcome.REFUSED)
        raise NotFound
    factors.changed(caller, Event.SSO_REMOVED)
    return Answer(HospitalChangedView(next="/sign-in/hospitals"), location="/sign-in/hospitals")


def hospitals(connected_ids: set[str] | None = None) -> list[Hospital]:
    return [
        Hospital(
            organisation_id=each.organisation_id,
            name=each.name,
            is_connected=each.organisation_id in (connected_ids or ()),
        )
        for each in organisations.everyone().values()
    ]


def going(visitor: Visitor, organisation_id: str, purpose: str, bound_to: str = "") -> Answer:
    """A page that goes on by itself. The browser's cookie comes back with it."""
    from portal import oidc

    throttles.count(visitor, "sso-begin", visitor.source, BEGINS_PER_SOURCE)
    organisation = organisations.with_id(organisation_id)
    audit.record(Event.SSO_BEGUN, visitor, about=organisation_id)
    browser = token(128)
    try:
        departure = oidc.begin(
            organisation.provider, redirect_uri(), purpose, bound_to, hashed(browser)
        )
    except Refused as error:
        return refused(visitor, Refused(error.fault, organisation_id))
    kept = cookies.kept("browser", browser, max_age=sso_states.LIFE_SECONDS)
    view = AwayView(name=organisation.name, url=departure.url)
    return Answer(view, "sign_in/going.html", cookies=(kept,))


def redirect_uri() -> str:
    return f"{settings().portal_url}/sign-in/callback"
