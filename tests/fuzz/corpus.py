"""What mutants are made of: real messages when they are beside the repository, else our own."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from infra.local.clinic import messages
from tests.fuzz.invented import INVENTED

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "hl7v2" / "dev"
_LARGE_BYTES = 20_000
_AS_OF = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Corpus:
    """`large` ones are chosen rarely: they take most of the time and have no more to break."""

    small: tuple[bytes, ...]
    large: tuple[bytes, ...]


@cache
def corpus() -> Corpus:
    """Sorted, so that a seed means the same mutant wherever the same samples are."""
    files = sorted(each for each in SAMPLES.glob("m*/*/*") if each.suffix not in (".json", ".csv"))
    clinic = list(messages.history(_AS_OF))[::5]
    found = [*INVENTED, *clinic, *(file.read_bytes() for file in files)]
    small = tuple(each for each in found if len(each) <= _LARGE_BYTES)
    return Corpus(small, tuple(each for each in found if len(each) > _LARGE_BYTES) or small)
