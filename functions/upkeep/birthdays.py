"""Notices of birthdays that are due: who is still concerned is owed a message by the outbox.

Looked up again when due: grants are revoked, children die, birth dates are corrected.
"""

from dataclasses import dataclass
from datetime import date

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException, TransactWriteError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from portal import ages, birthday_notices, birthdays, failures, grants, outbox, patients
from portal.birthdays import OVER, PENDING, SELF, SENT, TURNING
from portal.conditions import is_cancelled
from portal.errors import Unavailable
from portal.granting import Grant, GrantState
from portal.moments import instant, now
from portal.outbox import Audience
from portal.tables import CareRow, connection


@dataclass(frozen=True)
class Notice:
    row: CareRow
    age: int
    whose: str  # a grant's id, or SELF

    @property
    def patient_id(self) -> str:
        return self.row.pk


def look() -> int:
    """Returns how many people are owed a message now."""
    due = CareRow.due_work.query(birthdays.KIND, CareRow.due_at < instant(), limit=200)
    rows = [row for each in due if (row := CareRow.find(each.pk, each.sk)) is not None]
    return sum(_tried(_notice(row)) for row in rows if row.state == PENDING)


def _notice(row: CareRow) -> Notice:
    _, age, whose = row.sk.split("#")
    return Notice(row, int(age), whose)


def _tried(notice: Notice) -> bool:
    """One that fails holds back no other, and is still due in a minute."""
    try:
        return _looked_at(notice)
    except (BotoCoreError, ClientError, PynamoDBException, Unavailable) as error:
        failures.log("birthday-not-told", error)
        return False


def _looked_at(notice: Notice) -> bool:
    patient = patients.with_id(notice.patient_id)
    if patient is None or patient.replaced_by or patient.is_deceased:
        return _moved(notice, _over())
    on = ages.birthday(patient.birth_on, notice.age)
    if on <= now().date():
        return _moved(notice, _over())
    if birthdays.due_at(on) > instant():  # a birth date that was corrected to a later one
        return _moved(notice, [CareRow.due_at.set(birthdays.due_at(on))])
    readers = _readers(notice, on)
    if not readers:
        return _moved(notice, _over())
    return _moved(notice, _over(SENT), _owed(notice, readers[0]))


def _readers(notice: Notice, on: date) -> list[str]:
    """Who reads it: the holder, or the child themselves while somebody's right changes that day."""
    found = [each for each in grants.of_patient(notice.patient_id) if _turns(each, on)]
    if notice.whose == SELF:
        return [notice.patient_id] if found else []
    return [each.holder_id for each in found if each.grant_id == notice.whose]


def _turns(grant: Grant, on: date) -> bool:
    is_active = grant.kind in TURNING and grant.state is GrantState.ACTIVE
    return is_active and (grant.ends_at is None or grant.ends_at.date() >= on)


def _owed(notice: Notice, reader: str) -> CareRow:
    return outbox.row(reader, birthday_notices.key(notice.row), Audience.BIRTHDAY)


def _over(state: str = OVER) -> list[Action]:
    return [CareRow.state.set(state), CareRow.kind.remove(), CareRow.due_at.remove()]


def _moved(notice: Notice, actions: list[Action], owed: CareRow | None = None) -> bool:
    """Whether a message is owed by this. Who plans it anew meanwhile is right."""
    is_same = (CareRow.state == PENDING) & (CareRow.due_at == notice.row.due_at)
    try:
        with TransactWrite(connection=connection()) as write:
            write.update(notice.row, actions, condition=is_same)
            if owed is not None:
                write.save(owed)
    except TransactWriteError as error:
        if not is_cancelled(error):
            raise
        return False
    return owed is not None
