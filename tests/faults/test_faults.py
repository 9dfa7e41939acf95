"""Whatever fails, wherever and however often: nothing is lost, nothing is doubled."""

from collections import Counter
from collections.abc import Iterator

import pytest
from tests.faults.campaign import Found, found
from tests.faults.kinds import KINDS
from tests.faults.scenarios import Scenario, scenarios
from tests.faults.sites import written
from tests.faults.spared import SPARED

SEEDS = 10
COLUMNS = {
    "refused": ("refused", "unreachable", "not-connected"),
    "throttled": ("throttled", "conflicting"),
    "unanswered": ("unanswered", "repeated"),
    "died": ("killed-before", "killed-after", "stopped-before", "stopped-after"),
    "overtaken": ("overtaken-before", "overtaken-after"),
}


@pytest.mark.parametrize("scenario", scenarios(), ids=str)
def test_after_any_fault_all_is_as_it_would_be_without(scenario: Scenario) -> None:
    assert not found(scenario).broken, found(scenario).report


def test_every_call_of_the_ingestion_was_made_to_fail_in_every_way() -> None:
    seeds = seeds_by_site()
    print(*table(), sep="\n")  # noqa: T201

    assert sorted(written() - SPARED.keys() - seeds.keys()) == [], "never reached"
    assert sorted(seeds.keys() - written()) == [], "reached, and not found in the source"
    assert {site: n for site, n in seeds.items() if n < SEEDS} == {}
    fired = fired_by_site_and_kind()
    assert [(site, kind) for site in seeds for kind in KINDS if not fired[site, kind]] == []


def test_what_is_spared_exists_and_is_not_reached() -> None:
    assert sorted(SPARED.keys() - written()) == []
    assert sorted(SPARED.keys() & seeds_by_site().keys()) == []


def results() -> list[Found]:
    return [found(scenario) for scenario in scenarios()]


def seeds_by_site() -> Counter[str]:
    return sum((each.seeds for each in results()), Counter[str]())


def fired_by_site_and_kind() -> Counter[tuple[str, str]]:
    return sum((each.fired for each in results()), Counter[tuple[str, str]]())


def table() -> Iterator[str]:
    seeds, fired = seeds_by_site(), fired_by_site_and_kind()
    runs, wrong = sum(each.runs for each in results()), sum(len(r.broken) for r in results())
    yield f"\n{runs} runs of {len(scenarios())} scenarios, {len(seeds)} sites, {wrong} broken laws"
    yield f"{'site':75}{'seeds':>7}" + "".join(f"{name:>11}" for name in COLUMNS)
    for site in sorted(seeds):
        counts = (sum(fired[site, kind] for kind in kinds) for kinds in COLUMNS.values())
        yield f"{site:75}{seeds[site]:>7}" + "".join(f"{count:>11}" for count in counts)
