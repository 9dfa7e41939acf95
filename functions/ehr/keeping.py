"""What was taken, kept: each part with its bytes, its arrival, and its place on the queue."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import batched

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from functions.ehr.verdicts import Fate, Verdict

from portal import arrivals, audit, objects
from portal.access import Visitor
from portal.arrivals import Arrival
from portal.audit import Event, Outcome
from portal.aws import client
from portal.errors import Reason, Unavailable
from portal.settings import settings

AT_ONCE = 8  # stores answer in tens of milliseconds, API Gateway waits 29 seconds
MOST_IN_A_BATCH = 10  # of SQS


@dataclass(frozen=True)
class Part:
    """One message about one patient."""

    raw: bytes
    verdict: Verdict


def keep(parts: Sequence[Part], charset: str, sender: str, whole: bytes) -> dict[bytes, Arrival]:
    """By the bytes of each part. Nothing is acknowledged unless all of this was done; doing it
    again changes nothing."""
    kept = [part for part in parts if part.verdict.fate is not Fate.LEFT]
    whole_id = "" if [part.raw for part in parts] == [whole] else objects.raw_id(whole)
    one = partial(_kept, charset=charset, sender=sender, part_of=whole_id)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(one, kept)) if len(kept) > 1 else [one(part) for part in kept]
    enqueue([part for part in kept if part.verdict.fate is Fate.QUEUED])
    if whole_id and kept:
        objects.keep_raw(whole, charset)
        arrivals.received(whole_id, sender)
        arrivals.finished(whole_id, arrivals.SPLIT)
    return {part.raw: arrival for part, arrival in zip(kept, found, strict=True)}


def _kept(part: Part, charset: str, sender: str, part_of: str) -> Arrival:
    return arrivals.received(objects.keep_raw(part.raw, charset), sender, part_of)


def enqueue(parts: Sequence[Part]) -> None:
    for some in batched(parts, MOST_IN_A_BATCH, strict=False):
        entries = [
            {"Id": str(n), "MessageBody": json.dumps({"raw_id": objects.raw_id(part.raw)})}
            for n, part in enumerate(some)
        ]
        answer = client("sqs").send_message_batch(
            QueueUrl=settings().lab_queue_url, Entries=entries
        )
        if answer.get("Failed"):
            raise Unavailable


def put_aside(part: Part, arrival: Arrival, visitor: Visitor) -> None:
    """With its reason. What staff sent on its way meanwhile is left alone."""
    if arrival.state != arrivals.RECEIVED or part.verdict.fate is not Fate.ASIDE:
        return
    (problem,) = part.verdict.problems
    row = audit.row(
        Event.MESSAGE_QUARANTINED,
        actor=audit.PORTAL,
        about=arrival.raw_id,
        why=Reason.BAD_HEADER.value,
        request_id=visitor.request_id,
        outcome=Outcome.REFUSED,
    )
    audit.save(row)
    arrivals.quarantined(arrival.raw_id, Reason.BAD_HEADER, problem.words, [])
    fixed = {"service": "portal"}
    with single_metric(
        "Quarantined", MetricUnit.Count, 1, namespace="Portal", default_dimensions=fixed
    ):
        pass
