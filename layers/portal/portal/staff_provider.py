"""The hospital's own sign-in for staff: one readable TOML file in the raw bucket.

    [provider]
    name = "Riverbend sign-in"
    base = "https://login.riverbend.example.org"      # the issuer
    client_id = "patient-portal"
    client_secret_parameter = "/portal/<stack>/staff/secret"  # SSM; or left out
    scopes = ["openid", "profile"]

    roles_claim = "roles"                             # of the id_token: a text or a list
    [roles]                                           # its values -> our roles
    "Portal Nurses" = "nurse"

    [two_factor]                                      # what it says of a sign-in with two factors
    acr = ["https://refeds.org/profile/mfa"]
    amr = ["mfa"]

Whoever comes with less than two factors, or without a role of ours, is refused. An operator puts
the file in place with `python -m infra.staff_sign_in`; it counts within a minute.
"""

import re
import time
from dataclasses import dataclass, field
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from portal import objects
from portal.errors import Unavailable
from portal.identity_providers import Provider, Strict
from portal.moments import now
from portal.roles import Role
from portal.staff_sessions import LONGEST_SECONDS

KEY = "staff/sign-in.toml"
CACHE_SECONDS = 60
AHEAD_SECONDS = 60  # their clock before ours
MOST_NAME = 120
SECRET = re.compile(r"(/portal/[^/]+/staff/\S+)?")


class TwoFactor(Strict):
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()


class StaffSignIn(Strict):
    provider: Provider
    roles: dict[str, Role] = Field(min_length=1)
    two_factor: TwoFactor
    roles_claim: str = Field(default="roles", min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _is_oidc(cls, said: dict[str, Any]) -> dict[str, Any]:
        provider = said.get("provider")
        return said | {"provider": {"kind": "oidc", **provider}} if provider else said

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        if self.provider.kind != "oidc" or "openid" not in self.provider.scopes:
            raise ValueError("names a provider that is not OpenID Connect")
        if not SECRET.fullmatch(self.provider.client_secret_parameter):
            raise ValueError("keeps its secret elsewhere than below /portal/<stack>/staff/")
        if not (self.two_factor.acr or self.two_factor.amr):
            raise ValueError("does not say how a sign-in with two factors is told")
        return self

    def asked(self, *, again: bool) -> Provider:
        """The provider, told how recent the sign-in must be. `again`: whoever it remembers."""
        ours = {"prompt": "login", "max_age": "0"} if again else {"max_age": str(LONGEST_SECONDS)}
        if self.two_factor.acr:
            ours["acr_values"] = " ".join(self.two_factor.acr)
        quirks = self.provider.quirks
        parameters = ours | quirks.parameters | (ours if again else {})
        changed = quirks.model_copy(update={"parameters": parameters})
        return self.provider.model_copy(update={"quirks": changed})


@dataclass(frozen=True)
class Identity:
    """Who came back, as the provider says. `signed_in_at` is epoch seconds."""

    sub: str = field(repr=False)
    name: str = field(repr=False)
    roles: frozenset[Role]
    acr: str
    signed_in_at: float


class BadSettings(Exception):
    """Says in a sentence what is wrong with the file."""


class NotEnough(Exception):
    """`why`: "one-factor" or "no-time"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def identity(said: StaffSignIn, claims: dict[str, Any]) -> Identity:
    """Of a validated id_token. No role of ours is no error here. Raises NotEnough."""
    acr, amr = _texts(claims.get("acr")), _texts(claims.get("amr"))
    if acr.isdisjoint(said.two_factor.acr) and amr.isdisjoint(said.two_factor.amr):
        raise NotEnough("one-factor")
    named = _texts(claims.get(said.roles_claim))
    return Identity(
        sub=str(claims["sub"]),
        name=_name(claims),
        roles=frozenset(role for theirs, role in said.roles.items() if theirs in named),
        acr=next(iter(acr), ""),
        signed_in_at=_signed_in_at(claims.get("auth_time")),
    )


def parsed(text: str) -> StaffSignIn:
    import tomllib  # few requests sign in

    try:
        return StaffSignIn.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"It is not TOML: {error}.") from None
    except ValidationError as errors:
        faults = (
            f"{'.'.join(map(str, error['loc'])) or 'the file'}: {error['msg']}"
            for error in errors.errors()
        )
        raise BadSettings(f"Look at {'; '.join(faults)}.") from None


_known: list[tuple[float, StaffSignIn]] = []


def settings() -> StaffSignIn:
    """The store's own error where there is no file: nobody can sign in then. Raises Unavailable
    for one that was spoiled by hand."""
    if _known and _known[0][0] > time.monotonic():
        return _known[0][1]
    try:
        found = parsed(objects.get(KEY).decode())
    except (BadSettings, UnicodeDecodeError) as error:
        raise Unavailable from error
    _known[:] = [(time.monotonic() + CACHE_SECONDS, found)]
    return found


def keep(text: str) -> StaffSignIn:
    """Raises BadSettings; a file that does not count is never stored."""
    found = parsed(text)
    objects.put(KEY, text.encode())
    forget()
    return found


def forget() -> None:
    _known.clear()


def _texts(said: Any) -> frozenset[str]:
    listed = said if isinstance(said, list) else [said]
    return frozenset(each for each in listed if isinstance(each, str) and each)


def _name(claims: dict[str, Any]) -> str:
    said = (claims.get(each) for each in ("name", "preferred_username", "email"))
    return next((each for each in said if isinstance(each, str) and each), "")[:MOST_NAME]


def _signed_in_at(said: Any) -> float:
    """A time ahead of ours would stay fresh for longer than it may."""
    moment = now().timestamp()
    if not isinstance(said, int | float) or isinstance(said, bool) or said > moment + AHEAD_SECONDS:
        raise NotEnough("no-time")
    return min(float(said), moment)
