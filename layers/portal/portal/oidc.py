"""Signing in at another organisation's server: OAuth 2.0 code flow with PKCE, OpenID Connect.

With portal.id_tokens the only door to authlib and joserfc. Import it inside the function that needs
it: they take a quarter of a second to load.
"""

from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from portal import fetching, id_tokens, identity_providers, sso_states
from portal.aws import client
from portal.identity_providers import Fault, Metadata, Provider, Refused
from portal.secrets_kept import same
from portal.sso_states import Begun


@dataclass(frozen=True)
class Departure:
    url: str = field(repr=False)
    state: str = field(repr=False)


@dataclass(frozen=True)
class Finished:
    """`token` is the whole answer of the token endpoint: use its access token now, keep nothing."""

    provider: Provider
    purpose: str
    bound_to: str
    claims: dict[str, Any] = field(repr=False)
    token: dict[str, Any] = field(repr=False)


def begin(
    provider: Provider, redirect_uri: str, purpose: str, bound_to: str, browser: str
) -> Departure:
    """Where to send the browser. `browser` is the hash of a cookie of its own, which `finish` asks
    for again. Raises Refused."""
    found = identity_providers.metadata(provider)
    begun = Begun(
        provider=provider,
        metadata=found,
        redirect_uri=redirect_uri,
        purpose=purpose,
        bound_to=bound_to,
    )
    state = sso_states.keep(begun, browser)
    return Departure(_authorization_url(begun, state), state)


def _authorization_url(begun: Begun, state: str) -> str:
    said = {"aud": begun.provider.audience} if begun.provider.audience else {}
    return str(
        prepare_grant_uri(
            begun.metadata.authorization_endpoint,
            begun.provider.client_id,
            "code",
            begun.redirect_uri,
            list(begun.provider.scopes),
            state,
            **begun.provider.quirks.parameters,
            **said,
            nonce=begun.nonce,
            code_challenge=create_s256_code_challenge(begun.verifier),
            code_challenge_method="S256",
        )
    )


def finish(state: str, code: str, browser: str, iss: str = "") -> Finished:
    """Whoever came back with this code; look at `purpose`, for every room's returns have one kind
    of state. Without a code they, or their server, said no. Raises Refused."""
    begun = sso_states.spend(state, browser)
    try:
        refuse_other_issuer(begun.metadata, iss)
        if not code:
            raise Refused(Fault.DENIED)
        answer = _token(begun, code)
        claims = id_tokens.checked(begun, answer)
    except Refused as error:
        error.provider = begun.provider.name
        raise
    return Finished(begun.provider, begun.purpose, begun.bound_to, claims, answer)


def refuse_other_issuer(found: Metadata, iss: str) -> None:
    """RFC 9207: the answer's `iss` must be there when the server says that it sends it, and must
    be its own whenever it is there."""
    is_due = found.authorization_response_iss_parameter_supported
    if (iss or is_due) and not same(iss, found.issuer):
        raise Refused(Fault.ISSUER)


def _token(begun: Begun, code: str) -> dict[str, Any]:
    body = prepare_token_request(
        "authorization_code",
        redirect_uri=begun.redirect_uri,
        code=code,
        code_verifier=begun.verifier,
    )
    endpoint = begun.metadata.token_endpoint
    _, headers, body = _client_auth(begun).prepare("POST", endpoint, {}, body)
    try:
        reply = fetching.post(endpoint, body, headers)
    except fetching.BadAddress:
        raise Refused(Fault.SERVER) from None
    except fetching.Unreachable:
        raise Refused(Fault.DOWN) from None
    if reply.status != 200:
        raise Refused(Fault.TOKEN if reply.status in (400, 401) else Fault.DOWN)
    if not _is_token(reply.document):
        raise Refused(Fault.TOKEN)
    return reply.document


def _client_auth(begun: Begun) -> Any:
    provider, supported = begun.provider, begun.metadata.token_endpoint_auth_methods_supported
    if not provider.client_secret_parameter:
        return ClientAuth(provider.client_id, "", "none")
    found = client("ssm").get_parameter(Name=provider.client_secret_parameter, WithDecryption=True)
    is_basic = "client_secret_basic" in supported or "client_secret_post" not in supported
    method = "client_secret_basic" if is_basic else "client_secret_post"
    secret = str(found["Parameter"]["Value"])
    return ClientAuth(provider.client_id, secret, provider.quirks.client_auth or method)


def _is_token(document: dict[str, Any]) -> bool:
    texts = (document.get("access_token"), document.get("id_token"), document.get("token_type"))
    if not all(isinstance(each, str) and each for each in texts):
        return False
    return str(document["token_type"]).lower() == "bearer"
