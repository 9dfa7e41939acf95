"""Inviting a patient to open an account, at the e-mail address or phone the clinic has on file."""

from portal import activations, audit, notify, pages, patients, text_stops
from portal.activations import Activation, CannotActivate, Kind
from portal.audit import Event
from portal.methods import Method
from portal.moments import fresh_id
from portal.settings import settings


class NoContact(Exception):
    """The clinic knows neither, or the phone said STOP: a letter, then, or the desk."""


def send(patient_id: str, made_by: str) -> str:
    """By e-mail where there is one, else by text message. Returns "email" or "phone". Raises
    CannotActivate or NoContact."""
    patient = patients.current(patient_id)
    if patient is None:
        raise CannotActivate
    address = patient.email or patient.phone
    if not address or (not patient.email and text_stops.is_stopped(address)):
        raise NoContact
    method = Method.EMAIL_LINK if patient.email else Method.PHONE_LINK
    made = activations.new(patient.patient_id, Kind.INVITATION, made_by, method=method, to=address)
    channel = "email" if patient.email else "phone"
    entry = audit.row(
        Event.ACTIVATION_SENT,
        actor=made_by,
        patient_id=patient.patient_id,
        about=channel,
        request_id=fresh_id(),
    )
    audit.save(entry)
    _deliver(channel, address, patient.language, made)
    return channel


def _deliver(channel: str, address: str, language: str, made: Activation) -> None:
    """It names nobody: the address may be a stranger's."""
    facts: dict[str, str | int] = {
        "portal_name": settings().portal_name,
        "link": made.link,
        "code_page": f"{settings().portal_url}/activate",
        "code": made.code,
        "days": activations.LIFE[Kind.INVITATION].days,
    }
    if channel == "email":
        subject, body = pages.render_text("emails/activation.txt", language, **facts)
        notify.send_email(address, subject, body)
    else:
        _, text = pages.render_text("sms/activation.txt", language, **facts)
        notify.send_sms(address, text)
