"""Remembered devices: a cookie of its own, for 90 days, that stands in for the second factor."""

from dataclasses import dataclass
from datetime import timedelta

from pynamodb.exceptions import UpdateError

from portal import user_accounts
from portal.access import Visitor
from portal.conditions import is_unmet
from portal.moments import now
from portal.secrets_kept import hashed, token
from portal.tables import SessionRow

LIFE_SECONDS = 90 * 24 * 3600


@dataclass(frozen=True)
class Device:
    """Times are epoch seconds."""

    device_id: str
    name: str
    country: str
    created_at: float
    seen_at: float


def remember(patient_id: str, visitor: Visitor) -> str:
    """The cookie to set."""
    cookie, moment = token(256), now()
    SessionRow(
        user_accounts.pk(patient_id),
        _sk(hashed(cookie)),
        name=visitor.agent or None,
        country=visitor.country or None,
        generation=user_accounts.of(patient_id).generation,
        created_at=moment.timestamp(),
        seen_at=moment.timestamp(),
        ends_at=moment + timedelta(seconds=LIFE_SECONDS),
    ).save(SessionRow.pk.does_not_exist())
    return cookie


def is_remembered(patient_id: str, cookie: str) -> bool:
    """Marks it as seen. Signing out everywhere forgets every device."""
    row = SessionRow.find(user_accounts.pk(patient_id), _sk(hashed(cookie))) if cookie else None
    if row is None or row.ends_at is None or row.ends_at <= now():
        return False
    if int(row.generation or 0) != user_accounts.of(patient_id).generation:
        return False
    try:
        row.update([SessionRow.seen_at.set(now().timestamp())], SessionRow.pk.exists())
    except UpdateError as error:
        if not is_unmet(error):
            raise
        return False
    return True


def of(patient_id: str) -> list[Device]:
    """The newest first."""
    generation = user_accounts.of(patient_id).generation
    rows = [
        row
        for row in user_accounts.rows(patient_id, "device#")
        if int(row.generation or 0) == generation and row.ends_at and row.ends_at > now()
    ]
    return sorted(map(_device, rows), key=lambda each: -each.created_at)


def drop(patient_id: str, device_id: str) -> bool:
    """False when this patient has no such device."""
    row = SessionRow.find(user_accounts.pk(patient_id), _sk(device_id))
    if row is not None:
        row.delete()
    return row is not None


def forget_others(patient_id: str, cookie: str) -> None:
    for each in of(patient_id):
        if each.device_id != hashed(cookie):
            drop(patient_id, each.device_id)


def _sk(device_id: str) -> str:
    return f"device#{device_id}"


def _device(row: SessionRow) -> Device:
    device_id = row.sk.removeprefix("device#")
    made, seen = float(row.created_at or 0), float(row.seen_at or 0)
    return Device(device_id, row.name or "", row.country or "", made, seen)
