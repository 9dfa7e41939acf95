"""How much of AWS is wanted at once, beside its quotas and beside what template.yaml sets."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.architecture.template import functions
from tests.bench import prices
from tests.bench.calls import Ordinary
from tests.bench.ordinary import Profile
from tests.bench.prices import Quota

PEAK = 4  # the busiest hour beside the mean: an assumption
BURST = 10  # for a minute, beside the mean
HEADROOM = 1.5
BATCH = 10


@dataclass(frozen=True)
class Rates:
    """Results a second."""

    mean: float
    peak: float
    burst: float


def rates(per_day: float) -> Rates:
    mean = per_day / 86_400
    return Rates(mean, PEAK * mean, BURST * mean)


def concurrency(profile: Profile, per_second: float) -> dict[str, float]:
    """Little's law: what arrives a second, times the seconds it stays."""
    return {
        "receiving": per_second * profile.received.seconds,
        "releasing": per_second * profile.release_seconds,
        "workflows open": per_second * profile.workflow_seconds,
    }


def max_concurrency() -> int:
    """Of the queue's poller, as the template sets it."""
    events = functions()["LabReleaseReceiveFunction"]["Properties"]["Events"]
    return int(events["Messages"]["Properties"]["ScalingConfig"]["MaximumConcurrency"])


def received_per_second(profile: Profile) -> float:
    """What so many pollers take from the queue, each one message after another."""
    return max_concurrency() / profile.received.seconds


def wait_seconds(profile: Profile, per_day: float, burst_seconds: float = 60.0) -> float:
    """Of the last message of a burst, in the queue, with the poller as the template sets it;
    infinite when the mean is more than it takes."""
    wanted, taken = rates(per_day), received_per_second(profile)
    if wanted.mean >= taken:
        return math.inf
    return max(0.0, (wanted.burst - taken) * burst_seconds / taken)


def wanted_pollers(profile: Profile, per_day: float) -> int:
    needed = HEADROOM * rates(per_day).burst * profile.received.seconds
    return max(2, math.ceil(needed))


def wanted_reserve(profile: Profile, per_day: float) -> int:
    return math.ceil(HEADROOM * rates(per_day).burst * profile.release_seconds)


def against_quotas(
    profile: Profile, ordinary: Ordinary, per_second: float
) -> Iterator[tuple[Quota, float]]:
    """What a burst wants of each."""
    together = concurrency(profile, per_second)
    busiest, units = busiest_table(ordinary)
    partition, entries = busiest_partition(ordinary)
    yield prices.CONCURRENCY, together["receiving"] + together["releasing"]
    yield prices.REQUESTS, per_second * len(profile.steps)
    yield prices.POLLED, together["receiving"]
    yield prices.STARTS, per_second
    yield prices.KMS_RATE, per_second * profile.kms
    yield named(prices.TABLE_WRITES, f"the {busiest} table"), per_second * units
    yield named(prices.NEW_TABLE_WRITES, f"the {busiest} table"), per_second * units
    yield named(prices.PARTITION_WRITES, f'"{partition}" of due-work'), per_second * entries
    yield prices.PUT_RATE, per_second * profile.puts


def named(quota: Quota, which: str) -> Quota:
    return Quota(f"{quota.what}: {which}", quota.limit, quota.note, quota.is_read)


def busiest_table(ordinary: Ordinary) -> tuple[str, float]:
    units: Counter[str] = Counter()
    for each in ordinary.used:
        units[each.table] += int(each.writes + each.index_writes)
    return units.most_common(1)[0]


def busiest_partition(ordinary: Ordinary) -> tuple[str, int]:
    """Of the index of due work, whose partition is a kind of work and nothing else."""
    found = Counter(key for each in ordinary.used for key in each.index_keys)
    return found.most_common(1)[0]
