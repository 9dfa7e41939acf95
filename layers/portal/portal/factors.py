"""Second factors of an account: a passkey, an app, a phone, codes on paper.

What a factor needs to be checked is sealed with the patient's key. Each change ends the account's
other sessions, forgets its other remembered devices, and is told by every channel: `changed`.

account#<patient id>
    factor#<kind>#<id>   name, secret (sealed), counter; tries: wrong codes in a row
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from portal import devices, keys, outbox, sessions, user_accounts
from portal.access import Caller
from portal.audit import Event
from portal.conditions import UNMET, is_cancelled, is_unmet
from portal.errors import Conflict
from portal.methods import Method
from portal.moments import fresh_id, now
from portal.secrets_kept import hashed
from portal.tables import SessionRow, connection

MOST = 20  # of an account; nobody needs more
MOST_WRONG = 100  # in a row, then it opens nothing any more (NIST SP 800-63B-4, 3.2.2)


class TooManyFactors(Conflict):
    pass


@dataclass(frozen=True)
class Factor:
    """`secret` is what checks it: a public key, a shared secret, hashes. Times: epoch seconds.
    `wrong`: codes in a row, of a kind that can be guessed."""

    kind: Method
    name: str
    secret: dict[str, Any] = field(repr=False)
    factor_id: str = field(default_factory=fresh_id)
    created_at: float = 0
    used_at: float = 0
    counter: int = 0
    wrong: int = 0

    @property
    def is_open(self) -> bool:
        return self.wrong < MOST_WRONG

    @property
    def sk(self) -> str:
        return f"factor#{self.kind}#{self.factor_id}"


def of(patient_id: str, kind: Method | None = None) -> list[Factor]:
    """Oldest first."""
    prefix = f"factor#{kind}#" if kind else "factor#"
    found = [_factor(row) for row in user_accounts.rows(patient_id, prefix)]
    return sorted(found, key=lambda each: each.created_at)


def find(patient_id: str, factor_id: str) -> Factor | None:
    return next((each for each in of(patient_id) if each.factor_id == factor_id), None)


def add(patient_id: str, factor: Factor, *also: SessionRow) -> None:
    """`also`: rows saved in the same transaction. Raises TooManyFactors."""
    rows = (_row(patient_id, factor), *also)
    try:
        with TransactWrite(connection=connection()) as write:
            _save(write, patient_id, rows, _has_room())
    except TransactWriteError as error:
        if is_cancelled(error) and _is_full(error):
            raise TooManyFactors from error
        raise


def add_and_rise(cookie: str, patient_id: str, factor: Factor, *also: SessionRow) -> str:
    """It was shown just now, so the session rises with it: its new cookie. Neither is there without
    the other. Raises SignInNeeded when the session or the account changed meanwhile."""
    account = user_accounts.of(patient_id)
    rows = (_row(patient_id, factor), *also)
    is_same = _has_room() & user_accounts.is_same(account)
    return sessions.rise(cookie, factor.kind, lambda write: _save(write, patient_id, rows, is_same))


def remove(patient_id: str, factor: Factor, *also: SessionRow) -> bool:
    """False when it is gone already. `also`: rows deleted with it."""
    row = SessionRow(user_accounts.pk(patient_id), factor.sk)
    try:
        with TransactWrite(connection=connection()) as write:
            write.update(user_accounts.row(patient_id), [SessionRow.factors.add(-1)])
            write.delete(row, condition=SessionRow.pk.exists())
            for each in also:
                write.delete(each)
    except TransactWriteError as error:
        if not is_cancelled(error):
            raise
        return False
    return True


def use(patient_id: str, factor: Factor, counter: int) -> bool:
    """Marks it as used. `counter` only grows: False when it was reached before, here or meanwhile
    (a replay)."""
    noted = [*_just_used(), SessionRow.counter.set(counter)]
    is_new, is_as_read = counter > factor.counter, SessionRow.counter == factor.counter
    return is_new and updated(patient_id, factor, noted, is_as_read) is not None


def shown(patient_id: str, factor: Factor) -> bool:
    """Marks it as used, of a kind whose codes are spent elsewhere. False when it was removed."""
    return updated(patient_id, factor, _just_used(), SessionRow.pk.exists()) is not None


def updated(
    patient_id: str, factor: Factor, actions: list[Action], condition: Condition
) -> SessionRow | None:
    """The row as it is now; None where the condition did not hold."""
    row = SessionRow(user_accounts.pk(patient_id), factor.sk)
    try:
        row.update(actions, condition)
    except UpdateError as error:
        if not is_unmet(error):
            raise
        return None
    return row


def changed(caller: Caller, event: Event) -> None:
    """Whoever else is signed in must show the new factor, and the owner is told everywhere."""
    sessions.end_others(caller.patient_id, hashed(caller.session_cookie))
    devices.forget_others(caller.patient_id, caller.device_cookie)
    outbox.tell_account(caller.patient_id, event)


def _just_used() -> list[Action]:
    return [SessionRow.seen_at.set(now().timestamp()), SessionRow.tries.remove()]


def _save(
    write: TransactWrite, patient_id: str, rows: Sequence[SessionRow], condition: Condition
) -> None:
    """`condition`: of the account."""
    account = user_accounts.row(patient_id)
    write.update(account, [SessionRow.factors.add(1)], condition=condition)
    for each in rows:
        write.save(each, condition=SessionRow.pk.does_not_exist())


def _has_room() -> Condition:
    has_room: Condition = SessionRow.factors.does_not_exist() | (SessionRow.factors < MOST)
    return has_room


def _is_full(error: TransactWriteError) -> bool:
    """Reasons stand in the order in which PynamoDB sends the parts: updates last."""
    last = error.cancellation_reasons[-1]
    return last is not None and last.code == UNMET


def _row(patient_id: str, factor: Factor) -> SessionRow:
    return SessionRow(
        user_accounts.pk(patient_id),
        factor.sk,
        name=factor.name,
        sealed=keys.seal(patient_id, factor.sk, factor.secret),
        counter=factor.counter,
        created_at=now().timestamp(),
    )


def _factor(row: SessionRow) -> Factor:
    _, kind, factor_id = row.sk.split("#")
    patient_id = row.pk.removeprefix("account#")
    return Factor(
        Method(kind),
        row.name or "",
        keys.unseal(patient_id, row.sk, row.sealed or b""),
        factor_id,
        float(row.created_at or 0),
        float(row.seen_at or 0),
        int(row.counter or 0),
        int(row.tries or 0),
    )
