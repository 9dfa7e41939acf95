"""Setting a password, for those who want one. It takes the place of the link, never of the second
step."""

from typing import Any

from functions.settings import changes, security
from functions.settings.app import app
from functions.settings.security_views import ChangedView, Done, PasswordChangeView
from pydantic import Field

from portal import (
    audit,
    factors,
    pages,
    password_rules,
    patient_search,
    patients,
    throttles,
    unusual,
)
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import BadInput
from portal.methods import Method
from portal.model import Model
from portal.password_rules import Fault
from portal.scopes import Scope
from portal.settings import settings
from portal.web import NoAsk

PATH = "/settings/security/password"
TRIES_PER_ACCOUNT = 10
MOST_SENT = 4 * password_rules.MOST  # longer is told so, and not hashed


@app.action("GET", PATH, view=PasswordChangeView, needs=Scope.CHANGE_SECURITY)
def ask_password(caller: Caller, _ask: NoAsk) -> Answer:
    """Ask for a new password."""
    changes.check_second_factor(caller)
    audit.record(Event.SECURITY_VIEWED, caller, about=Method.PASSWORD)
    return Answer(view_of(caller), "settings/password.html")


class PasswordAsk(Model):
    password: str = Field(default="", repr=False)
    current: str = Field(default="", repr=False)


def password_again(caller: Caller, _fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    """What was typed does not go back."""
    view = view_of(caller).model_copy(update={"errors": errors})
    return Answer(view, "settings/password.html", status=400)


@app.action(
    "POST",
    PATH,
    ask=PasswordAsk,
    view=ChangedView,
    needs=Scope.CHANGE_SECURITY,
    again=password_again,
)
def set_password(caller: Caller, ask: PasswordAsk) -> Answer:
    """Set a password, or change it: then the one of now is asked for as well."""
    from portal import passwords

    changes.check_second_factor(caller)
    throttles.count(caller, "settings-password", caller.patient_id, TRIES_PER_ACCOUNT)
    check_current(caller, ask.current)
    check_alone(caller)
    check(caller, ask.password)
    audit.record(Event.PASSWORD_CHANGED, caller)
    passwords.keep(caller.patient_id, ask.password)
    factors.changed(caller, Event.PASSWORD_CHANGED)
    return changes.done(Done.PASSWORD)


def check_current(caller: Caller, typed: str) -> None:
    """Who forgot theirs removes it and sets a new one: that takes a second step, too."""
    from portal import passwords

    if passwords.of(caller.patient_id) is None:
        return
    if len(typed) > MOST_SENT or not passwords.is_right(caller.patient_id, typed):
        why = "wrong-password"
        audit.record(Event.PASSWORD_CHANGED, caller, why=why, outcome=Outcome.REFUSED)
        unusual.refused(caller, caller.patient_id)
        _ = pages.words(caller.language)
        raise BadInput({"current": _("This is not your password of now. Check it and try again.")})


def check_alone(caller: Caller) -> None:
    """Of those who share an address one may have a password. Raises BadInput."""
    from portal import passwords

    me = caller.patient_id
    mine = patients.with_id(me)
    contacts = mine.contacts if mine else ()
    sharing = ([*({*patient_search.ids_at_contact(each)} - {me})] for each in contacts)
    holders = [patients.with_id(each) for ids in sharing for each in passwords.holders(ids)]
    if any(each and each.may_sign_in and {*each.contacts} & {*contacts} for each in holders):
        _ = pages.words(caller.language)
        raise BadInput({"password": _(TAKEN)})


def check(caller: Caller, password: str) -> None:
    """Raises BadInput."""
    from portal import breached_passwords

    _ = pages.words(caller.language)
    fault = password_rules.fault_of(password, about(caller.patient_id))
    advice = ADVICE[fault] if fault else ""
    if not advice and breached_passwords.is_leaked(password_rules.normal(password)):
        advice = LEAKED
    if advice:
        raise BadInput({"password": _(advice)})


def about(patient_id: str) -> set[str]:
    """Words that somebody who knows the person would try first."""
    patient = patients.with_id(patient_id)
    portal = password_rules.parts(settings().portal_name)
    if patient is None:
        return portal
    names, contacts = (patient.given, patient.family), (patient.email, patient.phone)
    return portal | password_rules.about_person(names, contacts, patient.birth_on)


def view_of(caller: Caller) -> PasswordChangeView:
    patient = patients.with_id(caller.patient_id)
    return PasswordChangeView(
        has_one=bool(security.password_way(caller.patient_id)),
        least=password_rules.LEAST,
        most=password_rules.MOST,
        user_name=(patient.email or patient.phone) if patient else "",
    )


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text


TAKEN = N_(
    "Somebody who shares your address or phone has a password already. Use a link or a passkey."
)
LEAKED = N_("This password was stolen from another website. Choose one you use nowhere else.")
ADVICE = {
    Fault.TOO_SHORT: N_("Make it longer: at least 15 characters."),
    Fault.TOO_LONG: N_("Make it shorter: at most 128 characters."),
    Fault.TOO_EASY: N_(
        "This is too easy to guess. Leave out your name and dates, and take four words or more "
        "that do not belong together."
    ),
}
