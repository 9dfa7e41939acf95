"""What `make` says while it works: a line per long step, with its seconds."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class CannotRun(Exception):
    """Something the reader can put right; the message says what."""


@contextmanager
def step(what: str) -> Iterator[None]:
    ended = threading.Event()
    started = time.monotonic()
    watcher = threading.Thread(target=_count, args=(what, started, ended), daemon=True)
    watcher.start()
    try:
        yield
    except BaseException:
        _end(ended, watcher, f"{what} ... stopped after {_seconds(started)}")
        raise
    _end(ended, watcher, f"{what} ... {_seconds(started)}")


def _count(what: str, started: float, ended: threading.Event) -> None:
    """Counts on one line of a terminal; elsewhere says once that the step has begun."""
    if not sys.stdout.isatty():
        print(f"{what} ...", flush=True)
        return
    while True:
        print(f"\r{what} ... {_seconds(started)}", end="", flush=True)
        if ended.wait(0.5):
            return


def _end(ended: threading.Event, watcher: threading.Thread, line: str) -> None:
    ended.set()
    watcher.join()
    print(f"\r\033[K{line}" if sys.stdout.isatty() else line, flush=True)


def _seconds(started: float) -> str:
    return f"{time.monotonic() - started:.0f} s"
