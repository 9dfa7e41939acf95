"""Signing in with a password, for those who set one. It takes the place of the link: the second
step comes after it all the same.

Whether an address is known shows neither in the answer nor in the work: each refusal makes the same
calls in the same order. A test counts them.
"""

from datetime import timedelta
from typing import Any

from functions.sign_in import requested, shared
from functions.sign_in.app import app, record_refusal
from functions.sign_in.shared import Shared
from functions.sign_in.views import PasswordView, SteppedView
from pydantic import Field

from portal import (
    audit,
    cookies,
    devices,
    pages,
    patient_search,
    patients,
    sessions,
    throttles,
    unusual,
)
from portal.access import Visitor
from portal.answers import Answer
from portal.audit import Event
from portal.errors import BadInput
from portal.methods import Assurance, Method, assurance_of, joined
from portal.model import Model
from portal.moments import now
from portal.patients import contact_key
from portal.secrets_kept import hashed
from portal.tables import SessionRow
from portal.web import NoAsk

PATH = "/sign-in/password"
TRIES_PER_ADDRESS = 10
TRIES_PER_SOURCE = 60
MOST_SENT = 512  # four times the longest: longer is wrong without a look


@app.action("GET", PATH, view=PasswordView, needs=None)
def ask_password(_visitor: Visitor, _ask: NoAsk) -> Answer:
    """Ask for address and password."""
    return Answer(PasswordView(), "sign_in/password.html")


class PasswordAsk(Model):
    address: str = Field(default="", max_length=254)
    password: str = Field(default="", repr=False)
    shared: Shared = ""


def password_again(_visitor: Visitor, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    """The password does not go back."""
    view = PasswordView(address=str(fields.get("address", ""))[:254], errors=errors)
    return Answer(view, "sign_in/password.html", status=400)


@app.action("POST", PATH, ask=PasswordAsk, view=SteppedView, needs=None, again=password_again)
def sign_in(visitor: Visitor, ask: PasswordAsk) -> Answer:
    """Open a session with a password. The answer never tells which of the two was wrong."""
    address = requested.address_of(ask.address, visitor.language)
    who = hashed(contact_key(address))
    throttles.count(visitor, "password-source", visitor.source, TRIES_PER_SOURCE)
    throttles.count(visitor, "password-address", who, TRIES_PER_ADDRESS)
    patient_id = proven(visitor, address, ask.password)
    methods = shown(visitor, patient_id)
    cookie = sessions.open_with(patient_id, methods, shared.said(visitor, ask.shared))
    audit.record(Event.SIGNED_IN, visitor, patient_id=patient_id, about=joined(methods))
    unusual.signed_in(visitor, patient_id, methods)
    if visitor.session_cookie:
        sessions.end(visitor.session_cookie)
    is_lifted = assurance_of(methods) is Assurance.TWO_FACTOR
    where = "/" if is_lifted else "/sign-in/step"
    kept = (cookies.kept("session", cookie), *shared.kept(ask.shared))
    return Answer(SteppedView(next=where), location=where, cookies=kept)


def proven(visitor: Visitor, address: str, password: str) -> str:
    """The patient whose address and password these are. Raises BadInput."""
    from portal import passwords

    nobody = hashed(contact_key(address))
    found = patient_search.ids_at_contact(address)
    tried = password if len(password) <= MOST_SENT else ""
    holders = passwords.holders(found)
    for patient_id in holders or [nobody]:
        if passwords.is_right(patient_id, tried) and is_theirs(patient_id, address):
            passwords.used(patient_id, password)
            return patient_id
    one = holders or found
    raise refused(visitor, one[0] if len(one) == 1 else "", nobody)


def is_theirs(patient_id: str, address: str) -> bool:
    """An address that was given up, and a record that was merged or closed, lead nowhere. Looked
    up for a right password only."""
    patient = patients.with_id(patient_id)
    return patient is not None and patient.may_sign_in and address in patient.contacts


def shown(visitor: Visitor, patient_id: str) -> frozenset[Method]:
    is_remembered = devices.is_remembered(patient_id, visitor.device_cookie)
    return frozenset({Method.PASSWORD, *((Method.DEVICE,) if is_remembered else ())})


def refused(visitor: Visitor, patient_id: str, nobody: str) -> BadInput:
    """`patient_id`: whom it was tried on, "" for nobody, or somebody of a family."""
    record_refusal(visitor, "wrong-password", patient_id)
    if patient_id:
        unusual.refused(visitor, patient_id)
    else:
        count_alike(nobody)
    _ = pages.words(visitor.language)
    advice = _("The address or the password is not right. Check both, or get a link instead.")
    return BadInput({"password": advice})


def count_alike(nobody: str) -> None:
    """As many writes as `unusual.refused` makes for a patient, also at the try that it tells of:
    an event, a look for staff, a notice."""
    window = int(now().timestamp()) // 900
    row = SessionRow(f"refusals#{nobody}", str(window))
    ends_at = now() + timedelta(hours=1)
    row.update([SessionRow.tries.add(1), SessionRow.ends_at.set(ends_at)])
    if row.tries == unusual.MANY:
        for number in range(3):
            SessionRow(row.pk, f"{window}#{number}", ends_at=ends_at).save()
