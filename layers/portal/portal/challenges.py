"""Challenges an authenticator signs: 256 bits, five minutes, spent by one answer, right or wrong.

`purpose` is part of the key: what was asked for signing in cannot be spent on adding a passkey, nor
in another session.
"""

from datetime import timedelta

from pynamodb.exceptions import DeleteError

from portal.conditions import is_unmet
from portal.moments import now
from portal.secrets_kept import hashed, token
from portal.tables import SessionRow

LIFE_SECONDS = 300


def new(purpose: str) -> str:
    """In base64url."""
    challenge = token(256)
    row = _row(challenge, purpose)
    row.ends_at = now() + timedelta(seconds=LIFE_SECONDS)
    row.save(SessionRow.pk.does_not_exist())
    return challenge


def spend(challenge: str, purpose: str) -> bool:
    """False when it was never asked, spent before or meanwhile, or too long ago."""
    try:
        _row(challenge, purpose).delete(SessionRow.ends_at > now())
    except DeleteError as error:
        if not is_unmet(error):
            raise
        return False
    return True


def _row(challenge: str, purpose: str) -> SessionRow:
    return SessionRow(f"passkey-challenge#{hashed(challenge)}", purpose)
