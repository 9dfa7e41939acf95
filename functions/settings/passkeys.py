"""Adding a passkey: the device makes a key for this portal, and we keep the public half."""

from typing import Any

from functions.settings import changes
from functions.settings.app import app
from functions.settings.security_views import ChangedView

from portal import audit, pages
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.authenticators import Attestation
from portal.errors import BadInput
from portal.methods import Method
from portal.model import Model
from portal.passkey_rows import lookup_row
from portal.scopes import Scope


class NewPasskeyOptionsView(Model):
    """`options`: W3C's PublicKeyCredentialCreationOptionsJSON."""

    options: dict[str, Any]


@app.action(
    "POST",
    "/settings/security/passkey/options",
    view=NewPasskeyOptionsView,
    needs=Scope.CHANGE_SECURITY,
)
def new_passkey_options(caller: Caller, _ask: Model) -> Answer:
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
    return changes.add(caller, factor, lookup_row(factor, caller.patient_id))[1]


def refused(caller: Caller, why: str) -> BadInput:
    no = Outcome.REFUSED
    audit.record(Event.FACTOR_ADDED, caller, about=Method.PASSKEY, why=why, outcome=no)
    _ = pages.words(caller.language)
    return BadInput({"credential_id": _("This passkey could not be added. Try again.")})
