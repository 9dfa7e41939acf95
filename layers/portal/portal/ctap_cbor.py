"""CBOR as authenticators write it: CTAP2's canonical form has no tags (CTAP 2.1, 8).

cbor2 follows them all the same. A tag that is shared with itself (d8 1c d2 d8 1d 00) is decoded to
a cycle, and `webauthn`, which encodes a public key again to measure it, ends the process with it.
"""

TAG, STRINGS = 6, (2, 3)  # major types (RFC 8949, 3.1)
ARGUMENT_BYTES = {24: 1, 25: 2, 26: 4, 27: 8}
HAS_KEY = 0x40  # of the flags: a credential's id and key follow (WebAuthn level 3, 6.1)
FLAGS, AFTER_COUNTER, ID_LENGTH = 32, 37, slice(53, 55)


def has_tags(data: bytes) -> bool:
    """Of any item of a sequence, however deep: each begins with a head that says how long it is."""
    at = 0
    while at < len(data):
        major, info = data[at] >> 5, data[at] & 31
        if major == TAG:
            return True
        size = ARGUMENT_BYTES.get(info, 0)
        length = int.from_bytes(data[at + 1 : at + 1 + size]) if size else info
        at += 1 + size + (length if major in STRINGS and info < 28 else 0)
    return False


def check(data: bytes) -> None:
    """Raises ValueError."""
    if has_tags(data):
        raise ValueError("CBOR with tags")


def check_authenticator_data(data: bytes) -> None:
    """Its public key and its extensions. Raises ValueError, IndexError when it is too short."""
    has_key = data[FLAGS] & HAS_KEY
    length = int.from_bytes(data[ID_LENGTH]) if has_key else 0
    check(data[ID_LENGTH.stop + length if has_key else AFTER_COUNTER :])
