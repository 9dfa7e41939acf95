"""The code that shows that a new address is the reader's."""

from typing import Any

from functions.settings import changes, saving, setups
from functions.settings.app import app
from functions.settings.contact import CONFIRM, PATH, SETUP
from functions.settings.views import ContactCodeView, SavedView
from pydantic import Field

from portal import audit, contact_points, pages, text_codes, unusual
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import BadInput
from portal.model import Model
from portal.scopes import Scope
from portal.secrets_kept import hashed
from portal.web import NoAsk

PAGE = "settings/contact_confirm.html"


@app.action("GET", CONFIRM, view=ContactCodeView, needs=Scope.CHANGE_CONTACTS)
def ask_contact_code(caller: Caller, _ask: NoAsk) -> Answer:
    """Ask for the code we sent to the new address."""
    audit.record(Event.SETTINGS_VIEWED, caller, about="contact")
    view = waiting(caller)
    return Answer(view, PAGE, location="" if view.address else PATH)


class ContactCodeAsk(Model):
    code: str = Field(default="", max_length=40)


def code_again(caller: Caller, _fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    return Answer(waiting(caller).model_copy(update={"errors": errors}), PAGE, status=400)


@app.action(
    "POST",
    CONFIRM,
    ask=ContactCodeAsk,
    view=SavedView,
    needs=Scope.CHANGE_CONTACTS,
    again=code_again,
)
def confirm_contact(caller: Caller, ask: ContactCodeAsk) -> Answer:
    """Reach the reader at the address whose code this is."""
    changes.count_code(caller)
    address, session_id = waiting(caller).address, hashed(caller.session_cookie)
    is_theirs = bool(address) and text_codes.is_right(
        session_id, address, "".join(ask.code.split())
    )
    if not is_theirs or not setups.spend(caller, SETUP):
        raise wrong_code(caller)
    kind = contact_points.kind_of(address)
    entry = saving.entry_of(caller, Event.CONTACT_CHANGED, kind)
    contact_points.confirm(caller.subject_id, address, entry)
    return saving.saved("contact", done=kind)


def wrong_code(caller: Caller) -> BadInput:
    no = Outcome.REFUSED
    audit.record(Event.CONTACT_CHANGED, caller, why="wrong-code", outcome=no)
    unusual.refused(caller, caller.subject_id)
    _ = pages.words(caller.language)
    return BadInput({"code": _("That code does not match. Type the six digits we sent last.")})


def waiting(caller: Caller) -> ContactCodeView:
    address = str((setups.waiting(caller, SETUP) or {}).get("address", ""))
    kind = contact_points.kind_of(address) if address else ""
    return ContactCodeView(address=address, kind=kind, minutes=setups.MINUTES)
