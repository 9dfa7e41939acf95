"""Envelope encryption with a key per owner: a patient, or the portal itself.

The owner's 256-bit key is made by KMS, kept wrapped in the chart table (`sk = "key"`) and unwrapped
with the owner as encryption context. Rows are sealed with AES-256-GCM (`cryptography`); the row's
own address is authenticated, so a sealed body moved to another row or patient does not open.

    1 byte    the format: 1 is what follows
    12 bytes  nonce
    the rest  AES-256-GCM over the zlib of the JSON, with its tag of 16 bytes

Erasing a patient deletes the wrapped key: every sealed row is then noise, in backups too.
"""

import hashlib
import hmac
import json
import os
import time
import zlib
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pynamodb.exceptions import PutError

from portal.aws import client
from portal.conditions import is_unmet
from portal.settings import settings
from portal.tables import ChartRow

PORTAL = "portal"  # owner of the key behind blind indexes and staged messages
CACHE_SECONDS = 300
AES_256_GCM = b"\x01"  # the format; another cipher one day gets another number
NONCE_BYTES = 12


class UnknownFormat(Exception):
    """What was sealed is not of a format that this version opens."""


UNREADABLE = (InvalidTag, UnknownFormat, ValueError)  # of a row; a store that fails is none of them

_cached: dict[str, tuple[float, bytes]] = {}


def key_of(owner: str) -> bytes:
    """The owner's key, made at first need. Kept in memory for five minutes."""
    found = _cached.get(owner)
    if found and found[0] > time.monotonic():
        return found[1]
    key = _unwrap(owner, _wrapped(owner))
    _cached[owner] = (time.monotonic() + CACHE_SECONDS, key)
    return key


def forget() -> None:
    _cached.clear()


def seal(owner: str, address: str, content: Any) -> bytes:
    """`content` is anything JSON can say; `address` names the row it will stand in."""
    nonce = os.urandom(NONCE_BYTES)
    text = zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 6)
    body = AESGCM(key_of(owner)).encrypt(nonce, text, _bound(owner, address))
    return AES_256_GCM + nonce + body


def unseal(owner: str, address: str, sealed: bytes) -> Any:
    """Raises cryptography's InvalidTag for a body that was changed or moved, or UnknownFormat."""
    made_as, nonce, body = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if made_as != AES_256_GCM:
        raise UnknownFormat
    text = AESGCM(key_of(owner)).decrypt(nonce, body, _bound(owner, address))
    return json.loads(zlib.decompress(text))


def blind(kind: str, value: str) -> str:
    """An index key that finds `value` again and tells nothing about it (HMAC-SHA-256)."""
    message = f"{kind}\0{value}".encode()
    return hmac.new(key_of(PORTAL), message, hashlib.sha256).hexdigest()


def _bound(owner: str, address: str) -> bytes:
    return f"{owner}\0{address}".encode()


def _wrapped(owner: str) -> bytes:
    row = ChartRow.find(owner, "key")
    if row is not None and row.sealed is not None:
        return row.sealed
    made = client("kms").generate_data_key_without_plaintext(
        KeyId=settings().data_key, KeySpec="AES_256", EncryptionContext={"owner": owner}
    )
    return _keep(owner, made["CiphertextBlob"])


def _keep(owner: str, wrapped: bytes) -> bytes:
    """Two functions may make the first key at once: the first row wins, both use it."""
    try:
        ChartRow(owner, "key", sealed=wrapped).save(ChartRow.pk.does_not_exist())
    except PutError as error:
        if not is_unmet(error):
            raise
        return ChartRow.get(owner, "key", consistent_read=True).sealed or wrapped
    return wrapped


def _unwrap(owner: str, wrapped: bytes) -> bytes:
    answer = client("kms").decrypt(
        CiphertextBlob=wrapped, KeyId=settings().data_key, EncryptionContext={"owner": owner}
    )
    plaintext: bytes = answer["Plaintext"]
    return plaintext
