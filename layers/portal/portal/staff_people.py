"""Who signed in as staff, and with which roles: what the access review is made from.

staff / <subject id>    name (sealed), roles, generation, newest sign-in; kept

The subject id tells nothing outside: it is made from the issuer and the provider's own id. The
roles here are what the provider said last; every request asks for them, so that a role taken away
is gone from open sessions too, and `generation` ends them all at once.
"""

from dataclasses import dataclass, field

from pynamodb.exceptions import UpdateError

from portal import keys
from portal.conditions import is_unmet
from portal.moments import now
from portal.roles import Role
from portal.staff_access import joined, split
from portal.tables import SessionRow

PK = "staff"


@dataclass(frozen=True)
class Person:
    """`seen_at` is the newest sign-in, in epoch seconds; 0 where the row does not say."""

    subject_id: str
    name: str = field(repr=False)
    roles: frozenset[Role]
    generation: int
    seen_at: float
    is_readable: bool = True  # False: the row was changed, moved, or written by half


def subject_id(issuer: str, sub: str) -> str:
    return f"staff-{keys.blind('staff', f'{issuer}\0{sub}')[:32]}"


def of(subject_id: str) -> Person | None:
    """None for a row that cannot be read, too: no session of theirs counts until they sign in
    again, which writes it anew."""
    row = SessionRow.find(PK, subject_id) if subject_id else None
    person = _person(row) if row else None
    return person if person and person.is_readable else None


def everyone() -> list[Person]:
    """By name; first those whose rows cannot be read."""
    found = map(_person, SessionRow.query(PK, consistent_read=True))
    return sorted(found, key=lambda each: (each.name.casefold(), each.subject_id))


def signed_in(subject_id: str, name: str, roles: frozenset[Role]) -> Person:
    """What their provider says of them now."""
    row = SessionRow(PK, subject_id)
    row.update(
        [
            SessionRow.sealed.set(keys.seal(keys.PORTAL, _address(subject_id), name)),
            SessionRow.roles.set(joined(roles)),
            SessionRow.seen_at.set(now().timestamp()),
        ]
    )
    return _person(row)


def dismissed(subject_id: str) -> None:
    """The provider names no role of ours any more."""
    _change(subject_id, takes_roles=True)


def end_sessions(subject_id: str) -> bool:
    """False when nobody of that id ever signed in."""
    return _change(subject_id, takes_roles=False)


def _change(subject_id: str, *, takes_roles: bool) -> bool:
    actions = [SessionRow.generation.add(1)]
    roles = [SessionRow.roles.remove()] if takes_roles else []
    try:
        SessionRow(PK, subject_id).update([*actions, *roles], SessionRow.pk.exists())
    except UpdateError as error:
        if not is_unmet(error):
            raise
        return False
    return True


def _person(row: SessionRow) -> Person:
    name = _name(row)
    generation, seen_at = int(row.generation or 0), float(row.seen_at or 0)
    roles, is_readable = split(row.roles or ""), name is not None
    return Person(row.sk, name or "", roles, generation, seen_at, is_readable)


def _name(row: SessionRow) -> str | None:
    try:
        return str(keys.unseal(keys.PORTAL, _address(row.sk), row.sealed or b""))
    except keys.UNREADABLE:
        return None


def _address(subject_id: str) -> str:
    return f"{PK}#{subject_id}"
