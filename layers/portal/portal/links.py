"""Sign-in links: 128 bits, ten minutes, newest only, spent once.

The browser that asked spends a link with one press. Any other browser, or a mail scanner that
follows links and presses buttons, must also know the short code of the message.
"""

from dataclasses import dataclass
from datetime import timedelta

from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite

from portal import devices, keys, patients, sessions, user_accounts
from portal.access import Visitor
from portal.conditions import is_cancelled, is_unmet
from portal.errors import LinkIsSpent
from portal.methods import Method, split
from portal.moments import now
from portal.secrets_kept import hashed, same, short_code, token
from portal.tables import SessionRow, connection

LIFE_SECONDS = 600
MAX_CODE_TRIES = 5


class WrongCode(Exception):
    """The link stands; the code was not the one sent."""

    def __init__(self, patient_id: str) -> None:
        super().__init__()
        self.patient_id = patient_id


@dataclass(frozen=True)
class Link:
    token: str
    code: str


@dataclass(frozen=True)
class Opened:
    cookie: str
    patient_id: str
    methods: frozenset[Method]


def new(
    patient_id: str, browser: str, method: Method = Method.EMAIL_LINK, initial: str = ""
) -> Link:
    """Makes every earlier link of this patient worthless. `browser` is the asking one's hash;
    `method` says where the link is sent; `initial` tells a family at one address whose it is."""
    link = Link(token(128), short_code())
    ends_at = now() + timedelta(seconds=LIFE_SECONDS)
    SessionRow(
        f"link#{hashed(link.token)}",
        "link",
        patient_id=patient_id,
        browser=browser,
        methods=method,
        code=_code_hash(link),
        sealed=keys.seal(patient_id, "link", initial) if initial else None,
        tries=0,
        ends_at=ends_at,
    ).save(SessionRow.pk.does_not_exist())
    user_accounts.row(patient_id).update([SessionRow.newest.set(hashed(link.token))])
    return link


def needs_code(link_token: str, browser: str) -> bool:
    """Says the same of an unknown link as of another browser's: nothing is learnt from a guess."""
    row = SessionRow.find(f"link#{hashed(link_token)}", "link")
    return row is None or not _is_from(row, browser)


def initial_of(link_token: str) -> str:
    """ "" for an unknown link, and for the only patient at an address."""
    row = SessionRow.find(f"link#{hashed(link_token)}", "link")
    if row is None or not row.sealed:
        return ""
    return str(keys.unseal(row.patient_id or "", "link", row.sealed))


def spend(link_token: str, visitor: Visitor, code: str) -> Opened:
    """Opens a session, once. Raises WrongCode, or LinkIsSpent for a link that is no good."""
    row = SessionRow.find(f"link#{hashed(link_token)}", "link")
    if row is None or _is_over(row):
        raise LinkIsSpent
    if not _is_from(row, visitor.browser):
        _check_code(row, Link(link_token, code))
    patient = patients.with_id(row.patient_id or "")
    if patient is None or not patient.may_sign_in:
        raise LinkIsSpent  # closed after the link was on its way
    cookie, account = token(256), user_accounts.of(row.patient_id or "")
    methods = split(row.methods or "")
    if devices.is_remembered(account.patient_id, visitor.device_cookie):
        methods |= {Method.DEVICE}
    _swap(row, sessions.new_rows(cookie, account, methods, visitor))
    return Opened(cookie, account.patient_id, methods)


def _is_over(row: SessionRow) -> bool:
    """Ten minutes old, or guessed at so often that whoever holds it is not its owner."""
    return row.ends_at is None or row.ends_at <= now() or int(row.tries or 0) >= MAX_CODE_TRIES


def _is_from(row: SessionRow, browser: str) -> bool:
    return bool(browser) and same(row.browser or "", browser)


def _check_code(row: SessionRow, link: Link) -> None:
    """Counts the try before looking, so that parallel guesses cannot outrun the limit."""
    if not link.code:
        raise WrongCode(row.patient_id or "")
    try:
        row.update([SessionRow.tries.add(1)], SessionRow.tries < MAX_CODE_TRIES)
    except UpdateError as error:
        if not is_unmet(error):
            raise
        raise LinkIsSpent from error
    if not same(row.code or "", _code_hash(link)):
        raise WrongCode(row.patient_id or "")


def _swap(link: SessionRow, session: list[SessionRow]) -> None:
    """The link for a session, in one transaction: two presses at once open one session."""
    account = user_accounts.row(link.patient_id or "")
    newest = link.pk.removeprefix("link#")
    try:
        with TransactWrite(connection=connection()) as write:
            write.delete(link, condition=SessionRow.pk.exists())
            write.update(
                account, [SessionRow.newest.remove()], condition=SessionRow.newest == newest
            )
            for row in session:
                write.save(row, condition=SessionRow.pk.does_not_exist())
    except TransactWriteError as error:
        if not is_cancelled(error):
            raise
        raise LinkIsSpent from error


def _code_hash(link: Link) -> str:
    """Bound to the link: a six-digit hash alone could be looked up."""
    return hashed(f"{link.token}\0{link.code}")
