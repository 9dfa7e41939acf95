"""The third channel beside e-mail and text message: handing a notification on to the one function
that can send it, and the words of it.

Law 1: the same words for everybody and everything; what it is about is in the portal.
"""

import json
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from portal import failures, pages, push_devices
from portal.aws import client
from portal.languages import language
from portal.settings import settings


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


BODY = N_("There is something new for you. Sign in to see it.")
LINKS = {  # by portal.topics
    "results": "/results",
    "family": "/family",
    "access": "/family",
    "security": "/settings/security",
}


@dataclass(frozen=True)
class Note:
    """What a lock screen shows. `link` is a path of ours."""

    title: str
    body: str
    topic: str
    link: str
    lang: str
    dir: str


def note(topic: str, code: str) -> Note:
    own = language(code)
    body, link = pages.words(own.code)(BODY), LINKS.get(topic, "/")
    return Note(settings().portal_name, body, topic, link, own.code, own.direction)


def tell(patient_id: str, topic: str) -> bool:
    """False when there is no device to tell, or the queue is down: e-mail and text go their own
    way."""
    if not settings().pushes_queue_url or not push_devices.has_any(patient_id):
        return False
    body = json.dumps({"patient_id": patient_id, "topic": topic})
    try:
        client("sqs").send_message(QueueUrl=settings().pushes_queue_url, MessageBody=body)
    except (BotoCoreError, ClientError) as error:
        failures.log("not-handed-on", error)
        return False
    return True
