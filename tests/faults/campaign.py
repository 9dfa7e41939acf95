"""Every site of every scenario, each with its seeds; and what came of it."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from zlib import crc32

from tests.faults.kinds import KINDS
from tests.faults.laws import broken
from tests.faults.plans import Fault, drawn, storm
from tests.faults.runs import UNDISTURBED_SEED, occurrences, run
from tests.faults.scenarios import Scenario, scenarios
from tests.memory_aws.clinic import NotSettled

MIN_SEEDS = len(KINDS)  # each site in each way at least once


@dataclass
class Found:
    """Of one scenario."""

    seeds: Counter[str] = field(default_factory=Counter)  # by site
    fired: Counter[tuple[str, str]] = field(default_factory=Counter)  # by site and kind
    broken: list[str] = field(default_factory=list)
    runs: int = 0

    @property
    def report(self) -> str:
        return "\n".join([f"{len(self.broken)} runs broke a law:", *sorted(self.broken)[:40]])


@cache
def found(scenario: Scenario) -> Found:
    results, first = Found(), crc32(scenario.name.encode()) % 1000
    for site, count in sorted(occurrences(scenario).items()):
        for seed in range(first, first + seeds_of(scenario, site)):
            _try(scenario, drawn(site, count, seed), seed, results)
    for seed in range(scenario.storms):
        _try_storm(scenario, seed, results)
    return results


def _try_storm(scenario: Scenario, seed: int, results: Found) -> None:
    faults = (*scenario.given, *storm(occurrences(scenario), seed))
    wrong, _ = outcome(scenario, faults, seed)
    _note(results, wrong, f"{scenario}: storm {seed}")


def _note(results: Found, wrong: list[str], where: str) -> None:
    results.runs += 1
    if wrong:
        results.broken.append(f"{'; '.join(sorted(wrong))}\n    {where}")


def seeds_of(scenario: Scenario, site: str) -> int:
    earlier = scenarios()[: scenarios().index(scenario)]
    is_known = any(site in occurrences(each) for each in earlier)
    return scenario.seeds if is_known else MIN_SEEDS


def _try(scenario: Scenario, fault: Fault, seed: int, results: Found) -> None:
    """Where a message came twice the site may be reached less often: then with none twice."""
    faults = (*scenario.given, fault)
    wrong, fired = outcome(scenario, faults, seed)
    if fault not in fired and not wrong:
        wrong, fired = outcome(scenario, faults, seed := UNDISTURBED_SEED)
    if fault in fired:
        results.seeds[fault.site] += 1
        results.fired[fault.site, fault.kind] += 1
    _note(results, wrong, f"{scenario}: {fault} seed {seed}")


def outcome(
    scenario: Scenario, faults: tuple[Fault, ...], seed: int
) -> tuple[list[str], list[Fault]]:
    """The laws that broke, and the faults that happened."""
    try:
        with run(scenario, faults, seed) as made:
            return broken(made), made.plan.fired
    except (NotSettled, AssertionError) as error:
        return [f"{type(error).__name__}: {error}"], list(faults)
