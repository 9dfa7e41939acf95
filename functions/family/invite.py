"""Inviting somebody to open one's record. What they get is chosen here, and nowhere assumed."""

import re
from typing import Any

from functions.family.app import PAGE, app, me
from functions.family.choices import ChoiceAsk, choices, offer_of, typed_of
from functions.family.views import InvitedView, InviteView
from pydantic import Field

from portal import ages, audit, joins, notify, pages, proxies, throttles
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import BadInput, NotFound
from portal.joins import Join
from portal.moments import now
from portal.patients import Patient, contact_key, normal_contact
from portal.scopes import Scope
from portal.secrets_kept import hashed
from portal.settings import settings
from portal.web import NoAsk

PATH = f"{PAGE}/invite"
INVITES_PER_PERSON = 10
INVITES_PER_ADDRESS = 5
ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


class InviteAsk(ChoiceAsk):
    name: str = Field(default="", max_length=100)
    email: str = Field(default="", max_length=254)


@app.action("GET", PATH, view=InviteView, needs=Scope.CHANGE_FAMILY)
def form(caller: Caller, _ask: NoAsk) -> Answer:
    """Ask whom to invite, and to what."""
    patient = inviter(caller)
    audit.record(Event.FAMILY_VIEWED, caller, about="invite")
    view = InviteView(choices=choices(patient, None, "", caller.language, None))
    return Answer(view, "family/invite.html")


def inviter(caller: Caller) -> Patient:
    """Raises NotFound for who has no record here to share."""
    patient = me(caller)
    if not patient.has_record:
        why, no = "no-record", Outcome.REFUSED
        audit.record(Event.PROXY_INVITED, caller, why=why, outcome=no)
        raise NotFound
    return patient


def form_again(caller: Caller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    typed = {name: str(fields.get(name, ""))[:254] for name in ("name", "email", "preset")}
    shown = choices(inviter(caller), None, typed["name"], caller.language, typed_of(fields))
    view = InviteView(**typed, choices=shown, errors=errors)
    return Answer(view, "family/invite.html", status=400)


@app.action(
    "POST", PATH, ask=InviteAsk, view=InvitedView, needs=Scope.CHANGE_FAMILY, again=form_again
)
def invite(caller: Caller, ask: InviteAsk) -> Answer:
    """Invite somebody: a link by e-mail, and a code that the inviter tells them."""
    patient = inviter(caller)
    to = addressee(ask, patient, caller.language)
    offer = offer_of(caller, patient, ask, to["holder"])
    throttles.count(caller, "invite", caller.subject_id, INVITES_PER_PERSON)
    address = hashed(contact_key(to["email"]))
    throttles.count(caller, "invite-address", address, INVITES_PER_ADDRESS)
    by_teen = ages.age_on(patient.birth_on, now().date()) < ages.ADULT
    grant, join = proxies.invite(caller, patient, offer, to, by_teen=by_teen)
    send(to["email"], caller.language, join)
    view = InvitedView(
        grant_id=grant.grant_id,
        name=to["holder"],
        email=to["email"],
        code=join.code,
        days=joins.LIFE.days,
    )
    return Answer(view, "family/invited.html")


def addressee(ask: InviteAsk, patient: Patient, language: str) -> dict[str, str]:
    """Raises BadInput."""
    _ = pages.words(language)
    errors, name = {}, " ".join(ask.name.split())
    email = normal_contact(ask.email) if "@" in ask.email else ""
    if not name:
        errors["name"] = _("Type the name of the person you invite.")
    if not ADDRESS.fullmatch(email):
        errors["email"] = _("Type their e-mail address, such as name@example.com.")
    elif email in patient.contacts:
        errors["email"] = _("This is your own address. Type theirs.")
    if errors:
        raise BadInput(errors)
    return {"holder": name, "email": email}


def send(address: str, language: str, join: Join) -> None:
    """It names nobody: the address may be a stranger's."""
    facts = {"portal_name": settings().portal_name, "link": join.link}
    subject, body = pages.render_text(
        "emails/family_invitation.txt", language, **facts, days=joins.LIFE.days
    )
    notify.send_email(address, subject, body)
