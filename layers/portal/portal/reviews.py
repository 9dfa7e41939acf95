"""What staff must look at: a row of the care table, with a deadline, until somebody closed it.

`open -> taken -> closed`. Taken is owned: nobody else closes it, unless its deadline has passed and
they take it over. A closed row keeps who closed it and what they found, and leaves the index. Each
step is written together with its audit row.

Each kind of work is a queue of its own on the index of due work (`portal.review_queues`), so that
nobody's page reads rows that are not theirs to work.

<patient id> / review#<id>    the event, its state, owner and deadline; words about it are sealed
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from portal import keys
from portal.audit import Event
from portal.conditions import is_cancelled
from portal.moments import fresh_id, instant, now
from portal.roles import Role
from portal.staff_access import DESK, WATCH
from portal.tables import AuditRow, CareRow, connection

PREFIX = "review#"
OPEN, TAKEN, CLOSED = "open", "taken", "closed"
DUE = timedelta(days=1)
WATCHED = "review"
WORKED_BY: dict[str, frozenset[Role]] = {  # the queues, by the `kind` of their rows
    WATCHED: WATCH,
    "review-emergency": frozenset({Role.PRIVACY_OFFICER}),
    "review-desk": DESK | {Role.PRIVACY_OFFICER},
}
QUEUE_OF: dict[str, str] = {
    Event.BREAK_GLASS_OPENED: "review-emergency",
    Event.REGISTRATION_UNREACHABLE: "review-desk",
    Event.PROXY_ASKED: "review-desk",
    Event.PROXIES_OF_MERGED: "review-desk",
    Event.INTERPRETER_ASKED: "review-desk",
}


@dataclass(frozen=True)
class Review:
    """Times are FHIR instants. `staff_id`: of staff it is about; `owner`: who took it."""

    patient_id: str
    number: str
    event: str
    state: str
    asked_at: str
    due_at: str
    detail: str
    owner: str
    staff_id: str
    told: dict[str, str] = field(default_factory=dict, repr=False)  # of one that was found by id

    @property
    def review_id(self) -> str:
        return f"{self.patient_id}-{self.number}"

    @property
    def place(self) -> str:
        """Where it stands: by deadline, and among those due at one moment by id."""
        return f"{self.due_at}~{self.review_id}"

    @property
    def is_overdue(self) -> bool:
        return self.state != CLOSED and self.due_at <= instant()

    def is_for(self, subject_id: str, roles: frozenset[Role]) -> bool:
        """Nobody judges what they did themselves."""
        workers = WORKED_BY[QUEUE_OF.get(self.event, WATCHED)]
        return not workers.isdisjoint(roles) and self.staff_id != subject_id


def new_row(
    patient_id: str,
    event: Event,
    detail: str = "",
    *,
    staff_id: str = "",
    told: dict[str, str] | None = None,
) -> CareRow:
    """To be saved with what it is about. `detail` is for staff and names nobody; `told` may."""
    sk = f"{PREFIX}{fresh_id()}"
    return CareRow(
        patient_id,
        sk,
        state=OPEN,
        kind=QUEUE_OF.get(event, WATCHED),
        due_at=instant(now() + DUE),
        received_at=instant(),
        reason=event.value,
        detail=detail or None,
        staff_id=staff_id or None,
        sealed=keys.seal(patient_id, sk, told) if told else None,
        steps={},
    )


def ask(patient_id: str, event: Event, detail: str = "") -> None:
    new_row(patient_id, event, detail).save(CareRow.pk.does_not_exist())


def find(review_id: str) -> Review | None:
    patient_id, _, number = review_id.rpartition("-")
    row = CareRow.find(patient_id, f"{PREFIX}{number}")
    if row is None:
        return None
    told = keys.unseal(row.pk, row.sk, row.sealed) if row.sealed else {}
    return of_row(row, told)


def is_free(review: Review) -> bool:
    """Whether it can be taken, or taken over."""
    return review.state == OPEN or (review.state == TAKEN and review.is_overdue)


def take(review: Review, owner: str, entry: AuditRow) -> bool:
    """False when somebody else was first."""
    is_late = (CareRow.state == TAKEN) & (CareRow.due_at <= instant())
    actions = [CareRow.state.set(TAKEN), CareRow.owner.set(owner)]
    return _written(review, actions, (CareRow.state == OPEN) | is_late, entry)


def close(review: Review, owner: str, finding: str, entry: AuditRow) -> bool:
    """False when it is not theirs, or closed already."""
    sk = f"{PREFIX}{review.number}"
    sealed = keys.seal(review.patient_id, sk, review.told | {"finding": finding})
    actions = [
        CareRow.state.set(CLOSED),
        CareRow.sealed.set(sealed),
        CareRow.kind.remove(),
        CareRow.due_at.remove(),
    ]
    is_theirs = (CareRow.state == TAKEN) & (CareRow.owner == owner)
    return _written(review, actions, is_theirs, entry)


def _written(
    review: Review, actions: Sequence[Action], condition: Condition, entry: AuditRow
) -> bool:
    row = CareRow(review.patient_id, f"{PREFIX}{review.number}")
    try:
        with TransactWrite(connection=connection()) as write:
            write.update(row, list(actions), condition=condition)
            write.save(entry, condition=AuditRow.pk.does_not_exist())
    except TransactWriteError as error:
        if not is_cancelled(error):
            raise
        return False
    return True


def of_row(row: CareRow, told: dict[str, str] | None = None) -> Review:
    return Review(
        patient_id=row.pk,
        number=row.sk.removeprefix(PREFIX),
        event=row.reason or "",
        state=row.state,
        asked_at=row.received_at or "",
        due_at=row.due_at or "",
        detail=row.detail or "",
        owner=row.owner or "",
        staff_id=row.staff_id or "",
        told=told or {},
    )
