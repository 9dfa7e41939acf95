"""The next step after the first: a second factor, or the identity itself.

Which one a person needs follows from their session and account, never from the address they came
by. Each step gives the session a new cookie.
"""

from datetime import date
from typing import Any

from functions.sign_in import proof, second
from functions.sign_in.app import app
from functions.sign_in.stages import view_of
from functions.sign_in.views import Stage, StayView, SteppedView, StepView
from pydantic import Field

from portal import audit, cookies, devices, sessions, throttles, unusual, user_accounts
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event
from portal.errors import BadInput, StepUpNeeded
from portal.methods import Confidence, Method, joined
from portal.model import Model
from portal.paths import own_path
from portal.scopes import Scope

CODES_PER_ACCOUNT = 10
TEXTS_PER_ACCOUNT = 5
PROOFS_PER_ACCOUNT = 5


class StepAsk(Model):
    return_to: str = Field(default="/", max_length=500)


@app.action("GET", "/sign-in/step", ask=StepAsk, view=StepView, needs=Scope.STEP_UP)
def step(caller: Caller, ask: StepAsk) -> Answer:
    """Ask for what is missing: a second factor, or who they are."""
    view = view_of(caller, own_path(ask.return_to))
    audit.record(Event.STEP_VIEWED, caller, about=view.stage)
    if view.stage is Stage.DONE:
        return Answer(view, location=view.return_to)
    return Answer(view, "sign_in/step.html", script="passkey")


def step_again(caller: Caller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    view = view_of(caller, own_path(str(fields.get("return_to", "/"))), errors)
    return Answer(view, "sign_in/step.html", status=400, script="passkey")


@app.action(
    "POST",
    "/sign-in/step/text",
    ask=StepAsk,
    view=StepView,
    needs=Scope.STEP_UP,
    again=step_again,
)
def text(caller: Caller, ask: StepAsk) -> Answer:
    """Send a code to the phone this account confirmed."""
    throttles.count(caller, "step-text", caller.patient_id, TEXTS_PER_ACCOUNT)
    audit.record(Event.STEP_CODE_SENT, caller)
    second.send_text(caller)
    return Answer(view_of(caller, own_path(ask.return_to)), "sign_in/step.html", script="passkey")


class CodeAsk(StepAsk):
    method: Method
    code: str = Field(default="", max_length=200)
    remember: str = Field(default="", pattern="^(yes)?$")


@app.action(
    "POST",
    "/sign-in/step/code",
    ask=CodeAsk,
    view=SteppedView,
    needs=Scope.STEP_UP,
    again=step_again,
)
def code(caller: Caller, ask: CodeAsk) -> Answer:
    """Take the code of a second factor."""
    throttles.count(caller, "step-code", caller.patient_id, CODES_PER_ACCOUNT)
    if not second.is_right(caller, ask.method, ask.code):
        refuse(caller, ask.method)
        raise BadInput({"code": second.advice(ask.method, caller.language)})
    return stepped(
        caller,
        ask.method,
        own_path(ask.return_to),
        remembers=bool(ask.remember) and not caller.is_shared,
    )


def refuse(caller: Caller, why: str) -> None:
    audit.record(Event.STEP_REFUSED, caller, why=why, outcome=audit.Outcome.REFUSED)
    unusual.refused(caller, caller.patient_id)


def stepped(caller: Caller, method: Method, to: str, *, remembers: bool) -> Answer:
    """The session with one more method. A code of a lost factor's is told to the owner."""
    cookie = sessions.rise(caller.session_cookie, method)
    audit.record(Event.STEPPED_UP, caller, about=method)
    if method is Method.RECOVERY_CODE:
        unusual.tell(caller, caller.patient_id, Event.RECOVERY_CODE_USED)
    kept = [cookies.kept("session", cookie)]
    if remembers:
        audit.record(Event.DEVICE_REMEMBERED, caller)
        remembered = devices.remember(caller.patient_id, caller)
        kept.append(cookies.kept("device", remembered, max_age=devices.LIFE_SECONDS))
    return Answer(SteppedView(next=to), location=to, cookies=tuple(kept))


class ProofAsk(StepAsk):
    born_on: date | None = None
    identifier: str = Field(default="", max_length=60)


@app.action(
    "POST",
    "/sign-in/step/proof",
    ask=ProofAsk,
    view=SteppedView,
    needs=Scope.STEP_UP,
    again=step_again,
)
def show_identity(caller: Caller, ask: ProofAsk) -> Answer:
    """Compare what they say of themselves with the clinic's records."""
    throttles.count(caller, "step-proof", caller.patient_id, PROOFS_PER_ACCOUNT)
    if view_of(caller, "/").stage is Stage.FACTOR:  # the page asks in this order, too
        refuse(caller, "identity-before-factor")
        raise StepUpNeeded
    if not proof.is_right(caller.patient_id, ask.born_on, ask.identifier):
        refuse(caller, "identity")
        raise BadInput({"identifier": proof.advice(caller.language)})
    audit.record(Event.IDENTITY_SHOWN, caller, about=joined(()))
    user_accounts.raise_confidence(caller.patient_id, Confidence.PROOFED)
    cookie = sessions.rise(caller.session_cookie, None)
    where = f"/sign-in/step?{proof.query(own_path(ask.return_to))}"
    return Answer(
        SteppedView(next=where), location=where, cookies=(cookies.kept("session", cookie),)
    )


@app.action("POST", "/sign-in/stay", view=StayView, needs=Scope.STEP_UP)
def stay(caller: Caller, _ask: Model) -> Answer:
    """Stay signed in: the person is still there."""
    audit.record(Event.SESSION_KEPT, caller)
    return Answer(StayView(seconds=sessions.IDLE_SECONDS), location="/")
