"""What sessions of patients and of staff have in common: when one is over, and that it was seen."""

from pynamodb.exceptions import UpdateError

from portal.conditions import is_unmet
from portal.moments import now
from portal.tables import SessionRow

TOUCH_SECONDS = 20  # a session is marked as seen at most this often


def is_over(row: SessionRow, idle_seconds: int, longest_seconds: int) -> bool:
    moment = now().timestamp()
    is_idle = moment > float(row.seen_at or 0) + idle_seconds
    return is_idle or moment > float(row.created_at or 0) + longest_seconds


def touch(row: SessionRow) -> bool:
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
