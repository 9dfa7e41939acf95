"""Where the reader is reached. A new address gets a code first; until it is typed, nothing else."""

from typing import Any, Literal

from functions.settings import saving, setups
from functions.settings.app import DoneAsk, app, me
from functions.settings.views import ContactPoint, ContactView, SavedView
from pydantic import Field

from portal import audit, contact_points, pages, text_codes, throttles
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event
from portal.contact_points import EMAIL, PHONE
from portal.errors import BadInput
from portal.model import Model
from portal.patients import contact_key
from portal.scopes import Scope
from portal.secrets_kept import hashed

PATH = "/settings/contact"
CONFIRM = f"{PATH}/confirm"
PAGE = "settings/contact.html"
SETUP = "contact"  # what waits for its code, in `setups`
CODES_PER_ACCOUNT = 5
CODES_PER_ADDRESS = 5  # nobody else's phone is made to ring all night
CODES_PER_SOURCE = 20


@app.action("GET", PATH, ask=DoneAsk, view=ContactView, needs=Scope.READ_SETTINGS)
def show_contact(caller: Caller, ask: DoneAsk) -> Answer:
    """Show the reader's e-mail address and phone."""
    saving.viewed(caller, "contact")
    return Answer(shown(caller, done=ask.done), PAGE)


class ContactAsk(Model):
    kind: Literal["email", "phone"]
    address: str = Field(default="", max_length=254)


def contact_again(caller: Caller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    kind, typed = str(fields.get("kind", ""))[:5], str(fields.get("address", ""))[:254]
    at_field = {kind: next(iter(errors.values()))}
    return Answer(shown(caller, typed={kind: typed}, errors=at_field), PAGE, status=400)


@app.action(
    "POST",
    PATH,
    ask=ContactAsk,
    view=SavedView,
    needs=Scope.CHANGE_CONTACTS,
    again=contact_again,
)
def begin_contact(caller: Caller, ask: ContactAsk) -> Answer:
    """Send a code to a new address."""
    address = checked(caller, ask)
    throttles.count(caller, "contact-code", caller.subject_id, CODES_PER_ACCOUNT)
    throttles.count(caller, "contact-address", hashed(contact_key(address)), CODES_PER_ADDRESS)
    throttles.count(caller, "contact-source", caller.source, CODES_PER_SOURCE)
    audit.record(Event.CONTACT_BEGUN, caller, about=ask.kind)
    setups.begin(caller, SETUP, {"address": address})
    text_codes.send(hashed(caller.session_cookie), address, caller.language)
    return Answer(SavedView(next=CONFIRM), location=CONFIRM)


def checked(caller: Caller, ask: ContactAsk) -> str:
    """As it is kept. Raises BadInput."""
    if address := contact_points.normal(ask.kind, ask.address):
        return address
    _ = pages.words(caller.language)
    if ask.kind == EMAIL:
        raise BadInput({"address": _("Check the address. It should look like ana@example.org.")})
    advice = _("Check the number. It should look like 555-555-0100 or +44 20 7946 0958.")
    raise BadInput({"address": advice})


def shown(caller: Caller, **more: Any) -> ContactView:
    patient = me(caller)
    points = [
        ContactPoint(
            kind=kind,
            address=address,
            is_confirmed=contact_points.is_confirmed(patient, address),
        )
        for kind, address in ((EMAIL, patient.email), (PHONE, patient.phone))
    ]
    return ContactView(points=points, may_change=caller.may(Scope.CHANGE_CONTACTS), **more)


from functions.settings import contact_confirm  # noqa: E402, F401 - its routes join the room's
