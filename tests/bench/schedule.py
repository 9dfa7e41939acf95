"""What is pushed when, and what became of it: pure rules over times, in seconds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from tests.bench.figures import middle, quantile

PER_SECOND = 150_000 / 86_400  # 1.74
LATE_SECONDS = 90.0


@dataclass(frozen=True)
class Phase:
    name: str
    seconds: float
    per_second: float

    @property
    def said(self) -> str:
        return f"{self.name}, {self.per_second:.2f}/s"


@dataclass
class Followed:
    """Messages by raw id. Who has no end is still on its way, or lost."""

    phases: dict[str, str] = field(default_factory=dict)
    pushed_at: dict[str, float] = field(default_factory=dict)
    ended_at: dict[str, float] = field(default_factory=dict)

    def push(self, raw_id: str, phase: Phase, at: float) -> None:
        self.phases[raw_id], self.pushed_at[raw_id] = phase.said, at

    @property
    def open(self) -> list[str]:
        return [raw_id for raw_id in self.pushed_at if raw_id not in self.ended_at]

    def of(self, phase: str) -> list[str]:
        return [raw_id for raw_id, name in self.phases.items() if name == phase]

    def seconds(self, raw_ids: Iterable[str]) -> list[float]:
        ended = (each for each in raw_ids if each in self.ended_at)
        return [self.ended_at[each] - self.pushed_at[each] for each in ended]

    def row(self, name: str, raw_ids: Sequence[str]) -> list[str]:
        found = self.seconds(raw_ids)
        times = [quantile(found, share) for share in (0.95, 0.99, 1.0)]
        late = sum(each > LATE_SECONDS for each in found)
        shown = [f"{each:.2f}" for each in (middle(found), *times)]
        return [name, f"{len(raw_ids):,}", *shown, f"{late}", f"{len(raw_ids) - len(found)}"]

    @property
    def largest_backlog(self) -> int:
        """The most that were pushed and not ended at one time."""
        moments = [(at, 1) for at in self.pushed_at.values()]
        moments += [(at, -1) for at in self.ended_at.values()]
        steps = (step for _, step in sorted(moments))
        return max(accumulate(steps), default=0)


def phases(minutes: float, burst: float, burst_seconds: float, after_seconds: float) -> list[Phase]:
    """`burst` is how many times the steady rate; 0 leaves it out."""
    steady = Phase("steady", minutes * 60, PER_SECOND)
    if not burst:
        return [steady]
    peak = Phase(f"burst of {burst_seconds:.0f} s", burst_seconds, burst * PER_SECOND)
    return [steady, peak, Phase("steady again", after_seconds, PER_SECOND)]


def due(phases: Sequence[Phase], elapsed: float) -> list[Phase]:
    """The phase of each message that should have been pushed by now, in order."""
    found: list[Phase] = []
    for phase in phases:
        found += [phase] * round(phase.per_second * min(max(elapsed, 0.0), phase.seconds))
        elapsed -= phase.seconds
    return found


def starts_at(phases: Sequence[Phase], index: int) -> float:
    return sum(phase.seconds for phase in phases[:index])
