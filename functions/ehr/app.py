"""Where EHRs and labs push HL7 v2 messages over HTTPS (HAPI's "HL7 over HTTP").

The acknowledgement goes out only after the bytes are in S3 and on the queue. Our own outage is a
503 without an HL7 body, so that the sender keeps the message and tries again; it is never an AE.
"""

import json
from datetime import datetime
from email.message import Message as MimeHeader

from functions.ehr import verdicts
from pydantic import BaseModel

from portal import acks, arrivals, audit, credentials, hl7, objects
from portal.access import Visitor
from portal.answers import Bytes
from portal.audit import Event, Outcome
from portal.aws import client
from portal.credentials import Sender
from portal.moments import now, parsed
from portal.settings import settings
from portal.web import Room

app = Room("ehr")

ER7 = "x-application/hl7-v2+er7"
HL7_TYPES = [ER7, "application/hl7-v2+er7", "application/hl7-v2"]
MAX_BYTES = 5_000_000


class Push(BaseModel):
    headers: dict[str, str]
    body: bytes


@app.action("POST", "/ehr/hl7", ask=Push, needs=None, content_types=HL7_TYPES)
def take_hl7(visitor: Visitor, push: Push) -> Bytes:
    """Take one HL7 v2 message and acknowledge it."""
    sender = credentials.sender_of(push.headers.get("authorization", ""))
    if sender is None:
        return refused(visitor, 401, "unknown-credential", "Send a valid bearer credential.")
    if len(push.body) > MAX_BYTES:
        return refused(visitor, 413, "too-large", "Send at most 5 MB in one message.")
    charset = charset_of(push.headers)
    message = hl7.read(push.body, charset)
    if not message.segments or not message.first("MSH").raw(9):
        return refused(visitor, 400, "no-usable-msh", "Send an HL7 v2 message: MSH is not usable.")
    return taken(visitor, sender, push.body, charset)


def refused(visitor: Visitor, status: int, why: str, words: str) -> Bytes:
    """A transport answer: never of an HL7 type (HL7 over HTTP)."""
    audit.record(Event.MESSAGE_REFUSED, visitor, why=why, outcome=Outcome.REFUSED)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return Bytes("text/plain; charset=utf-8", words.encode(), status, headers)


def charset_of(headers: dict[str, str]) -> str | None:
    """HTTP's charset wins over MSH-18; none named means MSH-18, then UTF-8."""
    header = MimeHeader()
    header["content-type"] = headers.get("content-type", "")
    return header.get_content_charset()


def taken(visitor: Visitor, sender: Sender, body: bytes, charset: str | None) -> Bytes:
    """Kept, noted, queued, and only then acknowledged."""
    message = hl7.read(body, charset)
    verdict = verdicts.of(message, sender)
    if verdict.is_kept:
        raw_id = objects.keep_raw(body, charset or "")
        arrival = arrivals.received(raw_id, sender.name)
        enqueue(raw_id)
        at, about = parsed(arrival.received_at) or now(), raw_id
    else:
        at, about = now(), ""
    event = Event.MESSAGE_TAKEN if verdict.code.is_good else Event.MESSAGE_REFUSED
    audit.record(event, visitor, about=about, why=f"sender:{sender.name}")
    return Bytes(f"{ER7}; charset=utf-8", answer(message, verdict, at, body))


def enqueue(raw_id: str) -> None:
    body = json.dumps({"raw_id": raw_id})
    client("sqs").send_message(QueueUrl=settings().lab_queue_url, MessageBody=body)


def answer(message: hl7.Message, verdict: verdicts.Verdict, at: datetime, body: bytes) -> bytes:
    """The same bytes sent twice get the same acknowledgement: its time and id follow from them."""
    control_id = objects.raw_id(body)[:20].upper()
    return acks.ack(message, verdict.code, verdict.problems, at=at, control_id=control_id)
