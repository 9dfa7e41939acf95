"""A lab message on its way: pushed by queue or HTTPS, then followed in the ledger of arrivals."""

import base64
import hashlib
import re
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from infra.local.progress import CannotRun

STEPS = ("parse", "match", "merge", "explain", "publish", "notify")
RECEIVED, CARDED, FILED, SPLIT = "received", "carded", "filed", "split"
ENDS = (CARDED, FILED, SPLIT, "quarantined", "dead")
LARGEST_BODY = 1_048_576  # bytes; SQS quota for a message, 1 MiB since August 2025
# What SQS refuses in a body: SendMessage, "#x9 | #xA | #xD | #x20 to #xD7FF | ..."
NOT_IN_QUEUES = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Arrival:
    state: str = ""  # empty until it has arrived
    reason: str = ""
    detail: str = ""
    signed_off_at: str = ""
    steps: dict[str, str] = field(default_factory=dict)  # name -> ISO time

    @property
    def is_over(self) -> bool:
        return self.state in ENDS


def raw_id(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def arrival(dynamodb: Any, care_table: str, raw: bytes) -> Arrival:
    key = {"pk": {"S": f"arrival#{raw_id(raw)}"}, "sk": {"S": "arrival"}}
    row = dynamodb.get_item(TableName=care_table, Key=key, ConsistentRead=True).get("Item", {})
    texts = {name: value["S"] for name, value in row.items() if "S" in value}
    steps = {name: value["S"] for name, value in row.get("steps", {}).get("M", {}).items()}
    known = ("state", "reason", "detail", "signed_off_at")
    return Arrival(**{name: texts.get(name, "") for name in known}, steps=steps)


def push_to_queue(sqs: Any, queue_url: str, raw: bytes) -> None:
    text = as_text(raw)
    body = base64.b64encode(raw).decode() if text is None else text
    if len(body.encode()) > LARGEST_BODY:
        raise CannotRun("Too large for a queue (1 MiB). Push it by HTTPS: make lab VIA=https")
    encoding = {"encoding": {"DataType": "String", "StringValue": "base64"}}
    attributes = encoding if text is None else {}
    sqs.send_message(QueueUrl=queue_url, MessageBody=body, MessageAttributes=attributes)


def as_text(raw: bytes) -> str | None:
    """None where a queue could not carry these bytes unchanged."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return None if not text or NOT_IN_QUEUES.search(text) else text


def push_by_https(hl7_url: str, endpoint_url: str, token: str, raw: bytes) -> str:
    """The HL7 ACK. Python may not resolve *.localhost: the host is named in a header."""
    address = urlsplit(hl7_url)
    request = urllib.request.Request(  # noqa: S310
        endpoint_url + address.path,
        data=raw,
        headers={
            "Host": address.netloc,
            "Authorization": f"Bearer {token}",
            "Content-Type": "x-application/hl7-v2+er7",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return str(error.read().decode())
