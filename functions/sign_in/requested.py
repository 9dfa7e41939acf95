"""A sign-in request on its way to `send.py`.

The queue stands between them so that a known address takes as long to answer as an unknown one:
here nobody has looked yet who it is.
"""

import json
import re

from portal import pages
from portal.access import Visitor
from portal.aws import client
from portal.errors import BadInput
from portal.patients import normal_contact
from portal.settings import settings

EMAIL = re.compile(r"^[^@\s]{1,64}@[^@\s]+\.[^@\s]+$")
PHONE = re.compile(r"^\+[0-9]{8,15}$")


def address_of(typed: str, language: str) -> str:
    """Raises BadInput for what can be neither an e-mail address nor a phone number."""
    _ = pages.words(language)
    if not typed.strip():
        raise BadInput({"address": _("Type your e-mail address or mobile number.")})
    address = normal_contact(typed)
    if not (EMAIL.match(address) or PHONE.match(address)):
        advice = _("Check the address. It should look like name@example.com or 555-555-0100.")
        raise BadInput({"address": advice})
    return address


def code_advice(language: str) -> str:
    _ = pages.words(language)
    return _("That code does not match. Type the six digits from our newest message.")


def send(address: str, browser: str, visitor: Visitor) -> None:
    body = {
        "address": address,
        "browser": browser,
        "language": visitor.language,
        "request_id": visitor.request_id,
    }
    client("sqs").send_message(QueueUrl=settings().sign_in_queue_url, MessageBody=json.dumps(body))
