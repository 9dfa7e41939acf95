"""Second factors of an account: a passkey, an app, a phone, codes on paper.

What a factor needs to be checked is sealed with the patient's key. Each change ends the account's
other sessions, forgets its other remembered devices, and is told by every channel: `changed`.
"""

from dataclasses import dataclass, field
from typing import Any

from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite

from portal import devices, keys, outbox, sessions, user_accounts
from portal.access import Caller
from portal.audit import Event
from portal.conditions import is_cancelled, is_unmet
from portal.methods import Method
from portal.moments import fresh_id, now
from portal.secrets_kept import hashed
from portal.tables import SessionRow, connection

MOST = 20  # of an account; nobody needs more


class TooManyFactors(Exception):
    pass


@dataclass(frozen=True)
class Factor:
    """`secret` is what checks it: a public key, a shared secret, hashes. Times: epoch seconds."""

    kind: Method
    name: str
    secret: dict[str, Any] = field(repr=False)
    factor_id: str = field(default_factory=fresh_id)
    created_at: float = 0
    used_at: float = 0
    counter: int = 0

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
    if user_accounts.of(patient_id).factors >= MOST:
        raise TooManyFactors
    moment = now().timestamp()
    row = SessionRow(
        user_accounts.pk(patient_id),
        factor.sk,
        name=factor.name,
        sealed=keys.seal(patient_id, factor.sk, factor.secret),
        counter=factor.counter,
        created_at=moment,
    )
    with TransactWrite(connection=connection()) as write:
        write.update(user_accounts.row(patient_id), [SessionRow.factors.add(1)])
        for each in (row, *also):
            write.save(each, condition=SessionRow.pk.does_not_exist())


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
    if counter <= factor.counter:
        return False
    row = SessionRow(user_accounts.pk(patient_id), factor.sk)
    seen = SessionRow.seen_at.set(now().timestamp())
    try:
        row.update([seen, SessionRow.counter.set(counter)], SessionRow.counter == factor.counter)
    except UpdateError as error:
        if not is_unmet(error):
            raise
        return False
    return True


def changed(caller: Caller, event: Event) -> None:
    """Whoever else is signed in must show the new factor, and the owner is told everywhere."""
    sessions.end_others(caller.patient_id, hashed(caller.session_cookie))
    devices.forget_others(caller.patient_id, caller.device_cookie)
    outbox.tell_account(caller.patient_id, event)


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
    )
