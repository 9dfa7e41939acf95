"""What is said a month before a birthday changes who sees a record: the day, and no name, age or
whose record it is; the portal says the rest.

Account news, like `notices`: not care, so no choice about care messages stops it (a STOP does).
"""

from datetime import date

from portal import ages, dates, languages, patients, reaching
from portal.birthdays import SELF
from portal.preferences import Topic
from portal.reaching import News, Reader
from portal.settings import settings
from portal.tables import CareRow


def tell(owed: list[CareRow]) -> bool:
    """Twins are one message. A child before the 12th birthday cannot sign in, and is told."""
    patient = patients.current(owed[0].pk)
    if patient is None or patient.is_deceased or patient.is_closed:
        return False
    to, together = reaching.of(patient), _together(owed)
    return sum(_told(to, on, is_own, rows) for (on, is_own), rows in together.items()) > 0


def _together(owed: list[CareRow]) -> dict[tuple[date, bool], list[CareRow]]:
    found: dict[tuple[date, bool], list[CareRow]] = {}
    for row in owed:
        if news := _news(row.sk):
            found.setdefault(news, []).append(row)
    return found


def key(birthday_row: CareRow) -> str:
    """Of the outbox row that a row of `birthdays` leads to."""
    return f"{birthday_row.sk}#{birthday_row.pk}#{(birthday_row.detail or '')[:16]}"


def _news(sk: str) -> tuple[date, bool] | None:
    _, _, age, whose, patient_id, _ = sk.split("#")
    patient = patients.with_id(patient_id)
    if patient is None:
        return None
    return ages.birthday(patient.birth_on, int(age)), whose == SELF


def _told(to: Reader, on: date, is_own: bool, rows: list[CareRow]) -> bool:
    facts: dict[str, str | int] = {
        "portal_name": settings().portal_name,
        "link": f"{settings().portal_url}/",
        "day": dates.day_and_month(on, languages.language(to.language).locale),
        "is_own": is_own,
    }
    return reaching.tell(to, News(Topic.ACCESS, "birthday", facts), rows)
