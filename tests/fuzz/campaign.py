"""Many mutants in two processes: how each ended, what broke, what was slow, how memory grew."""

import multiprocessing
import resource
import signal
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tests.fuzz.doors import ended, warm_up
from tests.fuzz.mutants import mutant

HANGS_AFTER_SECONDS = 20  # not a speed limit: whatever takes so long would never end
_PROCESSES = 2
_IN_ONE_GO = 250
_SLOWEST = 10
_SHOWN = 5


class Hangs(Exception):
    pass


@dataclass(frozen=True, order=True)
class Took:
    milliseconds: float
    seed: int
    bytes: int


@dataclass
class Findings:
    """`faults`: seed -> traceback. Memory is a process's peak, in MB, after its first inputs and
    at the end."""

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: dict[int, str] = field(default_factory=dict)
    slowest: list[Took] = field(default_factory=list)
    first_megabytes: float = 0
    last_megabytes: float = 0

    def add(self, other: "Findings") -> None:
        self.outcomes += other.outcomes
        self.faults |= other.faults
        self.slowest = sorted([*self.slowest, *other.slowest], reverse=True)[:_SLOWEST]
        self.first_megabytes = self.first_megabytes or other.first_megabytes
        self.last_megabytes = max(self.last_megabytes, other.last_megabytes)

    @property
    def report(self) -> str:
        ends = ", ".join(f"{end} {count}" for end, count in self.outcomes.most_common())
        slowest = ", ".join(
            f"{took.milliseconds:.0f} ms (seed {took.seed})" for took in self.slowest
        )
        grown = self.last_megabytes - self.first_megabytes
        return (
            f"{self.outcomes.total()} inputs: {ends}\nslowest, in processor time: {slowest}\n"
            f"memory: at most {self.last_megabytes:.0f} MB, {grown:.0f} MB more than at the start"
        )

    @property
    def faults_shown(self) -> str:
        """The first few, and how to see each again."""
        few = list(self.faults.items())[:_SHOWN]
        told = [f"python -m tests.fuzz {seed}\n{error}" for seed, error in few]
        return "\n".join([f"{len(self.faults)} inputs broke a law", *told])


def findings(first: int, count: int) -> Findings:
    """`first` is the first seed."""
    found = Findings()
    context = multiprocessing.get_context("spawn")  # a fork would copy pytest and its threads
    seeds = [*range(first, first + count, _IN_ONE_GO), first + count]
    with ProcessPoolExecutor(_PROCESSES, context, ready) as pool:
        for each in pool.map(some, [range(*ends) for ends in pairwise(seeds)]):
            found.add(each)
    return found


def ready() -> None:
    """As pytest is in the process that started this one."""
    warnings.simplefilter("error")
    warm_up()


def some(seeds: range) -> Findings:
    found, took = Findings(first_megabytes=peak_megabytes()), list[Took]()
    for seed in seeds:
        sent = mutant(seed)
        try:
            with hang_guard():
                end = ended(sent)
        except Exception:
            found.faults[seed] = traceback.format_exc(limit=-6)
        else:
            found.outcomes[end.outcome] += 1
            took.append(Took(end.milliseconds, seed, len(sent.raw)))
    found.slowest = sorted(took, reverse=True)[:_SLOWEST]
    found.last_megabytes = peak_megabytes()
    return found


def peak_megabytes() -> float:
    """`ru_maxrss` would begin with what the process that started this one had."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    (peak,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    return int(peak.split()[1]) / 1024


@contextmanager
def hang_guard() -> Iterator[None]:
    """Raises Hangs inside."""

    def ring(*_: object) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(HANGS_AFTER_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
