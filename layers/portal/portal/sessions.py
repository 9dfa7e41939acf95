"""Sessions: a random cookie whose hash is a row, idle for at most 15 minutes.

The account row holds `valid_from`; moving it forward ends every earlier session at once.
"""

from dataclasses import dataclass
from datetime import timedelta

from pynamodb.exceptions import DeleteError, UpdateError

from portal.access import Assurance
from portal.conditions import is_unmet
from portal.moments import now
from portal.secrets_kept import hashed
from portal.tables import SessionRow

IDLE_SECONDS = 15 * 60
LONGEST_SECONDS = 12 * 3600
TOUCH_SECONDS = 20  # a session is marked as seen at most this often


@dataclass(frozen=True)
class Session:
    patient_id: str
    assurance: Assurance


def new_row(cookie: str, patient_id: str, assurance: Assurance) -> SessionRow:
    """To be saved together with the spending of what it was opened with."""
    moment = now()
    return SessionRow(
        f"session#{hashed(cookie)}",
        "session",
        patient_id=patient_id,
        assurance=int(assurance),
        created_at=moment.timestamp(),
        seen_at=moment.timestamp(),
        ends_at=moment + timedelta(seconds=LONGEST_SECONDS),
    )


def live(cookie: str) -> Session | None:
    """The session of this cookie, marked as seen now; None when ended, idle or unknown."""
    row = SessionRow.find(f"session#{hashed(cookie)}", "session") if cookie else None
    if row is None or _is_over(row) or not _touch(row):
        return None
    return Session(row.patient_id or "", Assurance(int(row.assurance or 0)))


def end(cookie: str) -> None:
    """Ending what has ended, or never was, changes nothing."""
    try:
        SessionRow(f"session#{hashed(cookie)}", "session").delete(SessionRow.pk.exists())
    except DeleteError as error:
        if not is_unmet(error):
            raise


def end_all(patient_id: str) -> None:
    """The newest link dies too: it may be open on the phone that was stolen."""
    account = SessionRow(f"account#{patient_id}", "account")
    account.update([SessionRow.valid_from.set(now().timestamp()), SessionRow.newest.remove()])


def _is_over(row: SessionRow) -> bool:
    moment = now().timestamp()
    created_at = float(row.created_at or 0)
    if moment > float(row.seen_at or 0) + IDLE_SECONDS or moment > created_at + LONGEST_SECONDS:
        return True
    account = SessionRow.find(f"account#{row.patient_id}", "account")
    return account is not None and float(account.valid_from or 0) >= created_at


def _touch(row: SessionRow) -> bool:
    """False when the session was ended meanwhile: a sign-out must not be undone by a view."""
    if now().timestamp() < float(row.seen_at or 0) + TOUCH_SECONDS:
        return True
    try:
        row.update([SessionRow.seen_at.set(now().timestamp())], SessionRow.pk.exists())
    except UpdateError as error:
        if not is_unmet(error):
            raise
        return False
    return True
