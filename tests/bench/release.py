"""From push to card through the running stack: one after another, and at a steady rate."""

import time
from datetime import UTC, datetime

from infra.local.clinic.messages import fresh
from infra.local.clinic.people import patients
from infra.local.pushed import push_to_queue
from infra.local.stack import Stack
from tests.bench.figures import middle, p95, table
from tests.journeys.people import finished

MESSAGES = 50
PER_SECOND = 1.74  # 150,000 a day


def figures(stack: Stack) -> list[str]:
    finished(stack, pushed(stack, 0))  # the first one starts the processes
    seconds = []
    for number in range(MESSAGES):
        started = time.perf_counter()
        finished(stack, pushed(stack, number))
        seconds.append(time.perf_counter() - started)
    shown = [f"{MESSAGES}", f"{middle(seconds):.2f}", f"{p95(seconds):.2f}", f"{max(seconds):.2f}"]
    return table(["messages, one by one", "median s", "p95 s", "slowest s"], [shown])


def steady(stack: Stack, minutes: float) -> list[str]:
    """Pushes on schedule whatever happens, and looks at what is not finished each half minute."""
    waiting: dict[bytes, float] = {}
    seconds: list[float] = []
    backlogs: list[int] = []
    started, number, looked_at = time.monotonic(), 0, 0.0
    while time.monotonic() - started < minutes * 60:
        due = started + number / PER_SECOND
        time.sleep(max(0.0, due - time.monotonic()))
        waiting[pushed(stack, number)] = time.time()
        number += 1
        if time.monotonic() - looked_at > 10:
            looked_at = time.monotonic()
            seconds += settled(stack, waiting)
            backlogs.append(len(waiting))
    left = len(waiting)
    while waiting:
        seconds += settled(stack, waiting)
        time.sleep(0.2)
    head = ["messages", "median s", "p95 s", "slowest s", "largest backlog", "left at the end"]
    times = [f"{middle(seconds):.2f}", f"{p95(seconds):.2f}", f"{max(seconds):.2f}"]
    return table(head, [[f"{number:,}", *times, f"{max(backlogs)}", f"{left}"]])


def settled(stack: Stack, waiting: dict[bytes, float]) -> list[float]:
    """Seconds of those whose last step is done, by the step's own time; they leave `waiting`."""
    from infra.local.pushed import arrival

    found = []
    dynamodb, care = stack.client("dynamodb"), stack.outputs["CareTable"]
    for raw, pushed_at in list(waiting.items()):
        seen = arrival(dynamodb, care, raw)
        if seen.is_over and "notify" in seen.steps:  # noted just after the state
            done_at = datetime.fromisoformat(seen.steps["notify"]).timestamp()
            found.append(done_at - pushed_at)
            del waiting[raw]
    return found


def pushed(stack: Stack, number: int) -> bytes:
    people = patients()
    raw = fresh(datetime.now(UTC), mrn=people[number % len(people)].mrn, panel="bmp")
    push_to_queue(stack.client("sqs"), stack.queue_url, raw)
    return raw
