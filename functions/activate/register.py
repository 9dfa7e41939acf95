"""Opening an account without staff: say who you are, and type the code sent to the contact on file.

Nothing here knows whether anybody matched: see portal.registrations.
"""

from typing import Any

from functions.activate.app import app, birth_date, signed_in
from functions.activate.views import ActivatedView, RegisteredView, RegisterView
from pydantic import Field

from portal import audit, cookies, pages, registrations, throttles
from portal.access import Visitor
from portal.activations import WrongAnswer
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import BadInput
from portal.model import Model
from portal.patients import number_key
from portal.proofing import Claim
from portal.secrets_kept import hashed, token
from portal.web import NoAsk

ASKS_PER_NUMBER = 5
ASKS_PER_SOURCE = 20
CODES_PER_SOURCE = 60


@app.action("GET", "/activate/register", view=RegisterView, needs=None)
def register_form(_visitor: Visitor, _ask: NoAsk) -> Answer:
    """Ask who somebody is."""
    return Answer(RegisterView(), "activate/register.html")


class RegisterAsk(Model):
    given: str = Field(default="", max_length=100)
    family: str = Field(default="", max_length=100)
    born_on: str = Field(default="", max_length=40)
    identifier: str = Field(default="", max_length=60)
    address: str = Field(default="", max_length=254)


def register_again(_visitor: Visitor, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    typed = {name: str(fields.get(name, ""))[:254] for name in RegisterAsk.model_fields}
    view = RegisterView(**typed, errors=errors)
    return Answer(view, "activate/register.html", status=400)


@app.action(
    "POST",
    "/activate/register",
    ask=RegisterAsk,
    view=RegisteredView,
    needs=None,
    again=register_again,
)
def register(visitor: Visitor, ask: RegisterAsk) -> Answer:
    """Compare with the records, later and elsewhere. The answer never tells."""
    claim = claimed(ask, visitor.language)
    throttles.count(visitor, "register-source", visitor.source, ASKS_PER_SOURCE)
    number = hashed(number_key(claim.identifier))
    throttles.count(visitor, "register-number", number, ASKS_PER_NUMBER)
    audit.record(Event.REGISTRATION_ASKED, visitor)
    browser = token(128)
    registrations.ask(claim, hashed(browser), visitor)
    bound = cookies.kept("browser", browser, max_age=registrations.LIFE_SECONDS)
    return Answer(asked_view(), "activate/sent.html", cookies=(bound,))


def claimed(ask: RegisterAsk, language: str) -> Claim:
    """Raises BadInput for what is missing."""
    _ = pages.words(language)
    wanted = {
        "given": _("Type your first name."),
        "family": _("Type your last name."),
        "identifier": _("Type your record number."),
        "address": _("Type the e-mail address or phone number you gave your clinic."),
    }
    missing = {name: words for name, words in wanted.items() if not getattr(ask, name).strip()}
    try:
        born_on = birth_date(ask.born_on, language)
    except BadInput as error:
        raise BadInput(missing | error.fields) from None
    if missing:
        raise BadInput(missing)
    return Claim(**ask.model_dump(exclude={"born_on"}), born_on=born_on)


def asked_view(errors: dict[str, str] | None = None) -> RegisteredView:
    return RegisteredView(minutes=registrations.LIFE_SECONDS // 60, errors=errors or {})


class CodeAsk(Model):
    code: str = Field(default="", max_length=12)


def code_again(_visitor: Visitor, _fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    return Answer(asked_view(errors), "activate/sent.html", status=400)


@app.action(
    "POST",
    "/activate/register/code",
    ask=CodeAsk,
    view=ActivatedView,
    needs=None,
    again=code_again,
)
def type_sent_code(visitor: Visitor, ask: CodeAsk) -> Answer:
    """Open the account with the code that was sent."""
    throttles.count(visitor, "register-code", visitor.source, CODES_PER_SOURCE)
    _ = pages.words(visitor.language)
    try:
        cookie = registrations.spend(visitor.browser, "".join(ask.code.split()), visitor)
    except WrongAnswer as error:
        refused, event = Outcome.REFUSED, Event.ACTIVATION_REFUSED
        audit.record(event, visitor, why="wrong-code", patient_id=error.patient_id, outcome=refused)
        advice = _("That code does not match. Type the six digits from our newest message.")
        raise BadInput({"code": advice}) from None
    return signed_in(visitor, cookie)
