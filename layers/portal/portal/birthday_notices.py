"""What is said a month before a birthday changes who sees a record: the day, and no name, age or
whose record it is. By e-mail where there is one, else by text; the portal says the rest.

Account news, like `notices`: not care, so no choice about care messages stops it (a STOP does).
"""

from datetime import date

from portal import ages, dates, languages, notify, pages, patients
from portal.birthdays import SELF
from portal.patients import Patient
from portal.settings import settings
from portal.tables import CareRow


def tell(owed: list[CareRow]) -> bool:
    """Twins are one message. A child before the 12th birthday cannot sign in, and is told."""
    reader = patients.current(owed[0].pk)
    if reader is None or reader.is_deceased or reader.is_closed:
        return False
    news = dict.fromkeys(found for row in owed if (found := _news(row.sk)))
    return sum(_sent(reader, on, is_own) for on, is_own in news) > 0


def key(birthday_row: CareRow) -> str:
    """Of the outbox row that a row of `birthdays` leads to."""
    return f"{birthday_row.sk}#{birthday_row.pk}#{(birthday_row.detail or '')[:16]}"


def _news(sk: str) -> tuple[date, bool] | None:
    _, _, age, whose, patient_id, _ = sk.split("#")
    patient = patients.with_id(patient_id)
    if patient is None:
        return None
    return ages.birthday(patient.birth_on, int(age)), whose == SELF


def _sent(reader: Patient, on: date, is_own: bool) -> bool:
    facts: dict[str, str | int] = {
        "portal_name": settings().portal_name,
        "link": f"{settings().portal_url}/",
        "day": dates.day_and_month(on, languages.language(reader.language).locale),
        "is_own": is_own,
    }
    if reader.email:
        subject, body = pages.render_text("emails/birthday.txt", reader.language, **facts)
        notify.send_email(reader.email, subject, body)
        return True
    if not reader.phone:
        return False
    _, text = pages.render_text("sms/birthday.txt", reader.language, **facts)
    return notify.send_sms(reader.phone, text)
