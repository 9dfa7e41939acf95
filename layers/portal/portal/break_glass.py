"""Emergency access to one patient's chart (45 CFR 164.312(a)(2)(ii)), for an hour.

A grant is one staff member's for one patient. It is written together with its audit row, the review
that the privacy officer owes it, and the messages to the officer and the patient: none without the
others. It ends by itself, or early; going on needs a new one, with a new reason. Reads are strongly
consistent, so an end counts at once.

break-glass#<patient id> / <subject id>    the grant; TTL
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from portal import outbox, reviews, staff
from portal.audit import Event
from portal.conditions import is_cancelled
from portal.moments import fresh_id, now
from portal.outbox import Audience
from portal.staff_access import StaffCaller
from portal.tables import AuditRow, CareRow, SessionRow, connection

LIFE_SECONDS = 60 * 60
WHY = "break-glass"


class Cause(StrEnum):
    LIFE_IN_DANGER = "life-in-danger"
    URGENT_CARE = "urgent-care"
    CANNOT_ANSWER = "patient-cannot-answer"
    OTHER = "other"


@dataclass(frozen=True)
class Grant:
    grant_id: str
    patient_id: str
    subject_id: str
    ends_at: datetime


def open_for(caller: StaffCaller, patient_id: str, cause: Cause, words: str) -> Grant:
    """An earlier grant of theirs for this patient is replaced. Who must know is told at once."""
    ends_at = now() + timedelta(seconds=LIFE_SECONDS)
    grant = Grant(fresh_id(), patient_id, caller.subject_id, ends_at)
    with TransactWrite(connection=connection()) as write:
        write.save(_row(grant))
        for owed in _owed(grant, cause, words):
            write.save(owed, condition=CareRow.pk.does_not_exist())
        entry = staff.entry(
            Event.BREAK_GLASS_OPENED,
            caller,
            patient_id,
            about=cause,
            why=WHY,
            grant=grant.grant_id,
        )
        write.save(entry, condition=AuditRow.pk.does_not_exist())
    outbox.deliver_soon(patient_id, Event.BREAK_GLASS_OPENED)
    return grant


def live(patient_id: str, subject_id: str) -> Grant | None:
    row = SessionRow.find(_pk(patient_id), subject_id)
    return _live(row) if row else None


def all_live(patient_id: str) -> list[Grant]:
    rows = SessionRow.query(_pk(patient_id), consistent_read=True)
    return [grant for grant in map(_live, rows) if grant]


def end(grant: Grant, caller: StaffCaller) -> bool:
    """False when it ended meanwhile, or was replaced."""
    entry = staff.entry(
        Event.BREAK_GLASS_ENDED, caller, grant.patient_id, why=WHY, grant=grant.grant_id
    )
    row = SessionRow(_pk(grant.patient_id), grant.subject_id)
    try:
        with TransactWrite(connection=connection()) as write:
            write.delete(row, condition=SessionRow.grant == grant.grant_id)
            write.save(entry, condition=AuditRow.pk.does_not_exist())
    except TransactWriteError as error:
        if not is_cancelled(error):
            raise
        return False
    return True


def _owed(grant: Grant, cause: Cause, words: str) -> list[CareRow]:
    key = f"{Event.BREAK_GLASS_OPENED.value}#{{}}"
    review = reviews.new_row(
        grant.patient_id,
        Event.BREAK_GLASS_OPENED,
        grant.grant_id,
        staff_id=grant.subject_id,
        told={"cause": cause, "words": words},
    )
    officer = outbox.row(grant.patient_id, key.format(fresh_id()), Audience.BREAK_GLASS)
    patient = outbox.row(grant.patient_id, key.format(fresh_id()), Audience.OPENED_RECORD)
    return [review, officer, patient]


def _row(grant: Grant) -> SessionRow:
    return SessionRow(
        _pk(grant.patient_id),
        grant.subject_id,
        patient_id=grant.patient_id,
        grant=grant.grant_id,
        created_at=now().timestamp(),
        ends_at=grant.ends_at,
    )


def _live(row: SessionRow) -> Grant | None:
    if row.ends_at is None or row.ends_at <= now() or not row.grant:
        return None
    return Grant(row.grant, row.patient_id or "", row.sk, row.ends_at)


def _pk(patient_id: str) -> str:
    return f"break-glass#{patient_id}"
