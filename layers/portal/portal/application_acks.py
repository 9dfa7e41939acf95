"""Application acknowledgements of enhanced mode: what became of a message, told when it is known.

A sender that fills MSH-15 and MSH-16 gets its accept acknowledgement in the exchange, and this one
from the queue of acknowledgements: AA when the message is in the chart, AE when it waits in
quarantine, each only as MSH-16 asks for it (HL7 v2.5.1 chapter 2, 2.9.3; table 0155).
"""

import base64
import re

from portal import acks, hl7, objects
from portal.acks import AckCode
from portal.aws import client
from portal.errors import Unusable
from portal.hl7_segments import Segment
from portal.moments import now
from portal.settings import settings

_MSH = re.compile(rb"MSH[^\w\s\x00-\x1f][^\r\n]*")


def send(raw_id: str, refusal: Unusable | None = None) -> bool:
    """To be called when a message is filed, or with the reason why it is not. Whoever calls twice
    sends twice, with the same MSH-10. Returns whether somebody asked for it."""
    raw, charset = objects.raw(raw_id)
    header = _MSH.search(raw)
    if not header or raw.lstrip().startswith(b"{"):  # FHIR
        return False
    message = hl7.read(header[0], charset)
    if not is_asked(message.first("MSH"), is_good=refusal is None):
        return False
    code = AckCode.ERROR if refusal else AckCode.ACCEPTED
    problems = [acks.problem_of(refusal)] if refusal else []
    _send(acks.ack(message, code, problems, at=now(), control_id=raw_id[20:40].upper()))
    return True


def is_asked(header: Segment, is_good: bool) -> bool:
    """A sender that leaves MSH-15 empty had its AA, AE or AR in the exchange."""
    accept, application = header.text(15).strip(), header.text(16).strip()
    return bool(accept and application) and acks.is_asked(application, is_good)


def _send(answer: bytes) -> None:
    """As text where SQS can carry it, else in base64: as messages come to us."""
    request = {"QueueUrl": settings().acknowledgements_url}
    if answer.isascii() and answer.replace(b"\r", b"").decode().isprintable():
        client("sqs").send_message(**request, MessageBody=answer.decode())
        return
    client("sqs").send_message(
        **request,
        MessageBody=base64.b64encode(answer).decode(),
        MessageAttributes={"encoding": {"DataType": "String", "StringValue": "base64"}},
    )
