"""Damage to bytes that knows nothing of HL7. Each mutation takes bytes and gives bytes."""

from collections.abc import Callable
from random import Random

from tests.fuzz.corpus import corpus

type Mutation = Callable[[bytes, Random], bytes]

_SIGNS = b'|^~\\&#\r\n\x0b\x1c" MSHPIDOBX09.-+'
_CONTROLS = bytes([*range(32), 127])
_JUNK = (
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xc3",
    b"\xe9",
    b"\xed\xa0\x80",  # a surrogate
    b"\xc0\xaf",  # an overlong slash
    b"\xf4\x90\x80\x80",  # beyond Unicode
    b"\x1b$B\x1b(J",  # ISO 2022
    "\u202e\u2028\u0085\u00a0\ufeff\u0130".encode(),
)
_CODECS = ("utf-16", "utf-16-be", "utf-32", "cp1252", "cp037", "shift_jis", "iso2022_jp", "utf-7")


def flip(raw: bytes, rng: Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def replace_with_sign(raw: bytes, rng: Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(rng.choice((1, 1, 4, 16))):
        changed[rng.randrange(len(changed))] = rng.choice(_SIGNS)
    return bytes(changed)


def insert(raw: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + rng.randbytes(rng.choice((1, 2, 9, 100))) + raw[at:]


def insert_controls(raw: bytes, rng: Random) -> bytes:
    for _ in range(rng.choice((1, 3, 20))):
        at = rng.randrange(len(raw) + 1)
        raw = raw[:at] + bytes(rng.choices(_CONTROLS, k=rng.choice((1, 2)))) + raw[at:]
    return raw


def insert_junk(raw: bytes, rng: Random) -> bytes:
    at = rng.choice((0, rng.randrange(len(raw) + 1)))
    return raw[:at] + rng.choice(_JUNK) * rng.choice((1, 1, 7)) + raw[at:]


def delete(raw: bytes, rng: Random) -> bytes:
    at, length = rng.randrange(len(raw)), rng.choice((1, 1, 3, 20, len(raw) // 4))
    return raw[:at] + raw[at + length :]


def truncate(raw: bytes, rng: Random) -> bytes:
    return raw[: rng.randrange(len(raw))]


def behead(raw: bytes, rng: Random) -> bytes:
    return raw[rng.choice((1, 3, 4, 9, rng.randrange(len(raw)))) :]


def splice(raw: bytes, rng: Random) -> bytes:
    other = rng.choice(corpus().small)
    return raw[: rng.randrange(len(raw) + 1)] + other[rng.randrange(len(other) + 1) :]


def join(raw: bytes, rng: Random) -> bytes:
    between = rng.choice((b"", b"\r", b"\x1c\r\x0b", b"\n\n"))
    return raw + between + rng.choice(corpus().small)


def repeat(raw: bytes, rng: Random) -> bytes:
    start = rng.randrange(len(raw))
    chunk = raw[start : start + rng.choice((1, 3, 40, 400))]
    return raw[:start] + chunk * rng.choice((2, 5, 50)) + raw[start:]


def stretch(raw: bytes, rng: Random) -> bytes:
    """One byte, very often."""
    at, length = rng.randrange(len(raw) + 1), rng.choice((300, 3_000, 70_000))
    return raw[:at] + bytes([rng.choice(_SIGNS)]) * length + raw[at:]


def change_lines(raw: bytes, rng: Random) -> bytes:
    end = rng.choice((b"\n", b"\r\n", b"\r\r", b"\x0b", b"\x1c", b"\x85", b"", b" \r", b"\\r"))
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", end)


def recode(raw: bytes, rng: Random) -> bytes:
    return raw.decode("utf-8", "ignore").encode(rng.choice(_CODECS), "ignore")


def shuffle(raw: bytes, rng: Random) -> bytes:
    size = rng.choice((7, 50, 200))
    chunks = [raw[at : at + size] for at in range(0, len(raw), size)]
    rng.shuffle(chunks)
    return b"".join(chunks)


BLIND: tuple[Mutation, ...] = (
    flip,
    replace_with_sign,
    insert,
    insert_controls,
    insert_junk,
    delete,
    truncate,
    behead,
    splice,
    join,
    repeat,
    stretch,
    change_lines,
    recode,
    shuffle,
)
