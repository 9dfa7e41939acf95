"""Opening an account: with a link or code from the clinic here, or by oneself in `register`."""

from datetime import date
from typing import Annotated, Any

from functions.activate.views import ActivatedView, ActivateView, ActivationView
from pydantic import Field

from portal import activations, ages, audit, cookies, pages, sessions, throttles, unusual
from portal.access import Visitor
from portal.activations import Shown, WrongAnswer
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import ActivationIsSpent, BadInput
from portal.model import Model
from portal.moments import now
from portal.web import NoAsk, Room

app = Room("activate")

TRIES_PER_SOURCE = 60
NEXT = "/sign-in/step"

Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$")]


@app.action("GET", "/activate", view=ActivateView, needs=None)
def form(_visitor: Visitor, _ask: NoAsk) -> Answer:
    """Ask for the code that the clinic gave."""
    return Answer(ActivateView(), "activate/code.html")


class CodeAsk(Model):
    code: str = Field(default="", max_length=40)
    born_on: str = Field(default="", max_length=40)


def form_again(_visitor: Visitor, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    view = ActivateView(code=str(fields.get("code", ""))[:40], errors=errors)
    return Answer(view, "activate/code.html", status=400)


@app.action("POST", "/activate", ask=CodeAsk, view=ActivatedView, needs=None, again=form_again)
def type_code(visitor: Visitor, ask: CodeAsk) -> Answer:
    """Open the account with a typed code."""
    throttles.count(visitor, "activate-source", visitor.source, TRIES_PER_SOURCE)
    born_on = birth_date(ask.born_on, visitor.language)
    if not ask.code.strip():
        _ = pages.words(visitor.language)
        raise BadInput({"code": _("Type the code from your clinic.")})
    return activated(visitor, Shown(born_on, code=ask.code), "code")


class LinkAsk(Model):
    token: Token


@app.action("GET", "/activate/{token}", ask=LinkAsk, view=ActivationView, needs=None)
def confirm(_visitor: Visitor, ask: LinkAsk) -> Answer:
    """Show the button of a link. Looking spends nothing: mail scanners look too."""
    return Answer(link_view(ask.token), "activate/confirm.html")


class OpenAsk(Model):
    token: Token
    born_on: str = Field(default="", max_length=40)
    identifier: str = Field(default="", max_length=60)


def confirm_again(_visitor: Visitor, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    view = link_view(str(fields["token"])).model_copy(update={"errors": errors})
    return Answer(view, "activate/confirm.html", status=400)


@app.action(
    "POST", "/activate/{token}", ask=OpenAsk, view=ActivatedView, needs=None, again=confirm_again
)
def open_link(visitor: Visitor, ask: OpenAsk) -> Answer:
    """Open the account with a link."""
    throttles.count(visitor, "activate-source", visitor.source, TRIES_PER_SOURCE)
    born_on = birth_date(ask.born_on, visitor.language)
    shown = Shown(born_on, token=ask.token, identifier=ask.identifier)
    return activated(visitor, shown, "born_on")


def link_view(token: str) -> ActivationView:
    return ActivationView(token=token, asks_number=activations.asks_number(token))


def birth_date(typed: str, language: str) -> date:
    """Raises BadInput; nothing is counted for it, nor is anybody looked up."""
    _ = pages.words(language)
    today = now().date()
    try:
        born_on = date.fromisoformat(typed.strip())
    except ValueError:
        born_on = date.max
    if born_on > today:
        raise BadInput({"born_on": _("Type your date of birth.")})
    if ages.age_on(born_on, today) < ages.TEEN:
        advice = _(
            "Children under 12 have no account of their own. A parent opens their own account, "
            "and the clinic lets them see the child's record."
        )
        raise BadInput({"born_on": advice})
    return born_on


def activated(visitor: Visitor, shown: Shown, field: str) -> Answer:
    """Refusals are recorded as well. `field` is where a browser's page says what is wrong."""
    try:
        cookie = activations.spend(shown, visitor)
    except WrongAnswer as error:
        refuse(visitor, "wrong-answer", error.patient_id)
        raise BadInput({field: advice(shown, visitor.language)}) from None
    except ActivationIsSpent:
        refuse(visitor, "link-no-good")
        raise
    return signed_in(visitor, cookie)


def refuse(visitor: Visitor, why: str, patient_id: str = "") -> None:
    refused = Outcome.REFUSED
    event = Event.ACTIVATION_REFUSED
    audit.record(event, visitor, why=why, patient_id=patient_id, outcome=refused)
    if patient_id:
        unusual.refused(visitor, patient_id)


def advice(shown: Shown, language: str) -> str:
    _ = pages.words(language)
    if shown.code:
        return _("The code and the date do not belong together, or the code is too old.")
    if shown.identifier:
        return _("This is not what your clinic has on file. Check both, or ask the front desk.")
    return _("This is not the date your clinic has on file. Check it, or ask the front desk.")


def signed_in(visitor: Visitor, cookie: str) -> Answer:
    if visitor.session_cookie:
        sessions.end(visitor.session_cookie)
    kept = (cookies.kept("session", cookie), cookies.gone("browser"))
    return Answer(ActivatedView(next=NEXT), location=NEXT, cookies=kept)


from functions.activate import register  # noqa: E402, F401 - its routes join the room's
