"""Random secrets, and the hashes we keep of them."""

import hashlib
import secrets


def token(bits: int) -> str:
    """URL-safe text of that much entropy."""
    return secrets.token_urlsafe(bits // 8)


def short_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def hashed(secret: str) -> str:
    """SHA-256: enough for secrets of 128 bits and more, which need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())
