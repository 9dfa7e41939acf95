"""From push to card through the running stack, one after another."""

import time

from infra.local.progress import CannotRun
from infra.local.pushed import raw_id
from infra.local.stack import Stack
from tests.bench.figures import middle, p95, table
from tests.bench.schedule import Followed, Phase
from tests.bench.traffic import Ledger, check_is_here, message, send

MESSAGES = 50
ALONE = Phase("one by one", 0.0, 0.0)
LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 60.0


def figures(stack: Stack) -> list[str]:
    check_is_here(stack)
    sqs, ledger = stack.client("sqs"), Ledger(stack)
    found = Followed()
    for number in range(MESSAGES + 1):
        raw = message(number)
        found.push(raw_id(raw), ALONE, time.time())
        send(sqs, stack.queue_url, [raw])
        await_end(found, ledger)
    seconds = found.seconds(list(found.pushed_at)[1:])  # the first one starts the processes
    shown = [f"{MESSAGES}", f"{middle(seconds):.2f}", f"{p95(seconds):.2f}", f"{max(seconds):.2f}"]
    return table(["messages, one by one", "median s", "p95 s", "slowest s"], [shown])


def await_end(found: Followed, ledger: Ledger) -> None:
    deadline = time.time() + PATIENCE_SECONDS
    while found.open:
        if time.time() > deadline:
            raise CannotRun("A message did not become a card.")
        time.sleep(LOOK_SECONDS)
        ledger.look(found)
