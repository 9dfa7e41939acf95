"""Sessions: a random cookie whose hash is a row, idle for at most 15 minutes, and a second row that
lists it under the account. Each rise (another factor shown) is a new cookie. A session of an
earlier `generation` of the account is void, also one that was being opened at that moment.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from portal import acting, session_rows, user_accounts
from portal.access import Standing, Visitor
from portal.acting import Acting
from portal.conditions import is_cancelled
from portal.display import NOTHING_CHOSEN, Display
from portal.errors import SignInNeeded
from portal.methods import WHOLE, Method, assurance_of, joined, split
from portal.moments import now
from portal.secrets_kept import hashed, token
from portal.tables import SessionRow, connection
from portal.user_accounts import Account

IDLE_SECONDS = 15 * 60
LONGEST_SECONDS = 12 * 3600
FRESH_SECONDS = 10 * 60  # how long a factor counts as just shown
BEGIN_SECONDS = 30 * 60  # how long a shown identity lets somebody set up a first factor


@dataclass(frozen=True)
class Session:
    session_id: str  # the cookie's hash
    patient_id: str
    methods: frozenset[Method]
    standing: Standing
    acting: Acting | None = None
    display: Display = NOTHING_CHOSEN


@dataclass(frozen=True)
class Listed:
    """A live session, in its owner's list. Times are epoch seconds."""

    session_id: str
    agent: str
    country: str
    created_at: float
    seen_at: float


def new_rows(
    cookie: str, account: Account, methods: frozenset[Method], visitor: Visitor
) -> list[SessionRow]:
    """To be saved together with what spends what it was opened with."""
    moment = now()
    session = SessionRow(
        _key(hashed(cookie)),
        "session",
        patient_id=account.patient_id,
        methods=joined(methods),
        generation=account.generation,
        name=visitor.agent or None,
        country=visitor.country or None,
        created_at=moment.timestamp(),
        seen_at=moment.timestamp(),
        proven_at=moment.timestamp() if WHOLE & methods else None,  # a link proves little
        ends_at=moment + timedelta(seconds=LONGEST_SECONDS),
    )
    return [session, _listing(session)]


def open_with(patient_id: str, methods: frozenset[Method], visitor: Visitor) -> str:
    """The cookie of a fresh session, for what leaves nothing to spend: a passkey, for example."""
    cookie = token(256)
    with TransactWrite(connection=connection()) as write:
        for row in new_rows(cookie, user_accounts.of(patient_id), methods, visitor):
            write.save(row, condition=SessionRow.pk.does_not_exist())
    return cookie


def live(cookie: str) -> Session | None:
    """The session of this cookie, marked as seen now; None when ended, idle or unknown."""
    row = SessionRow.find(_key(hashed(cookie)), "session") if cookie else None
    if row is None or _is_over(row):
        return None
    account = user_accounts.of(row.patient_id or "")
    if int(row.generation or 0) != account.generation or not session_rows.touch(row):
        return None
    methods = split(row.methods or "")
    standing, at = _standing(row, account), acting.of_row(row)
    known = account.patient_id
    return Session(hashed(cookie), known, methods, standing, at, account.display)


def rise(
    cookie: str, method: Method | None, also: Callable[[TransactWrite], None] | None = None
) -> str:
    """The same session with one more method under a new cookie; the old one is void. Without a
    method, it was the identity that was shown. `also` writes in the same transaction. Raises
    SignInNeeded when the session ended, or what is written with it changed, meanwhile."""
    old = SessionRow.find(_key(hashed(cookie)), "session")
    if old is None or old.generation != user_accounts.of(old.patient_id or "").generation:
        raise SignInNeeded
    fresh = token(256)
    row = _risen(old, fresh, method)
    try:
        with TransactWrite(connection=connection()) as write:
            write.delete(old, condition=SessionRow.pk.exists())
            write.delete(_listing(old))
            write.save(row, condition=SessionRow.pk.does_not_exist())
            write.save(_listing(row), condition=SessionRow.pk.does_not_exist())
            if also:
                also(write)
    except TransactWriteError as error:
        if not is_cancelled(error):
            raise
        raise SignInNeeded from error
    return fresh


def end(cookie: str) -> None:
    """Ending what has ended, or never was, changes nothing."""
    if row := SessionRow.find(_key(hashed(cookie)), "session"):
        end_one(row.patient_id or "", hashed(cookie))


def end_one(patient_id: str, session_id: str) -> bool:
    """False when this patient has no such session."""
    listing = SessionRow.find(user_accounts.pk(patient_id), _key(session_id))
    if listing is None:
        return False
    with TransactWrite(connection=connection()) as write:
        write.delete(SessionRow(_key(session_id), "session"))
        write.delete(listing)
    return True


def end_all(patient_id: str) -> None:
    user_accounts.begin_again(patient_id)


def end_others(patient_id: str, session_id: str) -> None:
    for each in listed(patient_id):
        if each.session_id != session_id:
            end_one(patient_id, each.session_id)


def listed(patient_id: str) -> list[Listed]:
    """The account's live sessions, the newest first."""
    found = []
    generation = user_accounts.of(patient_id).generation
    for each in user_accounts.rows(patient_id, "session#"):
        session_id = each.sk.removeprefix("session#")
        row = SessionRow.find(_key(session_id), "session")
        if row and not _is_over(row) and int(row.generation or 0) == generation:
            made, seen = float(row.created_at or 0), float(row.seen_at or 0)
            found.append(Listed(session_id, row.name or "", row.country or "", made, seen))
    return sorted(found, key=lambda each: -each.created_at)


def _key(session_id: str) -> str:
    return f"session#{session_id}"


def _listing(session: SessionRow) -> SessionRow:
    return SessionRow(
        user_accounts.pk(session.patient_id or ""), session.pk, ends_at=session.ends_at
    )


def _risen(old: SessionRow, cookie: str, method: Method | None) -> SessionRow:
    """The absolute limit goes on from when it was first opened."""
    moment = now().timestamp()
    facts = {name: getattr(old, name) for name in SessionRow.get_attributes()}
    facts |= {"pk": _key(hashed(cookie)), "seen_at": moment}
    if method is None:
        facts["proofed_at"] = moment
    else:
        facts["methods"] = joined(split(old.methods or "") | {method})
        facts["proven_at"] = moment
    return SessionRow(facts.pop("pk"), facts.pop("sk"), **facts)


def _standing(row: SessionRow, account: Account) -> Standing:
    moment, methods = now().timestamp(), split(row.methods or "")
    is_fresh = moment <= float(row.proven_at or 0) + FRESH_SECONDS
    may_begin = not account.factors and moment <= float(row.proofed_at or 0) + BEGIN_SECONDS
    return Standing(assurance_of(methods), account.confidence, is_fresh, may_begin)


def _is_over(row: SessionRow) -> bool:
    return session_rows.is_over(row, IDLE_SECONDS, LONGEST_SECONDS)
