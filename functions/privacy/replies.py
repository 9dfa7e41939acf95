"""Takes text messages that phones send to us: STOP, START, HELP.

AWS End User Messaging publishes each to an SNS topic (its user guide, "Two-way SMS messaging"),
which feeds our queue. A message counts once, however often and in whatever order it comes; what it
says is kept before it is answered, and it is answered at most once. Its words are not kept: whoever
writes to a clinic may write anything.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from functions.privacy.reply_words import Meaning, meaning
from pydantic import AwareDatetime, Field

from portal import audit, failures, notify, pages, patient_search, text_stops
from portal.audit import Event
from portal.languages import ENGLISH
from portal.model import Model
from portal.patients import Patient
from portal.settings import settings
from portal.tables import AuditRow
from portal.text_stops import Heard, Word

MOST_TOLD = 50  # patients at one phone that get an audit row; a transaction takes a hundred

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


class NotTaken(Exception):
    """Try this message again. It says no more: an error may quote the message."""


class Notification(Model):
    """What SNS puts on the queue."""

    message: str = Field(alias="Message")
    published_at: AwareDatetime = Field(alias="Timestamp")


class Reply(Model):
    """The message itself, as End User Messaging describes it."""

    phone: str = Field(alias="originationNumber", pattern=r"^\+?[0-9]{3,15}$")
    body: str = Field(alias="messageBody", default="", max_length=2000)
    keyword: str = Field(alias="messageKeyword", default="", max_length=200)
    message_id: str = Field(alias="inboundMessageId", pattern="^[A-Za-z0-9_-]{1,100}$")


def handler(event: dict[str, Any], context: Any) -> Any:
    return process_partial_response(
        event=event, record_handler=take, processor=processor, context=context
    )


def take(record: SQSRecord) -> None:
    try:
        answer(record.body)
    except Exception as error:
        failures.log("text-message-not-taken", error)
        raise NotTaken from None


def answer(body: str) -> None:
    notification = Notification.model_validate_json(body)
    reply = Reply.model_validate_json(notification.message)
    said = meaning(reply.body, reply.keyword)
    ANSWERS[said](reply, notification.published_at)


def _stop(reply: Reply, at: datetime) -> None:
    _switch(reply, at, Word.STOP, Event.TEXTS_STOPPED, "sms/stopped.txt")


def _start(reply: Reply, at: datetime) -> None:
    _switch(reply, at, Word.START, Event.TEXTS_STARTED, "sms/started.txt")


def _switch(reply: Reply, at: datetime, word: Word, event: Event, template: str) -> None:
    """For the phone, so for everybody whose number it is; each has it in their trail. One that a
    later message overtook is kept and not answered: it would say what is not so."""
    found = patient_search.at_contact(reply.phone)
    is_new = text_stops.keep(_heard(reply, at), word, _entries(event, reply, found))
    last = text_stops.latest(reply.phone)
    if is_new and last and last.word is word:
        _send(reply.phone, template, found)


def _help(reply: Reply, at: datetime) -> None:
    if text_stops.keep(_heard(reply, at), None):
        _send(reply.phone, "sms/help.txt", patient_search.at_contact(reply.phone))


def _unknown(reply: Reply, at: datetime) -> None:
    """A phone that said STOP is left in peace; another gets one answer a day."""
    is_new = text_stops.keep(_heard(reply, at), None)
    if not is_new or text_stops.is_stopped(reply.phone):
        return
    if text_stops.is_first_help_today(reply.phone):
        _send(reply.phone, "sms/help.txt", patient_search.at_contact(reply.phone))


ANSWERS: dict[Meaning, Callable[[Reply, datetime], None]] = {
    Meaning.STOP: _stop,
    Meaning.START: _start,
    Meaning.HELP: _help,
    Meaning.UNKNOWN: _unknown,
}


def _heard(reply: Reply, at: datetime) -> Heard:
    return Heard(reply.phone, reply.message_id, at)


def _entries(event: Event, reply: Reply, found: list[Patient]) -> list[AuditRow]:
    """Who holds a phone is nobody we know; a number nobody has is on the day's own trail."""
    ids = [each.patient_id for each in found[:MOST_TOLD]] or [""]
    return [
        audit.row(
            event,
            actor=audit.NOBODY,
            patient_id=patient_id,
            why="text-message",
            request_id=reply.message_id,
        )
        for patient_id in ids
    ]


def _send(phone: str, template: str, found: list[Patient]) -> None:
    """In the language all who share the phone read."""
    languages = {each.language for each in found}
    language = languages.pop() if len(languages) == 1 else ENGLISH.code
    name, link = settings().portal_name, settings().portal_url
    _, text = pages.render_text(template, language, portal_name=name, link=link)
    notify.answer_sms(phone, text)
