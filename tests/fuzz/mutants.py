"""A broken message for each number, always the same one."""

import re
from dataclasses import dataclass
from random import Random

from tests.fuzz.blind import BLIND
from tests.fuzz.corpus import corpus
from tests.fuzz.grammar import GRAMMAR
from tests.fuzz.segments import Mutation, bytes_of, segments_of

MAX_BYTES = 5_000_000  # what /ehr/hl7 takes
_ENVELOPES = (
    b"",
    b"FHS|^~\\&|LAB|RIVERBEND\r",
    b"BHS|^~\\&|LAB|RIVERBEND|||||||B1\r",
    b"BHS\r",
    b"FHS|",
)
_CHARSETS = ("utf-8", "iso-8859-1", "windows-1252", "us-ascii", "utf-16", "gb18030", "nonsense", "")
# Messages of tests and training are refused at MSH-11: most mutants should get further.
_IN_TEST = re.compile(rb"(MSH\|(?:[^|\r\n]*\|){9})[TD](\|)")
_TYPES = ("x-application/hl7-v2+er7", "application/hl7-v2", "application/hl7-v2; ;=", "")


@dataclass(frozen=True)
class Mutant:
    """`recipe` names what was done to a message, in order."""

    seed: int
    raw: bytes
    headers: dict[str, str]
    sender: int  # which of the settings in `tests.fuzz.stand_ins`
    is_queued: bool  # came by the queue and not by HTTPS
    recipe: tuple[str, ...]


def mutant(seed: int) -> Mutant:
    rng = Random(seed)  # noqa: S311 - to be repeatable is the point
    raw, recipe = rng.choice(corpus().large if rng.random() < 0.01 else corpus().small), list[str]()
    if rng.random() < 0.7:
        raw = _IN_TEST.sub(rb"\1P\2", raw)
    is_blind = rng.random() < 0.4
    for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 5, 8))):
        raw, step = _damaged(raw or b"M", rng, is_blind=is_blind ^ (rng.random() < 0.1))
        recipe.append(step)
    if rng.random() < 0.06:
        raw = _batch(raw, rng)
        recipe.append("batch")
    return Mutant(
        seed=seed,
        raw=raw[:MAX_BYTES],
        headers=_headers(rng),
        sender=rng.randrange(4),
        is_queued=rng.random() < 0.25,
        recipe=tuple(recipe),
    )


def _damaged(raw: bytes, rng: Random, *, is_blind: bool) -> tuple[bytes, str]:
    if is_blind:
        chosen = rng.choice(BLIND)
        return chosen(raw, rng), chosen.__name__
    return _in_segments(rng.choice(GRAMMAR), raw, rng)


def _in_segments(mutation: Mutation, raw: bytes, rng: Random) -> tuple[bytes, str]:
    segments = segments_of(raw)
    mutation(segments, rng)
    return bytes_of(segments), mutation.__name__


def _batch(raw: bytes, rng: Random) -> bytes:
    """Envelopes that may be missing, and counts that may be wrong."""
    some = [raw, *rng.choices(corpus().small, k=rng.choice((0, 1, 1, 3, 12)))]
    rng.shuffle(some)
    counts = (str(len(some)), str(len(some)), "0", "-1", "x", "", "9" * 5_000)
    trailers = [f"{name}|{rng.choice(counts)}\r".encode() for name in ("BTS", "FTS")]
    kept = [each for each in trailers if rng.random() < 0.8]
    return (
        rng.choice(_ENVELOPES) + rng.choice(_ENVELOPES) + b"\r".join(some) + b"\r" + b"".join(kept)
    )


def _headers(rng: Random) -> dict[str, str]:
    content_type = rng.choice(_TYPES) if rng.random() < 0.05 else _TYPES[0]
    if rng.random() < 0.2:
        content_type += f"; charset={rng.choice(_CHARSETS)}"
    encoded = {"content-encoding": "gzip"} if rng.random() < 0.005 else {}
    return {"content-type": content_type} | encoded
