"""Segments of HL7 as lists of fields, and damage to whole segments.

`MSH-n` stands at n - 1, `PID-n` at n. Bytes above ASCII pass as they are (Latin-1 both ways).
"""

from collections.abc import Callable
from random import Random

from tests.fuzz.corpus import corpus

type Segments = list[list[str]]
type Mutation = Callable[[Segments, Random], None]

_FLOODS = (5, 5, 5, 20, 20, 20, 20, 100, 100, 400)


def segments_of(raw: bytes) -> Segments:
    lines = raw.decode("latin-1").replace("\r\n", "\r").replace("\n", "\r").split("\r")
    mark = lines[0][3:4] or "|"
    return [line.split(mark) for line in lines if line] or [["MSH", "^~\\&"]]


def bytes_of(segments: Segments) -> bytes:
    text = "".join("|".join(fields) + "\r" for fields in segments)
    return text.encode("latin-1", "replace")


def a_place(segments: Segments, rng: Random) -> tuple[list[str], int]:
    """A field that is there, MSH-1 and MSH-2 rarely."""
    fields = rng.choice(segments)
    return fields, rng.randrange(min(1, len(fields) - 1), len(fields))


def named(segments: Segments, *names: str) -> list[list[str]]:
    return [fields for fields in segments if fields[0] in names]


def drop_segment(segments: Segments, rng: Random) -> None:
    if len(segments) > 1:
        del segments[rng.randrange(len(segments))]


def double_segment(segments: Segments, rng: Random) -> None:
    times = rng.choice((1, 1, 2, 30))
    at = rng.randrange(len(segments))
    segments[at:at] = [list(segments[at]) for _ in range(times)]


def swap_segments(segments: Segments, rng: Random) -> None:
    one, other = rng.randrange(len(segments)), rng.randrange(len(segments))
    segments[one], segments[other] = segments[other], segments[one]


def shuffle_body(segments: Segments, rng: Random) -> None:
    body = segments[1:]
    rng.shuffle(body)
    segments[1:] = body


def foreign_segment(segments: Segments, rng: Random) -> None:
    others = segments_of(rng.choice(corpus().small))
    segments.insert(rng.randrange(len(segments) + 1), rng.choice(others))


def rename_segment(segments: Segments, rng: Random) -> None:
    names = (
        "OBX",
        "OBR",
        "PID",
        "ORC",
        "ZZ1",
        "obx",
        "NTE",
        "MSH",
        "MRG",
        "SPM",
        "O",
        "PV1",
        "BTS",
    )
    rng.choice(segments)[0] = rng.choice(names)


def flood_segments(segments: Segments, rng: Random) -> None:
    at = rng.randrange(len(segments))
    few = segments[at : at + rng.choice((1, 3))]
    segments[at:at] = [list(each) for each in few for _ in range(rng.choice(_FLOODS))]


OF_SEGMENTS: tuple[Mutation, ...] = (
    drop_segment,
    double_segment,
    swap_segments,
    shuffle_body,
    foreign_segment,
    rename_segment,
    flood_segments,
)
