"""Signing in by a link sent to the e-mail address or phone on file, and signing out."""

from typing import Annotated, Any

from functions.sign_in import requested, shared
from functions.sign_in.shared import Shared
from functions.sign_in.views import AskView, ConfirmView, SentView, SignedInView, SignedOutView
from pydantic import Field

from portal import audit, cookies, links, sessions, throttles, unusual
from portal.access import Caller, Visitor
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import BadInput, LinkIsSpent
from portal.methods import joined
from portal.model import Model
from portal.patients import contact_key
from portal.scopes import Scope
from portal.secrets_kept import hashed, token
from portal.web import Room

app = Room("sign_in")

ASKS_PER_ADDRESS = 5
ASKS_PER_SOURCE = 60
SPENDS_PER_SOURCE = 60

Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$")]


class Because(Model):
    because: str = Field(default="", max_length=20)
    shared: str = Field(default="", pattern="^(yes|no)?$")


@app.action("GET", "/sign-in", ask=Because, view=AskView, needs=None)
def form(_visitor: Visitor, ask: Because) -> Answer:
    """Ask for a sign-in link."""
    if ask.shared:
        chosen = (shared.anew(ask.shared),)
        return Answer(AskView(because=ask.because), location="/sign-in", cookies=chosen)
    return Answer(AskView(because=ask.because), "sign_in/ask.html", script="passkey")


class Ask(Model):
    address: str = Field(default="", max_length=254)
    shared: Shared = ""


def ask_again(_visitor: Visitor, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    view = AskView(address=str(fields.get("address", ""))[:254], errors=errors)
    return Answer(view, "sign_in/ask.html", status=400, script="passkey")


@app.action("POST", "/sign-in", ask=Ask, view=SentView, needs=None, again=ask_again)
def ask(visitor: Visitor, ask: Ask) -> Answer:
    """Send a link to this address or phone, if it is one of ours. The answer never tells."""
    address = requested.address_of(ask.address, visitor.language)
    throttles.count(visitor, "ask-source", visitor.source, ASKS_PER_SOURCE)
    throttles.count(visitor, "ask-address", hashed(contact_key(address)), ASKS_PER_ADDRESS)
    audit.record(Event.SIGN_IN_ASKED, visitor)
    browser = token(128)
    requested.send(address, hashed(browser), visitor)
    view = SentView(minutes=links.LIFE_SECONDS // 60, address=ask.address.strip())
    bound = cookies.kept("browser", browser, max_age=links.LIFE_SECONDS)
    kept = (bound, *shared.kept(ask.shared))
    is_shared = shared.said(visitor, ask.shared).is_shared
    where = "/sign-in?because=sent" if is_shared else ""  # a browser keeps what a page was asked by
    return Answer(view, "sign_in/sent.html", location=where, cookies=kept)


class LinkAsk(Model):
    token: Token


@app.action("GET", "/sign-in/{token}", ask=LinkAsk, view=ConfirmView, needs=None)
def confirm(visitor: Visitor, ask: LinkAsk) -> Answer:
    """Show the button of a link. Looking spends nothing: mail scanners look too."""
    needs_code = links.needs_code(ask.token, visitor.browser)
    initial = links.initial_of(ask.token)
    view = ConfirmView(token=ask.token, needs_code=needs_code, initial=initial)
    return Answer(view, "sign_in/confirm.html")


class SpendAsk(Model):
    token: Token
    code: str = Field(default="", max_length=12)
    shared: Shared = ""


def code_again(_visitor: Visitor, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    token = str(fields["token"])
    initial = links.initial_of(token)
    view = ConfirmView(token=token, needs_code=True, initial=initial, errors=errors)
    return Answer(view, "sign_in/confirm.html", status=400)


@app.action(
    "POST", "/sign-in/{token}", ask=SpendAsk, view=SignedInView, needs=None, again=code_again
)
def spend(visitor: Visitor, ask: SpendAsk) -> Answer:
    """Open a session with a link."""
    throttles.count(visitor, "spend-source", visitor.source, SPENDS_PER_SOURCE)
    opened = opened_session(shared.said(visitor, ask.shared), ask)
    if visitor.session_cookie:
        sessions.end(visitor.session_cookie)
    both = (cookies.kept("session", opened.cookie), cookies.gone("browser"))
    also = shared.kept(ask.shared)
    return Answer(SignedInView(home="/"), location="/", cookies=(*both, *also))


def opened_session(visitor: Visitor, ask: SpendAsk) -> links.Opened:
    """Refusals are recorded as well: a patient should see who tried to get in."""
    try:
        opened = links.spend(ask.token, visitor, "".join(ask.code.split()))
    except links.WrongCode as error:
        record_refusal(visitor, "wrong-code", error.patient_id)
        unusual.refused(visitor, error.patient_id)
        raise BadInput({"code": requested.code_advice(visitor.language)}) from None
    except LinkIsSpent:
        record_refusal(visitor, "link-no-good")
        raise
    audit.record(
        Event.SIGNED_IN, visitor, patient_id=opened.patient_id, about=joined(opened.methods)
    )
    unusual.signed_in(visitor, opened.patient_id, opened.methods)
    return opened


def record_refusal(visitor: Visitor, why: str, patient_id: str = "") -> None:
    refused = Outcome.REFUSED
    audit.record(Event.SIGN_IN_REFUSED, visitor, why=why, patient_id=patient_id, outcome=refused)


class SignOutAsk(Model):
    everywhere: str = Field(default="", pattern="^(yes)?$")


@app.action("POST", "/sign-out", ask=SignOutAsk, view=SignedOutView, needs=Scope.END_SESSION)
def sign_out(caller: Caller, ask: SignOutAsk) -> Answer:
    """End this session, or every session of this patient. It shows nothing, so it comes before its
    audit row: nobody stays signed in because the trail is down."""
    if ask.everywhere:
        sessions.end_all(caller.patient_id)
    sessions.end(caller.session_cookie)
    audit.record(Event.SIGNED_OUT_EVERYWHERE if ask.everywhere else Event.SIGNED_OUT, caller)
    where = "/signed-out?everywhere=yes" if ask.everywhere else "/signed-out"
    ends = ("session", "half", *(("device",) if ask.everywhere else ()))
    gone = tuple(cookies.gone(name) for name in ends)
    view = SignedOutView(everywhere=bool(ask.everywhere))
    return Answer(view, location=where, cookies=gone, is_farewell=True)


@app.action("GET", "/signed-out", ask=SignOutAsk, view=SignedOutView, needs=None)
def signed_out(_visitor: Visitor, ask: SignOutAsk) -> Answer:
    """Say that the session has ended."""
    return Answer(SignedOutView(everywhere=bool(ask.everywhere)), "sign_in/signed_out.html")


from functions.sign_in import passkey, password, sso, step  # noqa: E402, F401 - their routes
