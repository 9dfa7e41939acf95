"""How often a text about care may come (decision 0016).

With a consent to text messages: whenever there is something. After a no: never. Without a decision,
the number was given to the clinic for care: at most one a day and three a week, as 47 CFR
64.1200(a)(9)(iv)(F) has it; what is new meanwhile waits, and comes in one message.

<patient id> / texted#<day>    the care table: the one text of that day, and what it was for
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pynamodb.exceptions import PutError

from portal import consents
from portal.conditions import is_unmet
from portal.moments import now
from portal.patients import Patient
from portal.settings import settings
from portal.tables import CareRow
from portal.wordings import Purpose

MOST_A_WEEK = 3
WEEK = timedelta(days=7)
MORNING = time(8)
PREFIX = "texted#"


class NotYet(Exception):
    def __init__(self, until: datetime) -> None:
        super().__init__()
        self.until = until


def may_send(patient: Patient, use: str, owed: Collection[str]) -> bool:
    """Takes the day's one text where they are counted. `owed` names what it is for, so that a text
    whose sending failed may be tried again. Raises NotYet."""
    if consents.allows(patient, Purpose.SMS, use):
        return True
    decision = consents.newest(patient.patient_id, Purpose.SMS)
    if decision is not None and not decision.is_given:
        return False
    return _is_taken(patient.patient_id, owed)


def _is_taken(patient_id: str, owed: Collection[str]) -> bool:
    today = now().astimezone(_zone()).date()
    earlier = _days(patient_id, today)
    if today in earlier:
        return _is_again(patient_id, today, owed)
    if len(earlier) >= MOST_A_WEEK:
        raise NotYet(_morning(min(earlier) + WEEK))
    try:
        row = CareRow(patient_id, f"{PREFIX}{today}", state="sent", detail=min(owed))
        row.save(CareRow.pk.does_not_exist())
    except PutError as error:
        if not is_unmet(error):
            raise
        return _is_again(patient_id, today, owed)
    return True


def _is_again(patient_id: str, today: date, owed: Collection[str]) -> bool:
    row = CareRow.get(patient_id, f"{PREFIX}{today}", consistent_read=True)
    if row.detail not in owed:
        raise NotYet(_morning(today + timedelta(days=1)))
    return True


def _days(patient_id: str, today: date) -> list[date]:
    """Days of the last seven with a text."""
    span = CareRow.sk.between(f"{PREFIX}{today - WEEK + timedelta(days=1)}", f"{PREFIX}{today}")
    rows = CareRow.query(patient_id, span, consistent_read=True)
    return [date.fromisoformat(row.sk.removeprefix(PREFIX)) for row in rows]


def _morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(settings().clinic_time_zone)
