"""Takes sign-in requests from their queue: sends the link to those who are patients, and the code
to those whose registration agrees with the records. What the outbox hands on to be told at once
comes the same way.
"""

import json
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from portal import (
    audit,
    failures,
    links,
    notify,
    outbox,
    outbox_delivery,
    pages,
    patient_search,
    registrations,
)
from portal.methods import Method
from portal.model import Model
from portal.patients import Patient
from portal.settings import settings

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


class NotSent(Exception):
    """Try this request again. It says no more: a provider's error quotes the address."""


class Owed(Model):
    """What `outbox.deliver_soon` hands on."""

    patient_id: str
    key: str


class Requested(Model):
    address: str
    browser: str
    language: str
    request_id: str


def handler(event: dict[str, Any], context: Any) -> Any:
    return process_partial_response(
        event=event, record_handler=send, processor=processor, context=context
    )


def send(record: SQSRecord) -> None:
    try:
        answer(record.body)
    except Exception as error:
        failures.log("sign-in-link-not-sent", error)
        raise NotSent from None


def answer(body: str) -> None:
    kind = json.loads(body).get("kind")
    if kind == registrations.KIND:
        registrations.answer(registrations.Asked.model_validate_json(body))
    elif kind == outbox.KIND:
        owed = Owed.model_validate_json(body)
        outbox_delivery.deliver_for(owed.patient_id, owed.key)
    else:
        send_links(Requested.model_validate_json(body))


def send_links(asked: Requested) -> None:
    """A family at one address: each gets a message of their own, which names nobody."""
    found = [each for each in patient_search.at_contact(asked.address) if each.may_sign_in]
    for patient in found:
        _send_link(asked, patient, patient.given[:1].upper() if len(found) > 1 else "")


def _send_link(asked: Requested, patient: Patient, initial: str) -> None:
    method = Method.EMAIL_LINK if "@" in asked.address else Method.PHONE_LINK
    link = links.new(patient.patient_id, asked.browser, method, initial)
    audit.save(
        audit.row(
            audit.Event.SIGN_IN_LINK_SENT,
            actor=audit.PORTAL,
            patient_id=patient.patient_id,
            request_id=asked.request_id,
        )
    )
    _deliver(asked, link)


def _deliver(asked: Requested, link: links.Link) -> None:
    channel = "emails" if "@" in asked.address else "sms"
    subject, body = pages.render_text(
        f"{channel}/sign_in.txt",
        asked.language,
        portal_name=settings().portal_name,
        link=f"{settings().portal_url}/sign-in/{link.token}",
        code=link.code,
        minutes=links.LIFE_SECONDS // 60,
    )
    if channel == "emails":
        notify.send_email(asked.address, subject, body)
    else:
        notify.send_sms(asked.address, body)
