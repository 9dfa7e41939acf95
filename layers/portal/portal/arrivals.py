"""The ledger of messages: each one that arrived, how far it came, and why it stopped.

`received -> carded | quarantined | dead`. An arrival not finished by its deadline is put back on
the queue by `upkeep`, so a step that dies silently loses nothing (EXPRESS workflows send no event
when they time out).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.exceptions import PutError
from pynamodb.expressions.update import Action

from portal.errors import Reason
from portal.moments import instant, now, parsed
from portal.tables import CareRow

KIND = "arrival"
DEADLINE_SECONDS = 120  # past the state machine's own time-out
MAX_TRIES = 3

RECEIVED, CARDED, QUARANTINED, DEAD = "received", "carded", "quarantined", "dead"


@dataclass(frozen=True)
class Arrival:
    raw_id: str
    state: str
    received_at: str
    tries: int


def received(raw_id: str, sender: str) -> Arrival:
    """Notes the first arrival of these bytes; a repeat is answered with the first one's facts."""
    row = CareRow(
        f"arrival#{raw_id}",
        "arrival",
        state=RECEIVED,
        kind=KIND,
        due_at=_deadline(now()),
        sender=sender,
        received_at=instant(),
        tries=0,
        steps={},
    )
    try:
        row.save(CareRow.pk.does_not_exist())
    except PutError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        return arrival(raw_id)
    return _arrival(row)


def arrival(raw_id: str) -> Arrival:
    return _arrival(_row(raw_id))


def is_known(raw_id: str) -> bool:
    return CareRow.find(f"arrival#{raw_id}", "arrival") is not None


def step_done(raw_id: str, step: str) -> None:
    _row(raw_id).update([CareRow.steps[step].set(instant())])


def started(raw_id: str, signed_off_at: str) -> None:
    _row(raw_id).update([CareRow.signed_off_at.set(signed_off_at)])


def carded(raw_id: str) -> None:
    _finish(raw_id, CARDED, [CareRow.reason.remove(), CareRow.detail.remove()])


def quarantined(raw_id: str, reason: Reason, detail: str) -> None:
    _finish(raw_id, QUARANTINED, [CareRow.reason.set(reason.value), CareRow.detail.set(detail)])


def dead(raw_id: str, reason: str) -> None:
    _finish(raw_id, DEAD, [CareRow.reason.set("dead"), CareRow.detail.set(reason)])


def reopen(raw_id: str) -> int:
    """Another try: back to `received` with a new deadline. Returns how many tries that makes."""
    row = _row(raw_id)
    row.update(
        [
            CareRow.state.set(RECEIVED),
            CareRow.kind.set(KIND),
            CareRow.due_at.set(_deadline(now())),
            CareRow.tries.set(int(row.tries or 0) + 1),
        ]
    )
    return int(row.tries or 0)


def failed(raw_id: str, step: str, error: str) -> None:
    """Notes why a try stopped; the arrival stays open for the next one. `error` is a class name."""
    _row(raw_id).update([CareRow.detail.set(f"{step}: {error}")])


def last_failure(raw_id: str) -> str:
    return _row(raw_id).detail or ""


def ages(raw_id: str) -> dict[str, float]:
    """Seconds until now since the lab's sign-off (where it is known) and since arrival."""
    row = _row(raw_id)
    since = {
        "ReleaseSeconds": parsed(row.signed_off_at or ""),
        "ReleaseSecondsFromArrival": parsed(row.received_at or ""),
    }
    return {name: (now() - moment).total_seconds() for name, moment in since.items() if moment}


def overdue() -> list[str]:
    """raw ids of arrivals past their deadline, oldest first."""
    rows = CareRow.due_work.query(KIND, CareRow.due_at < instant(), limit=200)
    return [row.pk.removeprefix("arrival#") for row in rows]


def _row(raw_id: str) -> CareRow:
    return CareRow.get(f"arrival#{raw_id}", "arrival", consistent_read=True)


def _finish(raw_id: str, state: str, actions: list[Action]) -> None:
    leave_index = [CareRow.kind.remove(), CareRow.due_at.remove()]
    _row(raw_id).update([CareRow.state.set(state), *leave_index, *actions])


def _deadline(since: datetime) -> str:
    return instant(since + timedelta(seconds=DEADLINE_SECONDS))


def _arrival(row: CareRow) -> Arrival:
    raw_id = row.pk.removeprefix("arrival#")
    return Arrival(raw_id, row.state, row.received_at or "", int(row.tries or 0))
