"""What waits to be confirmed with a code: a new app's secret, a new phone's number, a
new address.

    setup#<session id>   <kind>   sealed with the patient's key, for ten minutes

It belongs to the session that began it: nobody else can confirm it, and it dies with it.
"""

from datetime import timedelta
from typing import Any

from pynamodb.exceptions import DeleteError

from portal import keys
from portal.access import Caller
from portal.conditions import is_unmet
from portal.moments import now
from portal.secrets_kept import hashed
from portal.tables import SessionRow

LIFE_SECONDS = 600
MINUTES = LIFE_SECONDS // 60


def begin(caller: Caller, kind: str, content: dict[str, Any]) -> None:
    """In place of an earlier one of this kind and session."""
    row = _row(caller, kind)
    row.sealed = keys.seal(caller.patient_id, _address(row), content)
    row.ends_at = now() + timedelta(seconds=LIFE_SECONDS)
    row.save()


def waiting(caller: Caller, kind: str) -> dict[str, Any] | None:
    row = _row(caller, kind)
    found = SessionRow.find(row.pk, row.sk)
    if found is None or found.ends_at is None or found.ends_at <= now():
        return None
    content: dict[str, Any] = keys.unseal(caller.patient_id, _address(row), found.sealed or b"")
    return content


def spend(caller: Caller, kind: str) -> bool:
    """False when it was spent before, or meanwhile."""
    try:
        _row(caller, kind).delete(SessionRow.pk.exists())
    except DeleteError as error:
        if not is_unmet(error):
            raise
        return False
    return True


def _row(caller: Caller, kind: str) -> SessionRow:
    return SessionRow(f"setup#{hashed(caller.session_cookie)}", str(kind))


def _address(row: SessionRow) -> str:
    return f"{row.pk}#{row.sk}"
