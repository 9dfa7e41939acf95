"""Takes sign-in requests from their queue and sends the link to those who are patients."""

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from pydantic import BaseModel

from portal import audit, failures, links, notify, pages, patients
from portal.settings import settings

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


class NotSent(Exception):
    """Try this request again. It says no more: a provider's error quotes the address."""


class Requested(BaseModel):
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
        send_link(record)
    except Exception as error:
        failures.log("sign-in-link-not-sent", error)
        raise NotSent from None


def send_link(record: SQSRecord) -> None:
    asked = Requested.model_validate_json(record.body)
    patient_id = patients.id_by_contact(asked.address)
    patient = patients.with_id(patient_id) if patient_id else None
    if patient_id is None or patient is None or not patient.may_sign_in:
        return
    link = links.new(patient_id, asked.browser)
    audit.save(
        audit.row(
            audit.Event.SIGN_IN_LINK_SENT,
            actor=audit.PORTAL,
            patient_id=patient_id,
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
