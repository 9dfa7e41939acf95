"""150,000 messages a day through the running stack, with a burst: how late the latest is.

Messages are pushed on schedule whatever happens, ten to a call. Little is asked meanwhile (a
hundred arrivals to a call, every few seconds): each arrival notes its own times, and the backlog
follows from them. The load goes to loopback and ends by itself.
"""

import time
from collections.abc import Callable, Sequence
from itertools import batched

from infra.local.pushed import raw_id
from infra.local.stack import Stack
from tests.bench import schedule
from tests.bench.figures import table
from tests.bench.schedule import Followed, Phase
from tests.bench.traffic import AT_ONCE, Ledger, check_is_here, message, send

TICK_SECONDS = 0.5
LOOK_SECONDS = 5.0
BURST_SECONDS = 60.0
DRAIN_SECONDS = 300.0  # the steady rate goes on so long at most, after a burst
PATIENCE_SECONDS = 420.0  # for the last one: three tries of upkeep's
HEAD = ["", "messages", "median s", "p95 s", "p99 s", "slowest s", "later than 90 s", "lost"]

type Send = Callable[[Sequence[bytes]], None]
type Look = Callable[[Followed], None]


def figures(stack: Stack, minutes: float, burst: float) -> list[str]:
    check_is_here(stack)
    planned = schedule.phases(minutes, burst, BURST_SECONDS, DRAIN_SECONDS)
    sqs, look = stack.client("sqs"), Ledger(stack).look
    own, started = time.process_time(), time.time()
    found = push(planned, lambda raws: send(sqs, stack.queue_url, raws), look)
    wait_for_the_rest(found, look)
    share = (time.process_time() - own) / (time.time() - started)
    lines = report(found, planned, started)
    return [*lines, f"Pushing and looking took {share:.0%} of a core."]


def push(planned: Sequence[Phase], send: Send, look: Look) -> Followed:
    """Until the plan is done; after a burst, until all of it has ended."""
    found, started, looked_at = Followed(), time.time(), time.time()
    while True:
        elapsed = time.time() - started
        owed = schedule.due(planned, elapsed)[len(found.pushed_at) :]
        for some in batched(owed, AT_ONCE, strict=False):
            push_some(found, some, send)
        if time.time() - looked_at > LOOK_SECONDS:
            look(found)
            looked_at = time.time()
        if is_done(found, planned, elapsed):
            return found
        time.sleep(TICK_SECONDS)


def is_done(found: Followed, planned: Sequence[Phase], elapsed: float) -> bool:
    if elapsed > schedule.starts_at(planned, len(planned)):
        return True
    is_after_burst = len(planned) > 2 and elapsed > schedule.starts_at(planned, 2)
    return is_after_burst and not set(found.of(planned[1].said)) & set(found.open)


def push_some(found: Followed, some: Sequence[Phase], send: Send) -> None:
    first = len(found.pushed_at)
    raws = [message(first + number) for number in range(len(some))]
    at = time.time()
    send(raws)
    for raw, phase in zip(raws, some, strict=True):
        found.push(raw_id(raw), phase, at)


def wait_for_the_rest(found: Followed, look: Look) -> None:
    deadline = time.time() + PATIENCE_SECONDS
    look(found)
    while found.open and time.time() < deadline:
        time.sleep(LOOK_SECONDS)
        look(found)


def report(found: Followed, planned: Sequence[Phase], started: float) -> list[str]:
    rows = [found.row(phase.said, found.of(phase.said)) for phase in planned]
    rows.append(found.row("all", list(found.pushed_at)))
    said = [f"Largest backlog: {found.largest_backlog:,} messages."]
    if len(planned) > 2:
        seconds = drain_seconds(found, planned, started)
        said.append(f"The last message of the burst was done {seconds:.0f} s after its end.")
    return [*table(HEAD, rows), "", " ".join(said)]


def drain_seconds(found: Followed, planned: Sequence[Phase], started: float) -> float:
    of_burst = found.of(planned[1].said)
    last = max((found.ended_at[each] for each in of_burst if each in found.ended_at), default=0.0)
    return max(0.0, last - started - schedule.starts_at(planned, 2))
