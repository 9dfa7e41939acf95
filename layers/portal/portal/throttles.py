"""Counters per window, shared by all functions. They fail closed: no store, no attempt."""

from datetime import timedelta

from portal.errors import TooMany
from portal.moments import now
from portal.tables import SessionRow

WINDOW_SECONDS = 900


def count(kind: str, who: str, limit: int) -> None:
    """`who` is a hash or blind index. Raises TooMany past `limit` in a quarter of an hour."""
    window, elapsed = divmod(int(now().timestamp()), WINDOW_SECONDS)
    row = SessionRow(f"throttle#{kind}#{who}", str(window))
    row.update(
        [
            SessionRow.tries.add(1),
            SessionRow.ends_at.set(now() + timedelta(seconds=2 * WINDOW_SECONDS)),
        ]
    )
    if int(row.tries or 0) > limit:
        raise TooMany(WINDOW_SECONDS - elapsed)
