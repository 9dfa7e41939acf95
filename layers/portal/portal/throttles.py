"""Counters per window, shared by all functions. They fail closed: no store, no attempt."""

from datetime import timedelta

from portal import audit
from portal.access import Visitor
from portal.audit import Event, Outcome
from portal.errors import TooMany
from portal.moments import now
from portal.tables import SessionRow

WINDOW_SECONDS = 900


def count(visitor: Visitor, kind: str, who: str, limit: int) -> None:
    """`who` is a hash or blind index. Past `limit` in a quarter of an hour it records the refusal
    and raises TooMany."""
    window, elapsed = divmod(int(now().timestamp()), WINDOW_SECONDS)
    row = SessionRow(f"throttle#{kind}#{who}", str(window))
    row.update(
        [
            SessionRow.tries.add(1),
            SessionRow.ends_at.set(now() + timedelta(seconds=2 * WINDOW_SECONDS)),
        ]
    )
    if int(row.tries or 0) > limit:
        why = f"too-many:{kind}"
        audit.record(Event.ACCESS_REFUSED, visitor, why=why, outcome=Outcome.REFUSED)
        raise TooMany(WINDOW_SECONDS - elapsed)
