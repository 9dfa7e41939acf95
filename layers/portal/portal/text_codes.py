"""Six digits by text message or e-mail, to an address that was or is being confirmed.

One code per session at a time, ten minutes, five tries, spent once.
"""

from datetime import timedelta

from pynamodb.exceptions import DeleteError, UpdateError

from portal import notify, pages
from portal.conditions import is_unmet
from portal.moments import now
from portal.secrets_kept import hashed, same, short_code
from portal.settings import settings
from portal.tables import SessionRow

LIFE_SECONDS = 600
MAX_TRIES = 5


def send(session_id: str, address: str, language: str) -> bool:
    """An e-mail address, or a phone in E.164. An earlier code of this session is void. False to a
    phone that said STOP."""
    code = short_code()
    SessionRow(
        _pk(session_id),
        "code",
        code=_hash(session_id, address, code),
        tries=0,
        ends_at=now() + timedelta(seconds=LIFE_SECONDS),
    ).save()
    return _deliver(address, language, code)


def _deliver(address: str, language: str, code: str) -> bool:
    template = "emails/contact_code.txt" if "@" in address else "sms/code.txt"
    name, minutes = settings().portal_name, LIFE_SECONDS // 60
    subject, text = pages.render_text(
        template, language, portal_name=name, code=code, minutes=minutes
    )
    if "@" not in address:
        return notify.send_sms(address, text)
    notify.send_email(address, subject, text)
    return True


def is_right(session_id: str, address: str, code: str) -> bool:
    """Counts the try before looking; a right one is spent."""
    row = SessionRow.find(_pk(session_id), "code")
    if row is None or row.ends_at is None or row.ends_at <= now():
        return False
    try:
        row.update([SessionRow.tries.add(1)], SessionRow.tries < MAX_TRIES)
        if not same(row.code or "", _hash(session_id, address, code)):
            return False
        row.delete(SessionRow.code == row.code)
    except (UpdateError, DeleteError) as error:
        if not is_unmet(error):
            raise
        return False
    return True


def is_waiting(session_id: str) -> bool:
    row = SessionRow.find(_pk(session_id), "code")
    return row is not None and row.ends_at is not None and row.ends_at > now()


def _pk(session_id: str) -> str:
    return f"text-code#{session_id}"


def _hash(session_id: str, address: str, code: str) -> str:
    """Bound to session and address: a six-digit hash alone could be looked up."""
    return hashed(f"{session_id}\0{address}\0{code}")
