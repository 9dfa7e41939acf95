"""Phones that said STOP: what a phone says holds for the phone, whoever's records name it.

phone#<blind> / said#<time>#start|stop#<message id>   never changed; the latest says what holds
phone#<blind> / heard#<message id>                    each message of theirs counts once
phone#<blind> / helped#<day>                          unknown words were answered on that day

Times are the carrier's side of the queue: messages come in any order. Of two at the same
millisecond "stop" sorts last, and holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pynamodb.exceptions import PutError, TransactWriteError
from pynamodb.transactions import TransactWrite

from portal import keys
from portal.conditions import is_cancelled, is_unmet
from portal.moments import instant, now
from portal.patients import normal_contact
from portal.tables import AuditRow, ConsentRow, connection


class Word(StrEnum):
    STOP = "stop"
    START = "start"


@dataclass(frozen=True)
class Heard:
    """One message of a phone. `phone` is E.164; `message_id` the carrier's."""

    phone: str
    message_id: str
    at: datetime


@dataclass(frozen=True)
class Said:
    word: Word
    at: str  # FHIR instant


def is_stopped(phone: str) -> bool:
    """Asked before each text. Raises when the store does not answer: then nothing is sent."""
    last = latest(phone)
    return last is not None and last.word is Word.STOP


def latest(phone: str) -> Said | None:
    rows = ConsentRow.query(
        _pk(phone),
        ConsentRow.sk.startswith("said#"),
        scan_index_forward=False,
        consistent_read=True,
        limit=1,
    )
    return next((Said(Word(row.sk.split("#")[2]), row.sk.split("#")[1]) for row in rows), None)


def keep(heard: Heard, word: Word | None, entries: Iterable[AuditRow] = ()) -> bool:
    """`word` None changes nothing and is kept as heard. False for a message kept before."""
    pk = _pk(heard.phone)
    is_new = ConsentRow.pk.does_not_exist()
    try:
        with TransactWrite(connection=connection()) as write:
            write.save(ConsentRow(pk, f"heard#{heard.message_id}"), condition=is_new)
            if word:
                sk = f"said#{instant(heard.at)}#{word}#{heard.message_id}"
                write.save(ConsentRow(pk, sk), condition=is_new)
            for entry in entries:
                write.save(entry, condition=AuditRow.pk.does_not_exist())
    except TransactWriteError as error:
        if not is_cancelled(error) or not _was_heard(heard):
            raise
        return False
    return True


def is_first_help_today(phone: str) -> bool:
    """Two machines that answer each other must not go on for ever."""
    try:
        ConsentRow(_pk(phone), f"helped#{instant(now())[:10]}").save(ConsentRow.pk.does_not_exist())
    except PutError as error:
        if not is_unmet(error):
            raise
        return False
    return True


def _was_heard(heard: Heard) -> bool:
    return ConsentRow.find(_pk(heard.phone), f"heard#{heard.message_id}") is not None


def _pk(phone: str) -> str:
    return f"phone#{keys.blind('phone', normal_contact(phone))}"
