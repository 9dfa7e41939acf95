"""Takes lab messages from their queue: keeps the bytes, notes the arrival, starts the release.

A body is an HL7 message as text, the same in base64 (message attribute `encoding` = `base64`, for
bytes SQS cannot carry), or `{"raw_id": ...}` for a message already kept (from /ehr/hl7 or upkeep).
"""

import base64
import binascii
import json
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from portal import arrivals, failures, objects
from portal.aws import client
from portal.settings import settings

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

QUEUE_SENDER = "queue"


class NotReceived(Exception):
    pass


def handler(event: dict[str, Any], context: Any) -> Any:
    return process_partial_response(
        event=event, record_handler=receive, processor=processor, context=context
    )


def receive(record: SQSRecord) -> None:
    """One bad delivery must not hold back its batch: it is logged by its kind and comes again."""
    try:
        arrival = arrivals.received(kept_id(record), QUEUE_SENDER)
        if arrival.state == arrivals.DEAD:  # redriven by an operator
            arrival = arrivals.resume(arrival.raw_id)
        if arrival.state not in arrivals.FINISHED:
            start(arrival)
    except Exception as error:
        failures.log("receive-failed", error)
        raise NotReceived from None


def kept_id(record: SQSRecord) -> str:
    """The raw id, with the bytes safely stored first."""
    known = pointer(record.body)
    return known if known else objects.keep_raw(content(record))


def pointer(body: str) -> str:
    """Only the id of a message we hold counts; anything else is the message itself."""
    if not body.startswith("{"):
        return ""
    try:
        raw_id = json.loads(body)["raw_id"]
    except (ValueError, KeyError, TypeError):
        return ""
    is_ours = isinstance(raw_id, str) and len(raw_id) == 64 and raw_id.isalnum()
    return raw_id if is_ours and arrivals.is_known(raw_id) else ""


def content(record: SQSRecord) -> bytes:
    """A wrong `encoding` loses nothing: the body is then kept as it came."""
    encoding = record.message_attributes["encoding"]
    if encoding is not None and encoding.string_value == "base64":
        try:
            return base64.b64decode(record.body, validate=True)
        except binascii.Error:
            pass
    return record.body.encode("utf-8", "surrogateescape")


def start(arrival: arrivals.Arrival) -> None:
    client("stepfunctions").start_execution(
        stateMachineArn=settings().state_machine,
        name=arrival.execution,
        input=json.dumps({"raw_id": arrival.raw_id}),
    )
