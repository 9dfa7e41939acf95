"""Messages in quarantine for want of a patient, released when the patient arrives.

waiting#<index key> / <raw id>: this message names this identifier, which nobody here has. Index
keys are `patients.identifier_key`'s. Whoever adds a patient releases what waits; `upkeep` looks
again from time to time, should that have died half-way.
"""

import json
from collections.abc import Iterable

from portal import arrivals
from portal.aws import client
from portal.moments import instant
from portal.settings import settings
from portal.tables import CareRow, ChartRow

WAITING, RELEASED = "waiting", "released"


def keep(raw_id: str, index_keys: Iterable[str]) -> None:
    for key in index_keys:
        CareRow(f"waiting#{key}", raw_id, state=WAITING).save()


def release(index_keys: Iterable[str]) -> int:
    """Back to the queue with what waited for one of these. Returns how many messages that were."""
    return sum(_release(row) for key in index_keys for row in _waiting_for(key))


def look_again() -> int:
    """At what is due to be looked at again. Returns how many messages went on."""
    due = CareRow.due_work.query(arrivals.WAITING, CareRow.due_at < instant(), limit=200)
    return sum(_looked(arrivals.raw_id_of(row)) for row in due)


def is_there(index_keys: Iterable[str]) -> bool:
    return any(ChartRow.find(key, "patient") is not None for key in index_keys)


def requeue(raw_id: str) -> None:
    """Another try from the start, whatever became of the earlier ones."""
    arrivals.resume(raw_id)
    enqueue(raw_id)


def enqueue(raw_id: str) -> None:
    body = json.dumps({"raw_id": raw_id})
    client("sqs").send_message(QueueUrl=settings().lab_queue_url, MessageBody=body)


def _looked(raw_id: str) -> bool:
    row = arrivals.ledger_row(raw_id)
    if is_there((row.waits_for or "").split()):
        requeue(raw_id)
        return True
    row.update([CareRow.due_at.set(arrivals.look_again_at())])
    return False


def _waiting_for(key: str) -> list[CareRow]:
    rows = CareRow.query(f"waiting#{key}", consistent_read=True)
    return [row for row in rows if row.state == WAITING]


def _release(row: CareRow) -> bool:
    """The message goes first: a crash in between sends it again, which changes nothing."""
    is_quarantined = arrivals.arrival(row.sk).state == arrivals.QUARANTINED
    if is_quarantined:
        requeue(row.sk)
    row.update([CareRow.state.set(RELEASED)])
    return is_quarantined
