"""Registering without staff: what somebody says of themselves, and a code to the contact on file.

The page knows nothing of who it is: it seals what was typed and puts it on the queue of sign-in
requests, and the sender behind it compares (portal.proofing). So known and unknown people get the
same answer after the same work.

registration#<browser's hash>    the code that was sent, and to whom. The first try makes the row
                                 where nothing was sent, for the same reason
registration-review#<patient id> staff was asked to look at this one already today
"""

import base64
from datetime import datetime, timedelta
from typing import Literal

from pynamodb.exceptions import PutError

from portal import audit, keys, notify, openings, pages, patients, proofing, reviews
from portal.access import Visitor
from portal.activations import WrongAnswer
from portal.audit import Event
from portal.aws import client
from portal.conditions import is_unmet
from portal.errors import ActivationIsSpent
from portal.methods import Confidence, Method, split
from portal.model import Model
from portal.moments import now
from portal.openings import Opening
from portal.patients import Patient, normal_contact
from portal.proofing import Claim
from portal.secrets_kept import hashed, same, short_code
from portal.settings import settings
from portal.tables import SessionRow

KIND = "registration"
SK = "registration"
LIFE_SECONDS = 600
MAX_TRIES = 5
ABOUT = "registered"  # in the audit trail, where an activation has its kind


class Asked(Model):
    """One registration on the queue. `browser` is the asking one's hash."""

    kind: Literal["registration"] = "registration"
    sealed: str
    browser: str
    language: str
    request_id: str


def ask(claim: Claim, browser: str, visitor: Visitor) -> None:
    sealed = keys.seal(keys.PORTAL, KIND, claim.model_dump(mode="json"))
    asked = Asked(
        sealed=base64.b64encode(sealed).decode(),
        browser=browser,
        language=visitor.language,
        request_id=visitor.request_id,
    )
    client("sqs").send_message(
        QueueUrl=settings().sign_in_queue_url, MessageBody=asked.model_dump_json()
    )


def answer(asked: Asked) -> None:
    """Behind the queue. Raises Unavailable when a third party does not answer."""
    sealed = base64.b64decode(asked.sealed)
    claim = Claim.model_validate(keys.unseal(keys.PORTAL, KIND, sealed))
    patient = proofing.proofed(claim, asked.request_id)
    if patient is None:
        return
    address = _contact(patient, claim.address)
    if address:
        _send_code(patient, address, asked)
    elif _is_first_today(patient):
        reviews.ask(patient.patient_id, Event.REGISTRATION_UNREACHABLE)


def spend(browser: str, code: str, visitor: Visitor) -> str:
    """The cookie of the session it opens. Raises WrongAnswer for whatever is wrong."""
    row = SessionRow(_pk(browser), SK)
    ends_at = SessionRow.ends_at.set(SessionRow.ends_at | _ends_at())
    row.update([SessionRow.tries.add(1), ends_at])  # before looking; it reads the row, too
    is_right = same(row.code or "", _hash(browser, code))
    is_over = row.ends_at is None or row.ends_at <= now() or int(row.tries or 0) > MAX_TRIES
    patient_id = row.patient_id or ""
    if is_over or not is_right or not openings.is_for(patients.with_id(patient_id), row):
        raise WrongAnswer(patient_id)
    opening = Opening(patient_id, ABOUT, split(row.methods or ""), Confidence.PROOFED)
    try:
        return openings.opened(opening, row, SessionRow.code == row.code, visitor)
    except ActivationIsSpent:
        raise WrongAnswer(patient_id) from None


def _send_code(patient: Patient, address: str, asked: Asked) -> None:
    code, is_email = short_code(), "@" in address
    SessionRow(
        _pk(asked.browser),
        SK,
        patient_id=patient.patient_id,
        code=_hash(asked.browser, code),
        methods=Method.EMAIL_LINK if is_email else Method.PHONE_LINK,
        contact=patients.contact_key(address),
        tries=0,
        ends_at=_ends_at(),
    ).save()
    entry = audit.row(
        Event.REGISTRATION_CODE_SENT,
        actor=audit.PORTAL,
        patient_id=patient.patient_id,
        request_id=asked.request_id,
    )
    audit.save(entry)
    _deliver(address, asked.language, code)


def _deliver(address: str, language: str, code: str) -> None:
    name, minutes = settings().portal_name, LIFE_SECONDS // 60
    template = "emails/registration.txt" if "@" in address else "sms/code.txt"
    subject, body = pages.render_text(
        template, language, portal_name=name, code=code, minutes=minutes
    )
    if "@" in address:
        notify.send_email(address, subject, body)
    else:
        notify.send_sms(address, body)


def _contact(patient: Patient, typed: str) -> str:
    """The one that was typed where it is theirs; else a phone rather than a mailbox."""
    on_file = [each for each in (patient.phone, patient.email) if each]
    named = [each for each in on_file if normal_contact(each) == normal_contact(typed)]
    return next(iter(named or on_file), "")


def _is_first_today(patient: Patient) -> bool:
    row = SessionRow(f"registration-review#{patient.patient_id}", SK)
    row.ends_at = now() + timedelta(days=1)
    try:
        row.save(SessionRow.pk.does_not_exist() | (SessionRow.ends_at < now()))
    except PutError as error:
        if not is_unmet(error):
            raise
        return False
    return True


def _ends_at() -> datetime:
    return now() + timedelta(seconds=LIFE_SECONDS)


def _pk(browser: str) -> str:
    return f"registration#{browser}"


def _hash(browser: str, code: str) -> str:
    """Bound to the browser that asked: a six-digit hash alone could be looked up."""
    return hashed(f"{browser}\0{code}")
