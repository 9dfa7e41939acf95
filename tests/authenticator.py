"""A software authenticator: makes passkeys and answers challenges as a phone would (WebAuthn level
3, 6; COSE ES256). What it says can be bent to try what we refuse."""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from tests.client import Client, Response
from tests.stores import PORTAL_URL
from tests.visitors import signed_in

from portal.patients import Patient

SIGN_IN, ADD = "/sign-in/passkey", "/settings/security/passkey"
PRESENT, VERIFIED, MAY_BACK_UP, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "===")


@dataclass
class Authenticator:
    """`counter` None: a passkey that several devices share, which does not count."""

    origin: str = PORTAL_URL
    host: str = "portal.localhost"
    flags: int = PRESENT | VERIFIED
    counter: int | None = 0
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    handle: str = ""
    more_client_data: dict[str, Any] = field(default_factory=dict)

    def attestation(self, options: dict[str, Any], fmt: str = "none") -> dict[str, str]:
        """What it answers to PublicKeyCredentialCreationOptionsJSON."""
        self.handle = options["user"]["id"]
        id_length = len(self.credential_id).to_bytes(2)
        attested = bytes(16) + id_length + self.credential_id + cbor2.dumps(self.public_key())
        data = self._data(ATTESTED) + attested
        made = cbor2.dumps({"fmt": fmt, "attStmt": {}, "authData": data})
        return {
            "credential_id": text(self.credential_id),
            "client_data": text(self._client_data("webauthn.create", options)),
            "attestation": text(made),
            "transports": "internal hybrid",
        }

    def assertion(self, options: dict[str, Any]) -> dict[str, str]:
        """What it answers to PublicKeyCredentialRequestOptionsJSON."""
        if self.counter is not None:
            self.counter += 1
        data, client_data = self._data(), self._client_data("webauthn.get", options)
        signed = self.key.sign(data + sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return {
            "credential_id": text(self.credential_id),
            "client_data": text(client_data),
            "authenticator_data": text(data),
            "signature": text(signed),
            "user_handle": self.handle,
        }

    def public_key(self) -> dict[int, Any]:
        """COSE (RFC 9053, 7.1.1): kty EC2, alg ES256, crv P-256, x, y."""
        numbers = self.key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}

    def _data(self, more_flags: int = 0) -> bytes:
        counter = (self.counter or 0).to_bytes(4)
        return sha256(self.host.encode()).digest() + bytes([self.flags | more_flags]) + counter

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said | self.more_client_data).encode()


def sent(client: Client, url: str, said: Mapping[str, Any], **headers: str) -> Response:
    kind = {"content-type": "application/json"}
    return client.send("POST", url, json.dumps(said).encode(), kind | headers)


def options_for(client: Client, url: str) -> dict[str, Any]:
    options: dict[str, Any] = sent(client, f"{url}/options", {}).json["options"]
    return options


def a_passkey(patient: Patient, **facts: Any) -> Authenticator:
    """Added as its owner would, on another device."""
    owner = replace(signed_in(patient), accept="application/json")
    made = Authenticator(**facts)
    answer = sent(owner, ADD, made.attestation(options_for(owner, ADD)))
    assert answer.status == 200, answer.text
    return made
