"""The stores for tests: MiniStack with tables made from the models, and a mailbox to look into."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local import deploy, ministack
from infra.local.place import Place, operator, place
from infra.local.sent import Sent, sent

STATE = Path(tempfile.mkdtemp(prefix="portal-tests-"))
PLACE: Place = place(STATE, 0, 0)
PORTAL_URL = "http://portal.localhost:4566"


def set_environment() -> None:
    os.environ.update(operator(PLACE))
    os.environ.update(
        PORTAL_URL=PORTAL_URL,
        PORTAL_NAME="Test clinic",
        CLINIC_TIME_ZONE="America/New_York",
        CLINIC_PHONE="+1 555-555-0100",
        MAIL_FROM="portal@example.org",
        PRIVACY_EMAIL="privacy@example.org",
        SMS_DOOR="sns",
        SMS_ORIGIN="",
        IS_DEMO="false",
        LAW_REGION="us",
        SESSIONS_TABLE="sessions",
        CONSENTS_TABLE="consents",
        AUDIT_TABLE="audit",
        CHART_TABLE="chart",
        CARE_TABLE="care",
        RAW_BUCKET="raw-messages",
        DATA_KEY="alias/data",
        LAB_QUEUE_URL=f"{PLACE.endpoint_url}/000000000000/LabMessages",
        SIGN_IN_QUEUE_URL=f"{PLACE.endpoint_url}/000000000000/SignInRequests",
        ACKNOWLEDGEMENTS_URL=f"{PLACE.endpoint_url}/000000000000/Acknowledgements",
        PUSHES_QUEUE_URL=f"{PLACE.endpoint_url}/000000000000/Pushes",
        PUSH_PARAMETERS="/portal/test/push",
        APNS_APPLICATION="",
        FCM_APPLICATION="arn:aws:sns:us-east-1:000000000000:app/GCM/portal",
        DEAD_LETTERS_URL=f"{PLACE.endpoint_url}/000000000000/DeadLetters",
        STATE_MACHINE="arn:aws:states:us-east-1:000000000000:stateMachine:release-lab-result",
        POWERTOOLS_METRICS_NAMESPACE="Portal",
        POWERTOOLS_SERVICE_NAME="portal",
        PYDANTIC_DISABLE_PLUGINS="__all__",
    )


@contextmanager
def running() -> Iterator[None]:
    with ministack.running(PLACE):
        make_tables()
        key = client("kms").create_key()["KeyMetadata"]["KeyId"]
        client("kms").create_alias(AliasName="alias/data", TargetKeyId=key)
        client("s3").create_bucket(Bucket="raw-messages")
        for queue in ("LabMessages", "SignInRequests", "DeadLetters", "Acknowledgements", "Pushes"):
            client("sqs").create_queue(QueueName=queue)
        client("ses").verify_email_identity(EmailAddress="portal@example.org")
        yield


def make_tables() -> None:
    from portal.tables import ALL

    for table in ALL:
        table.create_table(wait=True)


def client(service: str) -> Any:
    return deploy.client(PLACE.endpoint_url, service)


def queued(name: str) -> list[dict[str, Any]]:
    """Bodies waiting on a queue, taken from it."""
    url = f"{PLACE.endpoint_url}/000000000000/{name}"
    found = []
    while (
        batch := client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages")
    ):
        for message in batch:
            found.append(json.loads(message["Body"]))
            client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def sent_to(address: str) -> list[Sent]:
    """E-mails and texts to this address, oldest first."""
    return [each for each in reversed(sent(PLACE)) if each.to == address]


def is_kept(raw_id: str) -> bool:
    found = client("s3").list_objects_v2(Bucket="raw-messages", Prefix=f"raw/{raw_id}")
    return bool(found["KeyCount"])
