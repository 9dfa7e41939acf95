"""Every minute: start again what stopped on its way, and deliver what is still owed."""

import json
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

from portal import arrivals, outbox
from portal.aws import client
from portal.settings import settings

logger = Logger(service="portal")
metrics = Metrics(service="portal")


@metrics.log_metrics
def handler(_event: dict[str, Any], _context: Any) -> None:
    for raw_id in arrivals.overdue():
        restart(raw_id)
    metrics.add_metric("OutboxSwept", MetricUnit.Count, outbox.deliver_overdue())


def restart(raw_id: str) -> None:
    """Back to the queue, at most three times; then to the dead letters, with the reason."""
    if arrivals.reopen(raw_id) <= arrivals.MAX_TRIES:
        send(settings().lab_queue_url, {"raw_id": raw_id})
        metrics.add_metric("ReleasesRestarted", MetricUnit.Count, 1)
        return
    reason = arrivals.last_failure(raw_id) or "no step answered in time"
    send(settings().dead_letters_url, {"raw_id": raw_id, "reason": reason})
    arrivals.dead(raw_id, reason)
    logger.error("message-given-up", extra={"raw_id": raw_id, "reason": reason})


def send(queue_url: str, body: dict[str, str]) -> None:
    client("sqs").send_message(QueueUrl=queue_url, MessageBody=json.dumps(body))
