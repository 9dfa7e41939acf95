"""What goes wrong in one run: at which site, the how manieth time, how often, and in what way."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from types import FrameType

from tests.faults.kinds import AFTER, KINDS, SPECIAL, STALLS, STOPS, Happening
from tests.faults.sites import site_of, stack
from tests.memory_aws.door import Call, Effect, Memory
from tests.memory_aws.refusals import Answer

TIMES = (1, 1, 1, 2, 4, 5)  # 4 outlast a state's retrier, 5 a queue's deliveries
MAX_STOPS = 3  # each is one of a message's tries
FOREVER = 10_000
SPENDS_A_TRY = ("functions.upkeep.app.", "portal.arrivals.reopen/")


@dataclass(frozen=True)
class Fault:
    site: str
    kind: str
    first: int = 1  # the first occurrence that goes wrong
    times: int = 1

    def __str__(self) -> str:
        return f"{self.site} {self.kind} {self.first} {self.times}"


def drawn(site: str, occurrences: int, seed: int) -> Fault:
    """The same fault for the same site and seed; the seeds of a site go round all kinds."""
    draw = Random(f"{site} {seed}")  # noqa: S311
    kinds = sorted(KINDS)
    kind = kinds[(seed + len(site)) % len(kinds)]
    first, times = draw.randint(1, occurrences), draw.choice(TIMES)
    return Fault(site, kind, first, min(times, MAX_STOPS) if kind in STOPS else times)


def storm(occurrences: dict[str, int], seed: int) -> tuple[Fault, ...]:
    """Several faults at once."""
    draw = Random(seed)  # noqa: S311
    sites = draw.choices(sorted(occurrences), k=draw.randint(2, 8))
    return tuple(drawn(site, occurrences[site], draw.randrange(1000)) for site in sites)


@dataclass
class Plan:
    """Stands in the memory's door. Off while others work meanwhile."""

    memory: Memory
    faults: tuple[Fault, ...]
    meanwhile: Callable[[Memory], None]
    seen: Counter[str] = field(default_factory=Counter)
    fired: list[Fault] = field(default_factory=list)
    retold: int = 0  # faults that may make us tell a patient again: portal.outbox_delivery says why
    is_off: bool = False
    _sent_before: dict[FrameType, int] = field(default_factory=dict)  # by the delivery that sends

    def __call__(self, call: Call, effect: Effect) -> Answer:
        site = site_of(call.operation)
        if not site:
            return effect()
        self._note_delivery()
        self.seen[site] += not self.is_off
        for fault in self.faults:
            if fault.site == site and self._is_due(fault):
                return self._fire(fault, call, effect)
        return effect()

    @property
    def tries_spent(self) -> int:
        """How often a message's try came to nothing, or was counted without being made."""
        return sum(
            fault.kind in STOPS | SPECIAL.keys() or fault.site.startswith(SPENDS_A_TRY)
            for fault in self.fired
        )

    def _is_due(self, fault: Fault) -> bool:
        if self.is_off:
            return fault.times == FOREVER
        return 0 <= self.seen[fault.site] - fault.first < fault.times

    def _fire(self, fault: Fault, call: Call, effect: Effect) -> Answer:
        self.fired.append(fault)
        self.retold += self._is_told_again(fault)
        kind = (KINDS | SPECIAL)[fault.kind]
        return kind(Happening(self.memory, call, effect, self._let_others_work))

    def _note_delivery(self) -> None:
        if (delivery := _delivery()) is not None:
            self._sent_before.setdefault(delivery, len(self.memory.sent))

    def _is_told_again(self, fault: Fault) -> bool:
        """Between the provider's yes and our note of it; or a deliverer slower than its lease."""
        delivery = _delivery()
        if delivery is None:
            return False
        has_told = len(self.memory.sent) > self._sent_before[delivery]
        is_telling = fault.site.startswith("portal.notify.") and fault.kind in AFTER
        return has_told or is_telling or fault.kind in STALLS

    def _let_others_work(self) -> None:
        self.is_off = True
        try:
            self.meanwhile(self.memory)
        finally:
            self.is_off = False


def _delivery() -> FrameType | None:
    found = [frame for name, frame in stack() if name.startswith("portal.outbox_delivery._deliver")]
    return found[-1] if found else None
