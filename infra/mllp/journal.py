"""What operators see: a JSON line for each event, and counters. Never what a message says."""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import TextIO

type Fact = str | int


class Journal:
    """`counts` has each event that was written, and what is counted without a line of its own."""

    def __init__(self, out: TextIO) -> None:
        self.counts = Counter[str]()
        self._out = out

    def write(self, event: str, level: str = "info", **facts: Fact) -> None:
        self.counts[event] += 1
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": level, "event": event} | facts
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()
