"""Broken messages without number: each ends in one known place, and nothing raises.

PORTAL_FUZZ=200000 runs more of them, PORTAL_FUZZ_SEED=1000000 others. A seed is one input:
`python -m tests.fuzz SEED` shows and runs it.
"""

import os
from collections.abc import Callable

from tests.fuzz.campaign import findings
from tests.fuzz.corpus import SAMPLES, corpus
from tests.fuzz.doors import Outcome
from tests.fuzz.mutants import mutant

COUNT = int(os.environ.get("PORTAL_FUZZ", "50000"))
FIRST = int(os.environ.get("PORTAL_FUZZ_SEED", "0"))
_MOST_MEGABYTES = 512  # half of what the functions have


def test_every_input_ends_in_exactly_one_known_place(
    record_property: Callable[[str, object], None],
) -> None:
    found = findings(FIRST, COUNT)

    record_property("figures", found.report)
    assert not found.faults, found.faults_shown
    assert found.outcomes.total() == COUNT
    assert found.last_megabytes < _MOST_MEGABYTES
    if COUNT >= 10_000:
        assert set(found.outcomes) == set(Outcome), "some places are not tried any more"


def test_a_seed_is_always_the_same_input() -> None:
    assert [mutant(seed) for seed in range(50)] == [mutant(seed) for seed in range(50)]


def test_without_the_shared_samples_there_are_seeds_all_the_same() -> None:
    assert len(corpus().small) > 30
    assert not SAMPLES.is_dir() or len(corpus().small) > 1_500
