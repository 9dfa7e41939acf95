"""How somebody takes up an invitation to another's record: the link that was mailed to them, and
six digits that the inviter tells them by another way. Seven days, five tries, once.

join#<hash of the token> / join    whose record, which grant, the code's hash. A try with a token of
                                   nobody's makes a row, too: it is counted as any other
"""

from dataclasses import dataclass, field
from datetime import timedelta

from portal import grants
from portal.granting import Grant, GrantState
from portal.moments import now
from portal.secrets_kept import hashed, same, short_code, token
from portal.settings import settings
from portal.tables import SessionRow

SK = "join"
LIFE = timedelta(days=7)
MAX_TRIES = 5


class NoInvitation(Exception):
    """Unknown, used, withdrawn, too old, tried too often, or the wrong code: all the same."""


@dataclass(frozen=True)
class Join:
    """Shown once: we keep hashes."""

    token: str = field(repr=False)
    code: str = field(repr=False)

    @property
    def link(self) -> str:
        return f"{settings().portal_url}/family/join/{self.token}"


@dataclass(frozen=True)
class Opened:
    """A right code's. `row` is to be deleted where the grant is kept as accepted."""

    grant: Grant
    row: SessionRow


def new() -> Join:
    return Join(token(128), short_code())


def row_of(join: Join, grant: Grant) -> SessionRow:
    return SessionRow(
        _pk(join.token),
        SK,
        patient_id=grant.patient_id,
        grant=grant.grant_id,
        code=_hash(join.token, join.code),
        tries=0,
        ends_at=now() + LIFE,
    )


def opened(link_token: str, code: str) -> Opened:
    """Counts the try before looking, so that parallel guesses cannot outrun the limit. Raises
    NoInvitation."""
    row = SessionRow(_pk(link_token), SK)
    ends_at = SessionRow.ends_at.set(SessionRow.ends_at | (now() + LIFE))
    row.update([SessionRow.tries.add(1), ends_at])  # it reads the row, too
    is_right = same(row.code or "", _hash(link_token, code))
    is_over = row.ends_at is None or row.ends_at <= now() or int(row.tries or 0) > MAX_TRIES
    if is_over or not is_right:
        raise NoInvitation
    grant = grants.find(row.patient_id or "", row.grant or "")
    if grant is None or grant.state is not GrantState.INVITED or _is_past(grant):
        raise NoInvitation
    return Opened(grant, row)


def _is_past(grant: Grant) -> bool:
    return grant.ends_at is not None and grant.ends_at <= now()


def _pk(link_token: str) -> str:
    return f"join#{hashed(link_token)}"


def _hash(link_token: str, code: str) -> str:
    """Bound to the link: a six-digit hash alone could be looked up."""
    return hashed(f"{link_token}\0{code}")
