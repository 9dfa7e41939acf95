"""`make lab`: pushes a message, as an EHR would, and shows each step until its card is out."""

import argparse
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from infra.local.clinic.messages import fresh
from infra.local.progress import CannotRun
from infra.local.pushed import (
    CARDED,
    FILED,
    SPLIT,
    STEPS,
    Arrival,
    arrival,
    push_by_https,
    push_to_queue,
)
from infra.local.stack import FACTS, Stack

PATIENCE_SECONDS = 180
WAYS = ("queue", "https")
OTHER_ENDS = {
    FILED: "In the chart",
    SPLIT: "Split into its messages, which go on by themselves,",
}


def main() -> None:
    asked = argparse.ArgumentParser(prog="make lab", description=__doc__)
    asked.add_argument("file", nargs="?", default="", help="an HL7 v2 message, or a folder of them")
    asked.add_argument("--via", choices=WAYS, default="queue")
    asked.add_argument("--facts", type=Path, default=FACTS)
    options = asked.parse_args()
    try:
        stack = Stack.read(options.facts)
        for name, raw in messages(options.file):
            follow(stack, name, raw, options.via)
    except CannotRun as reason:
        sys.exit(str(reason))
    except (BotoCoreError, ClientError, OSError):
        sys.exit("The running stack did not answer. Is make run still up?")


def messages(file: str) -> Iterator[tuple[str, bytes]]:
    if not file:
        yield "a new result of a demo patient", fresh(datetime.now(UTC))
        return
    path = Path(file)
    if not path.exists():
        raise CannotRun(f"There is no file {path}.")
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    yield from ((str(each), each.read_bytes()) for each in files if each.is_file())


def follow(stack: Stack, name: str, raw: bytes, via: str) -> None:
    print(f"Pushing {name} ({len(raw)} bytes) by {via}")
    pushed_at = datetime.now(UTC)
    push(stack, raw, via)
    dynamodb, care = stack.client("dynamodb"), stack.outputs["CareTable"]
    shown: set[str] = set()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        seen = arrival(dynamodb, care, raw)
        show(seen, shown, pushed_at)
        if seen.is_over:
            print(ending(stack, seen, pushed_at))
            return
        time.sleep(0.1)
    print(f"  No card after {PATIENCE_SECONDS} s. See .local/state/ministack.log")


def push(stack: Stack, raw: bytes, via: str) -> None:
    if via == "queue":
        push_to_queue(stack.client("sqs"), stack.queue_url, raw)
        return
    answer = push_by_https(stack.hl7_url, stack.endpoint_url, stack.ehr_token, raw)
    print("  answer   " + answer.strip().replace("\r", "\n           "))


def show(seen: Arrival, shown: set[str], pushed_at: datetime) -> None:
    """One line for each step not shown yet, in the order of the path."""
    reached = {"received": seen.state} if seen.state else {}
    for name in ("received", *STEPS):
        if name not in shown and (name in seen.steps or name in reached):
            shown.add(name)
            at = datetime.fromisoformat(seen.steps[name]) if name in seen.steps else None
            print(f"  {name:<9}{since(seen, pushed_at, at or datetime.now(UTC))}", flush=True)


def since(seen: Arrival, pushed_at: datetime, at: datetime) -> str:
    after_push = max((at - pushed_at).total_seconds(), 0)
    text = f"{after_push:6.2f} s after the push"
    if not seen.signed_off_at:
        return text
    signed_off = datetime.fromisoformat(seen.signed_off_at)
    return f"{text}, {age((at - signed_off).total_seconds())} after sign-off"


def age(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 3600 else f"{seconds / 86400:.1f} days"


def ending(stack: Stack, seen: Arrival, pushed_at: datetime) -> str:
    took = (datetime.now(UTC) - pushed_at).total_seconds()
    if seen.state == CARDED:
        return f"  The card is out after {took:.1f} s. Sign in at {stack.portal_url}"
    if seen.state in OTHER_ENDS:
        return f"  {OTHER_ENDS[seen.state]} after {took:.1f} s."
    return f"  Not carded but {seen.state} after {took:.1f} s: {seen.reason}. {seen.detail}"


if __name__ == "__main__":
    main()
