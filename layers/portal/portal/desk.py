"""What the clinic's desk does to an account: closes it, opens it again, corrects where its owner is
reached. Each is recorded with who did it, and ends every session and every link under way. And it
corrects in which US state somebody lives, which changes what the law opens of a minor's record.
"""

from portal import activations, audit, notices, notify, outbox, pages, patients, sessions
from portal.audit import Event
from portal.moments import fresh_id
from portal.patients import Patient
from portal.settings import settings
from portal.tables import AuditRow


def close(patient_id: str, made_by: str) -> None:
    """Nobody signs in any more, by whatever way. Raises LookupError or patients.Changed."""
    _change(patient_id, {"is_closed": True}, Event.ACCOUNT_CLOSED, made_by)


def reopen(patient_id: str, made_by: str) -> None:
    """Raises LookupError or patients.Changed."""
    _change(patient_id, {"is_closed": False}, Event.ACCOUNT_REOPENED, made_by)


def correct_contacts(patient_id: str, email: str, phone: str, made_by: str) -> None:
    """Both as they shall be. The old ones and the new ones are told. Raises LookupError or
    patients.Changed."""
    before = _change(
        patient_id, {"email": email, "phone": phone}, Event.CONTACTS_CORRECTED, made_by
    )
    if before.may_sign_in:
        outbox.tell_account(patient_id, Event.CONTACTS_CORRECTED)
        _tell_former(before, {email, phone})


def correct_state(patient_id: str, state: str, made_by: str) -> None:
    """`state` is a postal code, or "" for nobody knows. Until the EHR says otherwise. Raises
    LookupError or patients.Changed."""
    after = _known(patient_id).model_copy(update={"state": state})
    patients.rewrite(after, audited=[_entry(Event.STATE_CORRECTED, patient_id, made_by)])


def _change(patient_id: str, change: dict[str, object], event: Event, made_by: str) -> Patient:
    """The patient as it was."""
    before = _known(patient_id)
    entry = _entry(event, patient_id, made_by)
    patients.rewrite(before.model_copy(update=change), audited=[entry])
    activations.withdraw(patient_id)
    sessions.end_all(patient_id)
    return before


def _known(patient_id: str) -> Patient:
    patient = patients.with_id(patient_id)
    if patient is None:
        raise LookupError("no such patient")
    return patient


def _entry(event: Event, patient_id: str, made_by: str) -> AuditRow:
    return audit.row(event, actor=made_by, patient_id=patient_id, why="desk", request_id=fresh_id())


def _tell_former(before: Patient, kept: set[str]) -> None:
    """At once: nothing remembers the old address."""
    word = pages.words(before.language)
    facts = {
        "portal_name": settings().portal_name,
        "happened": word(notices.WORDS[Event.CONTACTS_CORRECTED]),
        "link": f"{settings().portal_url}/settings/security",
    }
    if before.email and before.email not in kept:
        subject, body = pages.render_text("emails/account.txt", before.language, **facts)
        notify.send_email(before.email, subject, body)
    if before.phone and before.phone not in kept:
        _, text = pages.render_text("sms/account.txt", before.language, **facts)
        notify.send_sms(before.phone, text)
