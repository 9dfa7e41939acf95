"""Sign-in servers of other organisations: what we know of each, and what each says of itself.

`smart`: an EHR (SMART App Launch 2.2), found from its FHIR base. `oidc`: any OpenID provider, found
from its issuer. What they publish is cached for minutes.
"""

import time
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, ValidationError, model_validator

from portal import fetching
from portal.model import Frozen, Model

CACHE_SECONDS = 600
MAX_STATEMENT_BYTES = 8_000_000  # some EHRs' CapabilityStatement
# Signatures that a server makes with a key only it has: never "none", never HS* (a shared secret).
ASYMMETRIC = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}
)
# What a request may say more. `max_age` is held against the token's `auth_time`, too.
type Parameter = Literal["prompt", "max_age", "acr_values", "ui_locales"]
OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"


class Fault(StrEnum):
    """Why nobody was signed in. Names for the audit trail; they hold nothing anybody sent."""

    STATE = "sso-state"  # unknown, spent, too old, or another browser's
    DENIED = "sso-denied"  # the person or their server said no
    DOWN = "sso-down"  # the server does not answer, or not as it should
    SERVER = "sso-server"  # what it publishes cannot be used
    ISSUER = "sso-issuer"  # the answer is from another server (mix-up)
    TOKEN = "sso-token"  # noqa: S105 - the code was not taken
    ID_TOKEN = "sso-id-token"  # noqa: S105 - the token is not for us, or not from them
    NOT_SELF = "sso-not-self"  # not a patient, or for somebody else's record
    NO_MATCH = "sso-no-match"  # nobody here, or not surely the same person
    IN_USE = "sso-in-use"  # the account has ways to sign in already: use one first
    TAKEN = "sso-taken"  # that sign-in is connected to somebody else's account


class Refused(Exception):
    """`provider` names the server it was at, `patient_id` whose account it was about, if known."""

    def __init__(self, fault: Fault, provider: str = "", patient_id: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.provider = provider
        self.patient_id = patient_id


class Strict(Model):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Quirks(Strict):
    """Where a server is not as its standard says. Each vendor's are in portal.ehr_vendors."""

    issuer: str = ""  # of the id_token, where the FHIR server's own documents do not name it
    has_smart_configuration: bool = True  # else the CapabilityStatement's oauth-uris
    client_auth: Literal["", "client_secret_basic", "client_secret_post"] = ""  # "": as it says
    algorithms: tuple[str, ...] = ()  # of id_tokens, where it does not publish them
    parameters: dict[Parameter, str] = {}  # more for the authorization request


class Provider(Strict):
    name: str = Field(min_length=1)
    kind: Literal["smart", "oidc"]
    base: str  # FHIR base of "smart", issuer of "oidc"
    client_id: str = Field(min_length=1)
    client_secret_parameter: str = Field(default="", pattern=r"^(/portal/\S+)?$")  # of SSM
    scopes: tuple[str, ...] = ("openid",)
    aud: str = ""  # whom the access token is for; of SMART the FHIR base, when left out
    quirks: Quirks = Quirks()

    @model_validator(mode="after")
    def _has_safe_addresses(self) -> Self:
        for url in filter(None, (self.base, self.quirks.issuer)):
            if not fetching.is_address(url) or "?" in url:
                raise ValueError("names an address that is not plain https")
        return self

    @property
    def audience(self) -> str:
        return self.aud or (self.base if self.kind == "smart" else "")


class Metadata(Frozen):
    """Of an authorization server: RFC 8414, OpenID Discovery 1.0, SMART App Launch 2.2."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    authorization_response_iss_parameter_supported: bool = False

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        endpoints = (self.authorization_endpoint, self.token_endpoint, self.jwks_uri)
        if not all(map(fetching.is_address, (self.issuer, *endpoints))):
            raise ValueError("names an address that is not plain https")
        if "S256" not in self.code_challenge_methods_supported:
            raise ValueError("does not take PKCE with S256")
        if not self.algorithms:
            raise ValueError("signs with nothing that we take")
        return self

    @property
    def algorithms(self) -> frozenset[str]:
        return ASYMMETRIC & set(self.id_token_signing_alg_values_supported)


_cached: dict[str, tuple[float, dict[str, Any]]] = {}


def forget() -> None:
    _cached.clear()


def metadata(provider: Provider) -> Metadata:
    """Raises Refused."""
    found = _smart(provider) if provider.kind == "smart" else _openid(provider.base)
    if provider.quirks.algorithms:
        found = found | {"id_token_signing_alg_values_supported": provider.quirks.algorithms}
    try:
        return Metadata.model_validate({k: v for k, v in found.items() if v is not None})
    except ValidationError:
        raise Refused(Fault.SERVER) from None


def keys(found: Metadata, *, fresh: bool = False) -> dict[str, Any]:
    """Its JWK Set (RFC 7517)."""
    return _published(found.jwks_uri, fresh=fresh)


def _smart(provider: Provider) -> dict[str, Any]:
    """SMART App Launch asks for `issuer` and `jwks_uri` since 2.0; whoever leaves them out says
    them as an OpenID provider."""
    base = provider.base.rstrip("/")
    if provider.quirks.has_smart_configuration:
        said = _published(f"{base}/.well-known/smart-configuration")
    else:
        said = _oauth_uris(_published(f"{base}/metadata", most=MAX_STATEMENT_BYTES))
    issuer = provider.quirks.issuer or said.get("issuer")
    if provider.quirks.issuer or not (issuer and said.get("jwks_uri")):
        if not isinstance(issuer, str):
            raise Refused(Fault.SERVER)
        return _openid(issuer) | {k: v for k, v in said.items() if k not in ("issuer", "jwks_uri")}
    return said


def _openid(issuer: str) -> dict[str, Any]:
    """OpenID Discovery 1.0, 4.3: it must name the very issuer it was asked as."""
    said = _published(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if said.get("issuer") != issuer:
        raise Refused(Fault.ISSUER)
    return said


def _oauth_uris(statement: dict[str, Any]) -> dict[str, Any]:
    """SMART App Launch 1.0, "Declaring support ... using the CapabilityStatement"."""
    try:
        found = next(
            each
            for rest in statement["rest"]
            for each in rest.get("security", {}).get("extension", ())
            if each["url"] == OAUTH_URIS
        )
        uris = {each["url"]: each["valueUri"] for each in found["extension"]}
        return {"authorization_endpoint": uris["authorize"], "token_endpoint": uris["token"]}
    except (KeyError, TypeError, AttributeError, StopIteration):
        raise Refused(Fault.SERVER) from None


def _published(url: str, *, fresh: bool = False, most: int = fetching.MAX_BYTES) -> dict[str, Any]:
    cached = _cached.get(url)
    if cached and cached[0] > time.monotonic() and not fresh:
        return cached[1]
    try:
        reply = fetching.get(url, most=most)
    except fetching.BadAddress:
        raise Refused(Fault.SERVER) from None
    except fetching.Unreachable:
        raise Refused(Fault.DOWN) from None
    if reply.status != 200 or not reply.document:
        raise Refused(Fault.DOWN)
    _cached[url] = (time.monotonic() + CACHE_SECONDS, reply.document)
    return reply.document
