"""Adding an authenticator app: we make a secret, the app shows a code of it, and it is added."""

from typing import Any

from functions.settings import changes, setups
from functions.settings.app import app
from functions.settings.security_views import AppView, ChangedView
from pydantic import Field

from portal import audit, pages, patients
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event
from portal.methods import Method
from portal.model import Model
from portal.scopes import Scope
from portal.settings import settings
from portal.web import NoAsk

PATH = "/settings/security/totp"
CONFIRM = f"{PATH}/confirm"


@app.action("GET", PATH, view=AppView, needs=Scope.CHANGE_SECURITY)
def explain_app(caller: Caller, _ask: NoAsk) -> Answer:
    """Say what an authenticator app is, and offer to add one."""
    audit.record(Event.SECURITY_VIEWED, caller, about=Method.TOTP)
    return Answer(AppView(minutes=setups.MINUTES), "settings/app.html")


@app.action("POST", PATH, view=AppView, needs=Scope.CHANGE_SECURITY)
def begin_app(caller: Caller, _ask: NoAsk) -> Answer:
    """Make the secret of a new authenticator app."""
    from portal import totp

    changes.check_room(caller)
    audit.record(Event.FACTOR_BEGUN, caller, about=Method.TOTP)
    setups.begin(caller, Method.TOTP, {"secret": totp.new_secret()})
    return Answer(waiting(caller), location=CONFIRM)


@app.action("GET", CONFIRM, view=AppView, needs=Scope.CHANGE_SECURITY)
def show_app(caller: Caller, _ask: NoAsk) -> Answer:
    """Show the secret to scan or type, and ask for the app's first code."""
    audit.record(Event.SECURITY_VIEWED, caller, about=Method.TOTP)
    view = waiting(caller)
    return Answer(view, "settings/app_confirm.html", location="" if view.secret else PATH)


class AppAsk(Model):
    code: str = Field(default="", max_length=40)
    name: str = Field(default="", max_length=40)


def app_again(caller: Caller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    view = waiting(caller)
    more = {"name": str(fields.get("name", ""))[:40], "errors": errors}
    page = "settings/app_confirm.html" if view.secret else "settings/app.html"
    return Answer(view.model_copy(update=more), page, status=400)


@app.action(
    "POST", CONFIRM, ask=AppAsk, view=ChangedView, needs=Scope.CHANGE_SECURITY, again=app_again
)
def add_app(caller: Caller, ask: AppAsk) -> Answer:
    """Add the app whose code this is."""
    from portal import totp

    changes.count_code(caller)
    changes.check_room(caller)
    secret = (setups.waiting(caller, Method.TOTP) or {}).get("secret", "")
    step = totp.matching_step(secret, "".join(ask.code.split())) if secret else None
    if step is None or not setups.spend(caller, Method.TOTP):
        raise changes.wrong_code(caller, Method.TOTP, advice(caller.language, bool(secret)))
    factor = totp.factor(secret, " ".join(ask.name.split()), step)
    return changes.add(caller, factor)[1]


def waiting(caller: Caller) -> AppView:
    """The libraries are imported here, for those who add an app."""
    from portal import qr, totp

    found = setups.waiting(caller, Method.TOTP)
    if found is None:
        return AppView(minutes=setups.MINUTES)
    address = totp.address(found["secret"], account_name(caller.patient_id))
    _ = pages.words(caller.language)
    picture = qr.svg(address, _("QR code to scan with your authenticator app"))
    return AppView(secret=found["secret"], address=address, qr=picture, minutes=setups.MINUTES)


def account_name(patient_id: str) -> str:
    """What the app calls the account: the address they sign in with."""
    patient = patients.with_id(patient_id)
    contact = (patient.email or patient.phone) if patient else ""
    return contact or settings().portal_name


def advice(language: str, is_waiting: bool) -> str:
    _ = pages.words(language)
    if not is_waiting:
        return _("This took more than ten minutes. Begin again.")
    return _("That code does not match. Wait for the next one in your app and type it.")
