"""Reading without a connection, on a device whose owner said yes (decision 0018).

The key that opens what the browser keeps has two halves. This one belongs to the session and is
handed to it alone; the other never leaves the browser. What is left on a disk after the session
has ended opens with neither.
"""

from dataclasses import dataclass

from pynamodb.exceptions import UpdateError

from portal.access import Caller
from portal.conditions import is_unmet
from portal.errors import SignInNeeded
from portal.granting import Relation
from portal.secrets_kept import hashed, token
from portal.sessions import LONGEST_SECONDS
from portal.tables import SessionRow

COOKIE = "offline"
ONE_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True)
class Half:
    """`text`: 256 bits. `until`: epoch seconds, the session's last moment."""

    text: str
    until: float


def mark(patient_id: str) -> str:
    """Of a person's pages. It says nothing of who it is, and is the same each time."""
    return hashed(f"page\0{patient_id}")[:22]


def may_keep(caller: Caller) -> bool:
    """Their own record, and a device that is not shared."""
    is_own = caller.relation is Relation.SELF and not caller.is_preview
    return is_own and not caller.is_shared


def is_on(caller: Caller) -> bool:
    """Whether this person said yes on this device."""
    return may_keep(caller) and caller.offline_cookie == mark(caller.subject_id)


def session_mark(caller: Caller) -> str:
    """Changes with the session, so that the browser asks for the new key."""
    return hashed(f"offline\0{caller.session_cookie}")[:22]


def half(session_cookie: str) -> Half:
    """The same for the whole session. Raises SignInNeeded when it ended meanwhile."""
    row = SessionRow(f"session#{hashed(session_cookie)}", "session")
    made = SessionRow.offline_half.set(SessionRow.offline_half | token(256))
    try:
        row.update([made], SessionRow.pk.exists())
    except UpdateError as error:
        if not is_unmet(error):
            raise
        raise SignInNeeded from error
    return Half(row.offline_half or "", float(row.created_at or 0) + LONGEST_SECONDS)
