"""Messages we owe patients and staff. A row is written in the transaction that publishes what it
tells of; `portal.outbox_delivery` delivers it.

What must not wait for the next round of `upkeep` is handed to the sender behind the queue of
sign-in requests: `deliver_soon`.
"""

import json
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from portal import audit, failures, keys
from portal.aws import client
from portal.moments import fresh_id, instant
from portal.settings import settings
from portal.tables import CareRow

KIND = "outbox"
PENDING, SENT, NOBODY = "pending", "sent", "nobody-to-tell"


class Audience(StrEnum):
    PATIENT = "patient"
    PRIVACY_OFFICER = "privacy-officer"
    ACCOUNT = "account"  # the patient, by every channel: something about signing in
    BREAK_GLASS = "break-glass"  # the privacy officer, after an emergency access
    OPENED_RECORD = "opened-record"  # the patient, after the same
    HOLDER = "holder"  # who may open the record: portal.holder_notices
    BIRTHDAY = "birthday"  # who holds a grant that changes, and whose record it is
    FORMER = "former"  # an address that the patient gave up: sealed in the row


def row(patient_id: str, key: str, audience: Audience = Audience.PATIENT) -> CareRow:
    """To be saved in the publishing transaction. `key` makes the same news the same row."""
    return CareRow(
        patient_id,
        f"outbox#{key}",
        state=PENDING,
        kind=KIND,
        audience=audience.value,
        due_at=instant(),
        steps={},
    )


def to_former(patient_id: str, key: str, address: str) -> CareRow:
    made = row(patient_id, key, Audience.FORMER)
    made.sealed = keys.seal(patient_id, made.sk, {"address": address})
    return made


def former_of(made: CareRow) -> str:
    return str(keys.unseal(made.pk, made.sk, made.sealed or b"")["address"])


def tell_account(patient_id: str, event: audit.Event) -> None:
    row(patient_id, f"{event.value}#{fresh_id()}", Audience.ACCOUNT).save()


def deliver_soon(patient_id: str, event: audit.Event) -> None:
    """Within seconds. It comes after what it tells of was written, and never fails: where the queue
    is down, `upkeep` delivers."""
    body = json.dumps({"kind": KIND, "patient_id": patient_id, "key": f"{event.value}#"})
    try:
        client("sqs").send_message(QueueUrl=settings().sign_in_queue_url, MessageBody=body)
    except (BotoCoreError, ClientError) as error:
        failures.log("not-handed-on", error)
