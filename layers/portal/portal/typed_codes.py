"""Codes that people read from paper and type: such as `K7W3R-9HZNA-2B5DM`.

The first group finds the row; the other two, 50 bits, prove it and are kept only as a salted
scrypt. Crockford's alphabet: no I, L, O or U, and whoever types them anyway is understood.
"""

import secrets
from hashlib import scrypt

from portal.secrets_kept import same

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 5
LENGTH = 3 * GROUP
COST = {"n": 2**15, "r": 8, "p": 3, "maxmem": 2**26, "dklen": 32}  # ASVS 5.0, appendix C
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new() -> str:
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(code[n : n + GROUP] for n in range(0, LENGTH, GROUP))


def bare(typed: str) -> str:
    """Without what people put between: spaces, dashes, small letters."""
    return "".join(c for c in typed.upper() if c.isascii() and c.isalnum()).translate(_MEANT)


def finder(typed: str) -> str:
    return bare(typed)[:GROUP]


def kept(code: str) -> str:
    salt = secrets.token_hex(16)
    return f"{salt}${_stretched(code, salt)}"


def is_right(typed: str, kept: str) -> bool:
    """The same work for a code that nobody has: give "" as `kept`."""
    salt, _, wanted = kept.partition("$")
    return same(_stretched(typed, salt or "none"), wanted)


def _stretched(code: str, salt: str) -> str:
    return scrypt(bare(code)[GROUP:].encode(), salt=salt.encode(), **COST).hex()
