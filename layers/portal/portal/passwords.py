"""Passwords, for those who insist: the only door to argon2.

A password is a first method, beside the link by e-mail: it lifts nothing, and so it is no factor of
`portal.factors`. Kept is its argon2id hash alone, sealed with the portal's key.

Parameters: the second recommended option of RFC 9106 section 4 (64 MiB, 3 passes, 4 lanes, 128-bit
salt, 256-bit tag), which lies above the least of OWASP's cheat sheet (19 MiB, 2 passes). A Lambda
process serves one request at a time, so of its 1024 MB one hash takes 64. A hash made with other
parameters is renewed when its password is next used.

Checking makes the same calls for a person with a password, one without, and nobody: an address must
not be told by time. That is why the portal's key seals it (a patient's own would be fetched from
KMS for those who have one only), and why nobody's password is compared with a hash of nothing.
Of those who share an address one may have a password (`functions.settings.password`): so there is
one hash to compare with, and one answer to whose it is.

    account#<patient id>   password   the hash
    guesses#<who>          password   wrong ones in a row
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY
from pynamodb.transactions import TransactGet

from portal import keys, user_accounts
from portal.moments import now
from portal.password_rules import normal
from portal.tables import SessionRow, connection

SK = "password"
AT_ONCE = 10  # as many as may share an address (portal.patient_search)
MOST_WRONG = (
    100  # in a row, then it opens nothing until a new one is set (NIST SP 800-63B-4, 3.2.2)
)
COUNTED_DAYS = 366
HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
NOBODYS = (  # of 256 random bits that were thrown away
    "$argon2id$v=19$m=65536,t=3,p=4$HALPtnpEabcez8o5DSpgdw$"
    "UFw5xfKgyXWzuJgjdvaoV+UxKfp3l46L950NXcq+Xrs"
)


@dataclass(frozen=True)
class Password:
    """Times are epoch seconds. `is_open`: not guessed at too often."""

    hash: str = field(repr=False)
    created_at: float
    used_at: float
    is_open: bool = True


def of(patient_id: str) -> Password | None:
    row = SessionRow.find(user_accounts.pk(patient_id), SK)
    if row is None:
        return None
    guesses = SessionRow.find(_guesses(patient_id).pk, SK)
    is_open = guesses is None or int(guesses.tries or 0) < MOST_WRONG
    return Password(_hash_in(row), float(row.created_at or 0), float(row.seen_at or 0), is_open)


def holders(patient_ids: list[str]) -> list[str]:
    """Which of these, ten at most, have one. It reads as many rows for one as for ten."""
    asked = (patient_ids + [f"nobody-{number}" for number in range(AT_ONCE)])[:AT_ONCE]
    with TransactGet(connection=connection()) as read:
        rows = [read.get(SessionRow, user_accounts.pk(each), SK) for each in asked]
    return [each for each, row in zip(asked, rows, strict=True) if _is_there(row)]


def keep(patient_id: str, password: str) -> None:
    """In place of an earlier one."""
    row = SessionRow(user_accounts.pk(patient_id), SK, created_at=now().timestamp())
    row.sealed = _sealed(row, HASHER.hash(normal(password)))
    row.save()
    _guesses(patient_id).delete()


def remove(patient_id: str) -> bool:
    """False when there is none."""
    row = SessionRow.find(user_accounts.pk(patient_id), SK)
    if row is not None:
        row.delete()
        _guesses(patient_id).delete()
    return row is not None


def is_right(who: str, password: str) -> bool:
    """`who`: a patient's id, or whatever stands for an address that is nobody's. Counts the try
    before looking, so that parallel guesses cannot outrun the limit."""
    row = SessionRow.find(user_accounts.pk(who), SK)
    guesses = _guesses(who)
    ends_at = now() + timedelta(days=COUNTED_DAYS)
    guesses.update([SessionRow.tries.add(1), SessionRow.ends_at.set(ends_at)])
    kept = _hash_in(row) if row is not None else NOBODYS
    is_same = is_hash_of(kept, password)
    return is_same and row is not None and int(guesses.tries or 0) <= MOST_WRONG


def used(patient_id: str, password: str) -> None:
    """After it was right: the count of wrong ones begins again."""
    row = SessionRow(user_accounts.pk(patient_id), SK)
    row.update([SessionRow.seen_at.set(now().timestamp())], SessionRow.pk.exists())
    if HASHER.check_needs_rehash(_hash_in(row)):
        renewed = _sealed(row, HASHER.hash(normal(password)))
        row.update([SessionRow.sealed.set(renewed)], SessionRow.sealed == row.sealed)
    _guesses(patient_id).delete()


def is_hash_of(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, normal(password))
    except VerifyMismatchError:
        return False


def _is_there(read: Any) -> bool:
    """PynamoDB's promise of a row."""
    try:
        read.get()
    except SessionRow.DoesNotExist:
        return False
    return True


def _guesses(who: str) -> SessionRow:
    return SessionRow(f"guesses#{who}", SK)


def _sealed(row: SessionRow, text: str) -> bytes:
    return keys.seal(keys.PORTAL, f"{row.pk}#{SK}", text)


def _hash_in(row: SessionRow) -> str:
    return str(keys.unseal(keys.PORTAL, f"{row.pk}#{SK}", row.sealed or b""))
