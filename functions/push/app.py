"""Tells a patient's devices by push that there is something new. No route leads here: what is to be
told comes from its queue, as ids."""

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.exceptions import BotoCoreError, ClientError
from functions.push import web_push
from functions.push.web_push import NotTaken

from portal import audit, failures, moments, platform_push, push, push_devices
from portal.audit import Event
from portal.model import Model
from portal.push_devices import Kind, PushDevice

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


class Owed(Model):
    patient_id: str
    topic: str


class NotSent(Exception):
    """Nobody took it: try again."""


def handler(event: dict[str, Any], context: Any) -> Any:
    return process_partial_response(
        event=event, record_handler=send, processor=processor, context=context
    )


def send(record: SQSRecord) -> None:
    """Tried again only where no device was reached: nobody's phone rings twice for another's."""
    owed = Owed.model_validate_json(record.body)
    devices = push_devices.of(owed.patient_id)
    reached = [reach(owed, device) for device in devices]
    if None in reached and True not in reached:
        raise NotSent


def reach(owed: Owed, device: PushDevice) -> bool | None:
    """True when told; False when gone for good, and forgotten; None when it may work later."""
    note = push.note(owed.topic, device.language)
    try:
        is_there = delivered(device, note)
    except (NotTaken, BotoCoreError, ClientError) as error:
        failures.log("not-pushed", error)
        return None
    if not is_there:
        forget(owed.patient_id, device)
    return is_there


def delivered(device: PushDevice, note: push.Note) -> bool:
    if device.kind is Kind.WEB:
        return web_push.send(device, note)
    return platform_push.send(device.address, device.kind, note)


def forget(patient_id: str, device: PushDevice) -> None:
    entry = audit.row(
        Event.PUSH_REMOVED,
        actor=audit.PORTAL,
        patient_id=patient_id,
        about=device.device_id[:32],
        why="gone",
        request_id=moments.fresh_id(),
    )
    audit.save(entry)
    push_devices.drop(patient_id, device.device_id)
    if device.kind is not Kind.WEB:
        platform_push.remove(device.address)
