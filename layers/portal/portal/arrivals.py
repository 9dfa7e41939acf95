"""The ledger of messages: each one that arrived, how far it came, and why it stopped.

`received -> carded | filed | split | quarantined | dead`. An arrival not finished by its deadline
is put back on the queue by `upkeep`, so a step that dies silently loses nothing (EXPRESS workflows
send no event when they time out).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.exceptions import PutError
from pynamodb.expressions.update import Action

from portal.conditions import is_unmet
from portal.errors import Reason
from portal.moments import instant, now, parsed
from portal.tables import CareRow

KIND = "arrival"
QUARANTINE, WAITING = "quarantine", "waiting-arrival"
LOOK_AGAIN_SECONDS = 900
DEADLINE_SECONDS = 120  # past the state machine's own time-out
MAX_TRIES = 3

RECEIVED, CARDED, FILED, SPLIT = "received", "carded", "filed", "split"
QUARANTINED, DEAD = "quarantined", "dead"
FINISHED = frozenset({CARDED, FILED, SPLIT})


@dataclass(frozen=True)
class Arrival:
    raw_id: str
    state: str
    received_at: str
    tries: int
    rounds: int

    @property
    def execution(self) -> str:
        """Names a run of its workflow: the same try twice is one execution."""
        return f"{self.raw_id}-{self.rounds}-{self.tries}"


def received(raw_id: str, sender: str, part_of: str = "") -> Arrival:
    """Notes the first arrival of these bytes; a repeat is answered with the first one's facts.
    `part_of` is the raw id of the batch, or of the message with several patients."""
    row = CareRow(
        f"arrival#{raw_id}",
        "arrival",
        state=RECEIVED,
        kind=KIND,
        due_at=_deadline(now()),
        sender=sender,
        part_of=part_of or None,
        received_at=instant(),
        tries=0,
        steps={},
    )
    try:
        row.save(CareRow.pk.does_not_exist())
    except PutError as error:
        if not is_unmet(error):
            raise
        return arrival(raw_id)
    return _arrival(row)


def arrival(raw_id: str) -> Arrival:
    return _arrival(ledger_row(raw_id))


def sender_of(raw_id: str) -> str:
    return ledger_row(raw_id).sender or ""


def is_known(raw_id: str) -> bool:
    return CareRow.find(f"arrival#{raw_id}", "arrival") is not None


def step_done(raw_id: str, step: str) -> None:
    _note(raw_id, [CareRow.steps[step].set(instant())])


def started(raw_id: str, signed_off_at: str) -> None:
    _note(raw_id, [CareRow.signed_off_at.set(signed_off_at)])


def finished(raw_id: str, state: str) -> None:
    """`state`: carded, filed (a chart without a card) or split (its parts go on)."""
    _finish(raw_id, state, [CareRow.reason.remove(), CareRow.detail.remove()])


def quarantined(raw_id: str, reason: Reason, detail: str, waits_for: list[str]) -> None:
    """Stays in the index, for staff. `waits_for`: index keys of identifiers, any of which would
    let it go on by itself."""
    due_at = look_again_at() if waits_for else instant()
    _note(
        raw_id,
        [
            CareRow.state.set(QUARANTINED),
            CareRow.kind.set(WAITING if waits_for else QUARANTINE),
            CareRow.due_at.set(due_at),
            CareRow.waits_for.set(" ".join(waits_for)),
            CareRow.reason.set(reason.value),
            CareRow.detail.set(detail),
        ],
    )


def dead(raw_id: str, reason: str) -> None:
    _finish(raw_id, DEAD, [CareRow.reason.set("dead"), CareRow.detail.set(reason)])


def reopen(raw_id: str) -> int:
    """Another try: back to `received` with a new deadline. Returns how many tries that makes."""
    again: list[Action] = [
        CareRow.state.set(RECEIVED),
        CareRow.kind.set(KIND),
        CareRow.due_at.set(_deadline(now())),
        CareRow.tries.add(1),
    ]
    return int(_note(raw_id, again).tries or 0)


def resume(raw_id: str) -> Arrival:
    """From the start, by somebody's decision or because what it waited for has come."""
    resumed = _note(
        raw_id,
        [
            CareRow.state.set(RECEIVED),
            CareRow.kind.set(KIND),
            CareRow.due_at.set(_deadline(now())),
            CareRow.tries.set(0),
            CareRow.rounds.add(1),
            CareRow.steps.set({}),
        ],
    )
    return _arrival(resumed)


def failed(raw_id: str, step: str, error: str) -> None:
    """Notes why a try stopped; the arrival stays open for the next one. `error` is a class name."""
    _note(raw_id, [CareRow.detail.set(f"{step}: {error}")])


def last_failure(raw_id: str) -> str:
    return ledger_row(raw_id).detail or ""


def ages(raw_id: str) -> dict[str, float]:
    """Seconds until now since the lab's sign-off (where it is known) and since arrival."""
    row = ledger_row(raw_id)
    since = {
        "ReleaseSeconds": parsed(row.signed_off_at or ""),
        "ReleaseSecondsFromArrival": parsed(row.received_at or ""),
    }
    return {name: (now() - moment).total_seconds() for name, moment in since.items() if moment}


def overdue() -> list[str]:
    """raw ids of arrivals past their deadline, oldest first."""
    rows = CareRow.due_work.query(KIND, CareRow.due_at < instant(), limit=200)
    return list(map(raw_id_of, rows))


def raw_id_of(row: CareRow) -> str:
    return row.pk.removeprefix("arrival#")


def ledger_row(raw_id: str) -> CareRow:
    return CareRow.get(f"arrival#{raw_id}", "arrival", consistent_read=True)


def _note(raw_id: str, actions: list[Action]) -> CareRow:
    """Without reading first: there are ten of these to a message. An arrival that is not there
    is an UpdateError."""
    row = CareRow(f"arrival#{raw_id}", "arrival")
    row.update(actions=actions, condition=CareRow.pk.exists())
    return row


def _finish(raw_id: str, state: str, actions: list[Action]) -> None:
    leave_index = [CareRow.kind.remove(), CareRow.due_at.remove()]
    _note(raw_id, [CareRow.state.set(state), *leave_index, *actions])


def look_again_at() -> str:
    return instant(now() + timedelta(seconds=LOOK_AGAIN_SECONDS))


def _deadline(since: datetime) -> str:
    return instant(since + timedelta(seconds=DEADLINE_SECONDS))


def _arrival(row: CareRow) -> Arrival:
    return Arrival(
        raw_id_of(row), row.state, row.received_at or "", int(row.tries or 0), int(row.rounds or 0)
    )
