"""Adding a passkey: the device makes a key for this portal, and we keep the public half."""

from dataclasses import replace
from typing import Any

from functions.settings import changes
from functions.settings.app import app
from functions.settings.security_views import ChangedView, Done
from pydantic import BaseModel

from portal import audit, cookies, factors, pages, sessions
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.authenticators import Attestation
from portal.errors import BadInput
from portal.factors import Factor
from portal.methods import Assurance, Method
from portal.scopes import Scope


class NewPasskeyOptionsView(BaseModel):
    """`options`: W3C's PublicKeyCredentialCreationOptionsJSON."""

    options: dict[str, Any]


@app.action(
    "POST",
    "/settings/security/passkey/options",
    view=NewPasskeyOptionsView,
    needs=Scope.CHANGE_SECURITY,
)
def new_passkey_options(caller: Caller, _ask: BaseModel) -> Answer:
    """Say what kind of passkey this account takes, and which it has."""
    from portal import passkeys

    changes.check_room(caller)
    audit.record(Event.FACTOR_BEGUN, caller, about=Method.PASSKEY)
    try:
        view = NewPasskeyOptionsView(options=passkeys.creation_options(caller))
    except passkeys.Refused as error:
        raise refused(caller, error.why) from None
    return Answer(view, location=changes.PAGE)


@app.action(
    "POST",
    "/settings/security/passkey",
    ask=Attestation,
    view=ChangedView,
    needs=Scope.CHANGE_SECURITY,
)
def add_passkey(caller: Caller, ask: Attestation) -> Answer:
    """Add a passkey. It was shown just now, so the session rises with it."""
    from portal import passkeys

    changes.check_room(caller)
    try:
        factor = passkeys.made(caller, ask)
    except passkeys.Refused as error:
        raise refused(caller, error.why) from None
    kept = cookies.kept("session", added(caller, factor))
    is_first = caller.standing.assurance < Assurance.TWO_FACTOR
    return changes.done(Done.BEGUN if is_first else Done.ADDED, kept)


def added(caller: Caller, factor: Factor) -> str:
    """The session's new cookie. It rises first: a session that was ended meanwhile, perhaps
    because it was a thief's, must leave no passkey behind."""
    from portal import passkeys

    audit.record(Event.FACTOR_ADDED, caller, about=Method.PASSKEY)
    cookie = sessions.rise(caller.session_cookie, Method.PASSKEY)
    passkeys.add(caller.patient_id, factor)
    factors.changed(replace(caller, session_cookie=cookie), Event.FACTOR_ADDED)
    return cookie


def refused(caller: Caller, why: str) -> BadInput:
    no = Outcome.REFUSED
    audit.record(Event.FACTOR_ADDED, caller, about=Method.PASSKEY, why=why, outcome=no)
    _ = pages.words(caller.language)
    return BadInput({"credential_id": _("This passkey could not be added. Try again.")})
