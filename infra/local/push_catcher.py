"""The push catcher: stands in for browsers' push services, and for the browsers behind them.

It hands out subscriptions, takes what is pushed to them as a push service would (RFC 8030), refuses
what nobody signed (RFC 8292), and opens it as the browser would (RFC 8291,
written here from the RFC alone).
"""

import base64
import json
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from infra.local.sent import Sent

CREATED, BAD, REFUSED, GONE = 201, 400, 403, 410
LONGEST_SECONDS = 24 * 3600  # RFC 8292, 2


@dataclass
class Browser:
    """One subscription. `key` and `auth` never leave the browser."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    is_gone: bool = False

    @property
    def point(self) -> bytes:
        return point_of(self.key.public_key())


class Catcher:
    def __init__(self, origin: str) -> None:
        self.origin = origin.rstrip("/")
        self.browsers: dict[str, Browser] = {}
        self.caught: list[Sent] = []

    def subscription(self) -> dict[str, str]:
        """What a browser's PushSubscription says."""
        name, browser = os.urandom(8).hex(), Browser()
        self.browsers[name] = browser
        endpoint = f"{self.origin}/push/{name}"
        return {"endpoint": endpoint, "p256dh": text(browser.point), "auth": text(browser.auth)}

    def end(self, name: str) -> None:
        """The person took the permission back, or the browser is gone."""
        self.browsers[name].is_gone = True

    def taken(self, name: str, headers: dict[str, str], body: bytes) -> int:
        """The status of a push service's answer. `headers`: names in lower case."""
        browser = self.browsers.get(name)
        if browser is None or browser.is_gone:
            return GONE
        if headers.get("content-encoding") != "aes128gcm" or not headers.get("ttl", "").isdigit():
            return BAD
        if not is_signed(headers.get("authorization", ""), self.origin):
            return REFUSED
        try:
            self.keep(name, json.loads(opened(browser.key, browser.auth, body)))
        except (InvalidTag, ValueError):
            return BAD
        return CREATED

    def keep(self, name: str, said: dict[str, Any]) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.caught.append(Sent("push", name, str(said["title"]), json.dumps(said), at))


def opened(key: ec.EllipticCurvePrivateKey, auth: bytes, body: bytes) -> bytes:
    """The text of one aes128gcm record (RFC 8188, 2; RFC 8291, 3.3 and 3.4). Raises InvalidTag or
    ValueError."""
    salt, length = body[:16], body[20]
    sender, sealed = body[21 : 21 + length], body[21 + length :]
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
    shared = key.exchange(ec.ECDH(), public)
    info = b"WebPush: info\0" + point_of(key.public_key()) + sender
    secret = derived(auth, shared, info, 32)
    content_key = derived(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
    nonce = derived(salt, secret, b"Content-Encoding: nonce\0", 12)
    padded = AESGCM(content_key).decrypt(nonce, sealed, None).rstrip(b"\0")
    if padded[-1:] != b"\x02":
        raise ValueError("not the last record")
    return padded[:-1]


def is_signed(authorization: str, origin: str) -> bool:
    """By the key it names, for this push service, and not for long (RFC 8292, 2 and 3)."""
    scheme, _, rest = authorization.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    try:
        signed, _, signature = parts["t"].rpartition(".")
        claims = json.loads(raw(signed.partition(".")[2]))
        check(raw(parts["k"]), signed.encode(), raw(signature))
    except (KeyError, ValueError, InvalidSignature):
        return False
    left = claims["exp"] - time.time()
    return scheme == "vapid" and claims["aud"] == origin and 0 < left <= LONGEST_SECONDS


def check(point: bytes, signed: bytes, signature: bytes) -> None:
    """ES256 (RFC 7518, 3.4). Raises InvalidSignature."""
    halves = (int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    public.verify(encode_dss_signature(*halves), signed, ec.ECDSA(SHA256()))


def derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
