"""What we remember between sending somebody to another sign-in server and their coming back.

sso#<hash of state> / sso    single use, ten minutes, one browser's; what is in it is sealed
"""

from datetime import timedelta

from pydantic import Field
from pynamodb.exceptions import DeleteError

from portal import keys
from portal.conditions import is_unmet
from portal.identity_providers import Fault, Metadata, Provider, Refused
from portal.model import Frozen
from portal.moments import now
from portal.secrets_kept import hashed, token
from portal.tables import SessionRow

LIFE_SECONDS = 600


class Begun(Frozen):
    """`bound_to`: what else the return must be for, a patient's id, for example."""

    provider: Provider
    metadata: Metadata  # pinned: the return is held against the server that was asked
    redirect_uri: str
    purpose: str
    bound_to: str = ""
    nonce: str = Field(default_factory=lambda: token(256), repr=False)
    verifier: str = Field(default_factory=lambda: token(384), repr=False)  # RFC 7636, 64 letters


def keep(begun: Begun, browser: str) -> str:
    """The state to send. `browser` is the hash of a cookie that only this browser has."""
    state = token(256)
    pk = _pk(state)
    SessionRow(
        pk,
        "sso",
        browser=browser,
        sealed=keys.seal(keys.PORTAL, pk, begun.model_dump(mode="json")),
        ends_at=now() + timedelta(seconds=LIFE_SECONDS),
    ).save(SessionRow.pk.does_not_exist())
    return state


def spend(state: str, browser: str) -> Begun:
    """Once. Raises Refused; another browser's is left for that browser."""
    row = SessionRow.find(_pk(state), "sso") if state and browser else None
    if row is None or row.sealed is None or row.ends_at is None or row.ends_at <= now():
        raise Refused(Fault.STATE)
    try:
        row.delete(SessionRow.pk.exists() & (SessionRow.browser == browser))
    except DeleteError as error:
        if not is_unmet(error):
            raise
        raise Refused(Fault.STATE) from None
    return Begun.model_validate(keys.unseal(keys.PORTAL, row.pk, row.sealed))


def _pk(state: str) -> str:
    return f"sso#{hashed(state)}"
