"""Adding a phone: we text a code to it, and who types the code in this session holds it.

An account has one phone for codes: a new one takes the place of the old.
"""

import re
from typing import Any

from functions.settings import changes, setups
from functions.settings.app import app
from functions.settings.security_views import ChangedView, PhoneView
from pydantic import Field

from portal import audit, factors, pages, text_codes, throttles
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event
from portal.errors import BadInput
from portal.factors import Factor
from portal.methods import Method
from portal.model import Model
from portal.patients import contact_key, normal_contact
from portal.scopes import Scope
from portal.secrets_kept import hashed
from portal.web import NoAsk

PATH = "/settings/security/phone"
CONFIRM = f"{PATH}/confirm"
TEXTS_PER_ACCOUNT = 5
TEXTS_PER_PHONE = 5  # nobody else's phone is made to ring all night
TEXTS_PER_SOURCE = 20
E164 = re.compile(r"\+[1-9][0-9]{7,14}")


@app.action("GET", PATH, view=PhoneView, needs=Scope.CHANGE_SECURITY)
def ask_phone(caller: Caller, _ask: NoAsk) -> Answer:
    """Ask for the number of a phone to send codes to."""
    audit.record(Event.SECURITY_VIEWED, caller, about=Method.SMS_CODE)
    return Answer(waiting(caller), "settings/phone.html")


class PhoneAsk(Model):
    phone: str = Field(default="", max_length=40)


def phone_again(caller: Caller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    more = {"phone": str(fields.get("phone", ""))[:40], "errors": errors}
    return Answer(waiting(caller).model_copy(update=more), "settings/phone.html", status=400)


@app.action(
    "POST", PATH, ask=PhoneAsk, view=PhoneView, needs=Scope.CHANGE_SECURITY, again=phone_again
)
def begin_phone(caller: Caller, ask: PhoneAsk) -> Answer:
    """Send a code to a new phone."""
    phone = checked(caller, ask.phone)
    throttles.count(caller, "settings-text", caller.patient_id, TEXTS_PER_ACCOUNT)
    throttles.count(caller, "settings-text-phone", hashed(contact_key(phone)), TEXTS_PER_PHONE)
    throttles.count(caller, "settings-text-source", caller.source, TEXTS_PER_SOURCE)
    audit.record(Event.FACTOR_BEGUN, caller, about=Method.SMS_CODE)
    setups.begin(caller, Method.SMS_CODE, {"phone": phone})
    text_codes.send(hashed(caller.session_cookie), phone, caller.language)
    return Answer(waiting(caller), location=CONFIRM)


@app.action("GET", CONFIRM, view=PhoneView, needs=Scope.CHANGE_SECURITY)
def ask_code(caller: Caller, _ask: NoAsk) -> Answer:
    """Ask for the code we sent to the new phone."""
    audit.record(Event.SECURITY_VIEWED, caller, about=Method.SMS_CODE)
    view = waiting(caller)
    where = "" if view.phone_end else PATH
    return Answer(view, "settings/phone_confirm.html", location=where)


class CodeAsk(Model):
    code: str = Field(default="", max_length=40)


def code_again(caller: Caller, _fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    view = waiting(caller).model_copy(update={"errors": errors})
    return Answer(view, "settings/phone_confirm.html", status=400)


@app.action(
    "POST", CONFIRM, ask=CodeAsk, view=ChangedView, needs=Scope.CHANGE_SECURITY, again=code_again
)
def add_phone(caller: Caller, ask: CodeAsk) -> Answer:
    """Add the phone whose code this is."""
    changes.count_code(caller)
    changes.check_room(caller)
    phone = (setups.waiting(caller, Method.SMS_CODE) or {}).get("phone", "")
    code, session_id = "".join(ask.code.split()), hashed(caller.session_cookie)
    is_theirs = bool(phone) and text_codes.is_right(session_id, phone, code)
    if not is_theirs or not setups.spend(caller, Method.SMS_CODE):
        raise changes.wrong_code(caller, Method.SMS_CODE, advice(caller.language))
    earlier = factors.of(caller.patient_id, Method.SMS_CODE)
    risen, answer = changes.add(caller, Factor(Method.SMS_CODE, phone[-2:], {"phone": phone}))
    for each in earlier:
        changes.remove(risen, each)
    return answer


def checked(caller: Caller, typed: str) -> str:
    """In E.164. Raises BadInput."""
    _ = pages.words(caller.language)
    if not changes.may_text(caller):
        words = _("You signed in by text message. Choose another way for your second step.")
        raise BadInput({"phone": words})
    phone = normal_contact(typed)
    if not E164.fullmatch(phone):
        advice = _("Check the number. It should look like 555-555-0100 or +44 20 7946 0958.")
        raise BadInput({"phone": advice})
    return phone


def waiting(caller: Caller) -> PhoneView:
    found = setups.waiting(caller, Method.SMS_CODE) or {}
    end = str(found.get("phone", ""))[-2:]
    return PhoneView(phone_end=end, minutes=setups.MINUTES, may_text=changes.may_text(caller))


def advice(language: str) -> str:
    _ = pages.words(language)
    return _("That code does not match. Type the six digits from our newest message.")
