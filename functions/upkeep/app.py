"""Every minute: start again what stopped on its way, look again for patients that messages wait
for, see whose birthday changes what others see, and deliver what is still owed."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit
from botocore.exceptions import BotoCoreError, ClientError
from functions.upkeep import birthdays
from pynamodb.exceptions import PynamoDBException

from portal import arrivals, failures, outbox_delivery, sequences, waiting
from portal.aws import client
from portal.errors import Unavailable
from portal.settings import settings

logger = Logger(service="portal")
metrics = Metrics(service="portal")


@metrics.log_metrics
def handler(_event: dict[str, Any], _context: Any) -> None:
    """One failure holds back nothing else: what failed is still due in a minute."""
    for raw_id in arrivals.overdue():
        attempt(partial(restart, raw_id))
    attempt(waiting.look_again)
    attempt(count_gaps)
    attempt(birthdays.look)
    attempt(sweep_outbox)


def attempt(work: Callable[[], object]) -> None:
    try:
        work()
    except (BotoCoreError, ClientError, PynamoDBException, Unavailable) as error:
        failures.log("upkeep-failed", error)


def count_gaps() -> None:
    metrics.add_metric("SequenceGap", MetricUnit.Count, len(sequences.gaps()))


def sweep_outbox() -> None:
    metrics.add_metric("OutboxSwept", MetricUnit.Count, outbox_delivery.deliver_overdue())


def restart(raw_id: str) -> None:
    """Back to the queue, at most three times; then to the dead letters, with the reason. A try
    counts when it is queued."""
    if arrivals.arrival(raw_id).tries < arrivals.MAX_TRIES:
        send(settings().lab_queue_url, {"raw_id": raw_id})
        arrivals.reopen(raw_id)
        metrics.add_metric("ReleasesRestarted", MetricUnit.Count, 1)
        return
    reason = arrivals.last_failure(raw_id) or "no step answered in time"
    send(settings().dead_letters_url, {"raw_id": raw_id, "reason": reason})
    arrivals.dead(raw_id, reason)
    logger.error("message-given-up", extra={"raw_id": raw_id, "reason": reason})


def send(queue_url: str, body: dict[str, str]) -> None:
    client("sqs").send_message(QueueUrl=queue_url, MessageBody=json.dumps(body))
