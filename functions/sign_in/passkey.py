"""Signing in with a passkey: a face, a finger or the device's own code. Two factors in one, so it
signs in alone; in a live session it is the step.
"""

from dataclasses import asdict
from typing import Any

from functions.sign_in import shared
from functions.sign_in.app import app, record_refusal
from functions.sign_in.shared import Shared
from functions.sign_in.step import refuse
from functions.sign_in.views import SteppedView
from pydantic import Field

from portal import audit, cookies, sessions, throttles, unusual
from portal.access import Caller, Visitor
from portal.answers import Answer
from portal.audit import Event
from portal.authenticators import Assertion
from portal.errors import PasskeyRefused
from portal.methods import Method
from portal.model import Model
from portal.paths import own_path
from portal.sessions import Session

OPTIONS_PER_SOURCE = (
    300  # each look at the sign-in page asks; a clinic's waiting room is one source
)
TRIES_PER_SOURCE = 60


class PasskeyOptionsView(Model):
    """`options`: W3C's PublicKeyCredentialRequestOptionsJSON."""

    options: dict[str, Any]


@app.action("POST", "/sign-in/passkey/options", view=PasskeyOptionsView, needs=None)
def passkey_options(visitor: Visitor, _ask: Model) -> Answer:
    """Say what a passkey has to answer: the same for everybody."""
    from portal import passkeys

    throttles.count(visitor, "passkey-options", visitor.source, OPTIONS_PER_SOURCE)
    view = PasskeyOptionsView(options=passkeys.request_options())
    return Answer(view, location="/sign-in")


class PasskeyAsk(Assertion):
    return_to: str = Field(default="/", max_length=500)
    shared: Shared = ""


@app.action("POST", "/sign-in/passkey", ask=PasskeyAsk, view=SteppedView, needs=None)
def passkey(visitor: Visitor, ask: PasskeyAsk) -> Answer:
    """Open a session with a passkey, or raise the one that is there."""
    throttles.count(visitor, "passkey-source", visitor.source, TRIES_PER_SOURCE)
    visitor = shared.said(visitor, ask.shared)
    patient_id = owner(visitor, ask)
    session = sessions.live(visitor.session_cookie)
    cookie = risen(visitor, session, patient_id) if session else opened(visitor, patient_id)
    to = own_path(ask.return_to)
    return Answer(
        SteppedView(next=to),
        location=to,
        cookies=(cookies.kept("session", cookie), *shared.kept(ask.shared)),
    )


def owner(visitor: Visitor, answer: Assertion) -> str:
    """Every refusal is answered alike; the trail and the account's owner hear more."""
    from portal import passkeys

    try:
        return passkeys.owner(answer)
    except passkeys.Copied as error:
        record_refusal(visitor, error.why, error.patient_id)
        unusual.tell(visitor, error.patient_id, Event.PASSKEY_COPIED)
    except passkeys.Refused as error:
        record_refusal(visitor, error.why, error.patient_id)
        if error.patient_id:
            unusual.refused(visitor, error.patient_id)
    raise PasskeyRefused


def opened(visitor: Visitor, patient_id: str) -> str:
    """The cookie of a fresh session."""
    shown = frozenset({Method.PASSKEY})
    audit.record(Event.SIGNED_IN, visitor, patient_id=patient_id, about=Method.PASSKEY)
    cookie = sessions.open_with(patient_id, shown, visitor)
    unusual.signed_in(visitor, patient_id, shown)
    return cookie


def risen(visitor: Visitor, session: Session, patient_id: str) -> str:
    """The new cookie of the session that is there: somebody else's passkey proves nothing in it."""
    mine = session.patient_id
    caller = Caller(**asdict(visitor), patient_id=mine, subject_id=mine)
    if patient_id != mine:
        refuse(caller, "passkey-of-another")
        raise PasskeyRefused
    cookie = sessions.rise(caller.session_cookie, Method.PASSKEY)
    audit.record(Event.STEPPED_UP, caller, about=Method.PASSKEY)
    return cookie
