"""What each reader of the outbox is sent, and by which channels. False: nobody could be told.

No message says what it is about (law 1): that is in the portal.
"""

from collections.abc import Sequence

from portal import care_texts, notices, notify, pages, patients, push
from portal.patients import Patient
from portal.settings import settings
from portal.tables import CareRow

VIEWERS = "python -m infra.admin viewers"  # an operator's command


def new_result(owed: Sequence[CareRow]) -> bool:
    """To the patient: on their devices, and by e-mail where there is one, else by text message."""
    patient = _reachable(owed)
    if patient is None:
        return False
    is_pushed = push.tell(patient.patient_id, "results")
    facts = {"portal_name": settings().portal_name, "link": f"{settings().portal_url}/results"}
    if patient.email:
        _send_email(patient.email, "new_result", patient.language, facts)
        return True
    if not patient.phone or not care_texts.may_send(patient, "results", [row.sk for row in owed]):
        return is_pushed
    return _send_sms(patient.phone, "new_result", patient.language, facts) or is_pushed


def account_change(owed: Sequence[CareRow]) -> bool:
    """To the patient, each event once."""
    patient = _reachable(owed)
    if patient is None:
        return False
    word = pages.words(patient.language)
    happened = dict.fromkeys(word(notices.words_of(row.sk)) for row in owed)
    facts = {"portal_name": settings().portal_name, "happened": " ".join(happened)}
    facts["link"] = f"{settings().portal_url}/settings/security"
    return _by_every_channel(patient, "account", facts)


def opened_record(owed: Sequence[CareRow]) -> bool:
    """To the patient. Not even that it was an emergency: others read messages, too."""
    patient = _reachable(owed)
    if patient is None:
        return False
    return _by_every_channel(patient, "opened_record", {"portal_name": settings().portal_name})


def wrong_patient(owed: Sequence[CareRow]) -> bool:
    """To the privacy officer: that there is something in the audit trail, and where; who it is
    about stays in there."""
    commands = (f"{VIEWERS} {row.pk} {row.sk.rpartition('#')[2]}" for row in owed)
    return _to_privacy_officer("wrong_patient", {"commands": "\n".join(commands)})


def break_glass(_owed: Sequence[CareRow]) -> bool:
    """To the privacy officer: who, whose and why stay in the portal."""
    return _to_privacy_officer("break_glass", {"link": f"{settings().portal_url}/staff"})


def _reachable(owed: Sequence[CareRow]) -> Patient | None:
    patient = patients.current(owed[0].pk)
    return patient if patient and patient.may_sign_in else None


def _by_every_channel(patient: Patient, template: str, facts: dict[str, str]) -> bool:
    """Whoever holds one cannot keep it from the owner."""
    if patient.email:
        _send_email(patient.email, template, patient.language, facts)
    phone = patient.phone
    is_texted = bool(phone) and _send_sms(phone, template, patient.language, facts)
    is_pushed = push.tell(patient.patient_id, "account")
    return bool(patient.email) or is_texted or is_pushed


def _to_privacy_officer(template: str, facts: dict[str, str]) -> bool:
    address = settings().privacy_email
    if address:
        _send_email(address, template, "en", {"portal_name": settings().portal_name} | facts)
    return bool(address)


def _send_email(to: str, template: str, language: str, facts: dict[str, str]) -> None:
    subject, body = pages.render_text(f"emails/{template}.txt", language, **facts)
    notify.send_email(to, subject, body)


def _send_sms(to: str, template: str, language: str, facts: dict[str, str]) -> bool:
    """False for a number that said STOP."""
    return notify.send_sms(to, pages.render_text(f"sms/{template}.txt", language, **facts).body)
