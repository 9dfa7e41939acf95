"""Staff's sessions: of their own kind, with a cookie and rows of their own.

staff-session#<hash> / session    subject id, roles, acr, when they signed in at their provider

Idle for at most 15 minutes, eight hours in all (a shift). Freshness counts from when the provider
asked for their factors, not from when they came back to us.
"""

from dataclasses import dataclass
from datetime import timedelta

from portal import session_rows, staff_people
from portal.moments import now
from portal.roles import Role
from portal.secrets_kept import hashed, token
from portal.staff_access import StaffStanding, joined, split
from portal.staff_people import Person
from portal.tables import SessionRow

IDLE_SECONDS = 15 * 60
LONGEST_SECONDS = 8 * 3600
FRESH_SECONDS = 10 * 60


@dataclass(frozen=True)
class StaffSession:
    person: Person
    roles: frozenset[Role]
    standing: StaffStanding


def open_for(person: Person, acr: str, signed_in_at: float) -> str:
    """The cookie of a fresh session. `person` as read before: who is signed out everywhere at this
    moment opens a session that is void. `signed_in_at` is epoch seconds."""
    cookie, moment = token(256), now()
    SessionRow(
        _key(cookie),
        "session",
        subject_id=person.subject_id,
        roles=joined(person.roles),
        generation=person.generation,
        acr=acr or None,
        created_at=moment.timestamp(),
        seen_at=moment.timestamp(),
        proven_at=signed_in_at,
        ends_at=moment + timedelta(seconds=LONGEST_SECONDS),
    ).save(SessionRow.pk.does_not_exist())
    return cookie


def live(cookie: str) -> StaffSession | None:
    """The session of this cookie, marked as seen now; None when ended, idle or unknown. Its roles
    are those it was opened with that are still theirs."""
    row = SessionRow.find(_key(cookie), "session") if cookie else None
    if row is None or session_rows.is_over(row, IDLE_SECONDS, LONGEST_SECONDS):
        return None
    person = staff_people.of(row.subject_id or "")
    if person is None or person.generation != int(row.generation or 0):
        return None
    if not session_rows.touch(row):
        return None
    roles = split(row.roles or "") & person.roles
    is_fresh = now().timestamp() <= float(row.proven_at or 0) + FRESH_SECONDS
    return StaffSession(person, roles, StaffStanding(is_fresh=is_fresh))


def end(cookie: str) -> None:
    """Ending what has ended, or never was, changes nothing."""
    if cookie:
        SessionRow(_key(cookie), "session").delete()


def _key(cookie: str) -> str:
    return f"staff-session#{hashed(cookie)}"
