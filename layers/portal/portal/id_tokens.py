"""Checking an id_token: who signed it, for whom, when, and in answer to which request.

With portal.oidc the only door to authlib and joserfc.
"""

from typing import Any

from authlib.oidc.core.claims import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from portal import identity_providers
from portal.identity_providers import Fault, Metadata, Refused
from portal.moments import now
from portal.sso_states import Begun

LEEWAY_SECONDS = 60  # between our clock and theirs
LEAST_RSA_BYTES = 256
MAX_HEADER_BYTES = 8_192  # some put their certificates in it
KEY_TYPES = frozenset({"RSA", "EC"})


def checked(begun: Begun, answer: dict[str, Any]) -> dict[str, Any]:
    """The claims of a token answer's id_token (OpenID Connect Core 1.0, 3.1.3.7). Raises
    Refused."""
    try:
        signed = _verified(begun.metadata, answer["id_token"])
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            {
                "iss": {"essential": True, "value": begun.metadata.issuer},
                "aud": {"essential": True, "value": begun.provider.client_id},
                "sub": {"essential": True},
            },
            {
                "nonce": begun.nonce,
                "client_id": begun.provider.client_id,
                "access_token": answer["access_token"],
                "max_age": begun.provider.quirks.parameters.get("max_age"),
            },
        )
        claims.validate(now=int(now().timestamp()), leeway=LEEWAY_SECONDS)
        _refuse_stale(claims, begun.provider.quirks.parameters.get("max_age"))
    except (JoseError, ValueError, TypeError, AttributeError):
        raise Refused(Fault.ID_TOKEN) from None
    return dict(claims)


def _refuse_stale(claims: dict[str, Any], max_age: str | None) -> None:
    """Whoever asked for a recent sign-in gets one, or nothing."""
    if max_age is None:
        return
    if float(claims["auth_time"]) + float(max_age) + LEEWAY_SECONDS < now().timestamp():
        raise Refused(Fault.ID_TOKEN)


def _verified(found: Metadata, id_token: str) -> jwt.Token:
    """A key that is not in the set we know may be new: the set is asked for once more."""
    try:
        return _decoded(found, id_token, identity_providers.keys(found))
    except InvalidKeyIdError:
        return _decoded(found, id_token, identity_providers.keys(found, fresh=True))


def _decoded(found: Metadata, id_token: str, published: dict[str, Any]) -> jwt.Token:
    listed = published.get("keys")
    usable = [each for each in listed if _is_usable(each)] if isinstance(listed, list) else []
    if not usable:
        raise Refused(Fault.SERVER)
    registry = JWSRegistry(algorithms=sorted(found.algorithms), strict_check_header=False)
    registry.max_header_length = MAX_HEADER_BYTES
    key_set = KeySet.import_key_set({"keys": usable})
    signed = jwt.decode(id_token, key_set, registry=registry)
    if str(signed.header.get("typ", "JWT")).lower() != "jwt":
        raise Refused(Fault.ID_TOKEN)  # an access or a logout token is none (RFC 8725, 3.11)
    return signed


def _is_usable(key: Any) -> bool:
    """To check signatures by: public, and not too short."""
    if not isinstance(key, dict) or key.get("kty") not in KEY_TYPES or key.get("use") == "enc":
        return False
    modulus = str(key.get("n", ""))
    return key["kty"] != "RSA" or len(modulus) * 3 // 4 >= LEAST_RSA_BYTES
