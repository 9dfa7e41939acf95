"""`make bench`: prints figures, and writes them to tests/bench/RESULTS.md. No figure is a test.

It starts a stack of its own on loopback and stops by itself, after about fifteen minutes
(`--minutes 0` leaves out the long run at 150,000 messages a day, `--burst 0` its burst).
"""

import argparse
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from infra.local.place import ROOT
from infra.local.stack import Stack, running_stack
from tests.bench import crowd, imports, pages, reading, release, steady, web

STATE = ROOT / ".local" / "bench-stack"
RESULTS = Path(__file__).with_name("RESULTS.md")

type Section = tuple[str, list[str]]


def main() -> None:
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    options.add_argument("--minutes", type=float, default=7, help="at 150,000 messages a day")
    options.add_argument("--burst", type=float, default=10, help="times that rate, for a minute")
    asked = options.parse_args()
    shutil.rmtree(STATE, ignore_errors=True)
    found = [measured("Reading and converting", reading.figures)]
    with running_stack(STATE) as stack:
        found += list(with_stack(stack, asked.minutes, asked.burst))
    shutil.rmtree(STATE, ignore_errors=True)
    RESULTS.write_text(report(found))


def with_stack(stack: Stack, minutes: float, burst: float) -> Iterator[Section]:
    yield measured("Cold start: imports from the built artifact", lambda: imports.figures(STATE))
    yield measured("Pages", lambda: pages.figures(stack))
    yield measured(web.TITLE, lambda: web.figures(stack))
    crowd.enrolled(stack)
    yield measured("From push to card", lambda: release.figures(stack))
    if minutes:
        run = lambda: steady.figures(stack, minutes, burst)  # noqa: E731
        yield measured("At 150,000 messages a day, and a burst", run)


def measured(title: str, figures: Callable[[], list[str]]) -> Section:
    print(f"\n{title}", flush=True)
    lines = figures()
    print("\n".join(lines), flush=True)
    return title, lines


def report(sections: list[Section]) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    machine = f"{os.cpu_count()} cores, {memory} GiB, {platform.machine()}, {platform.system()}"
    head = f"# Results of `make bench`\n\n{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. {machine}, "
    head += (
        f"Python {platform.python_version()}. The local AWS (MiniStack) ran on the same cores;\n"
    )
    head += "its times say how this code behaves, not how fast AWS is.\n"
    bodies = ("\n".join([f"\n## {title}\n", *lines]) for title, lines in sections)
    return head + "\n".join(bodies) + "\n"


if __name__ == "__main__":
    main()
