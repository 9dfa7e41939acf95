"""Pages in Chromium over WebPageTest's 3G: first visits, visits on an open connection, and later
ones. Alone: `python -m tests.bench.web`, which writes its part of RESULTS.md.
"""

import argparse
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from infra.local.stack import Stack
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from tests.bench.figures import middle, p95, table
from tests.bench.results import replaced
from tests.bench.slow_line import (
    HTTP3_SET_UP_ROUND_TRIPS,
    SET_UP_ROUND_TRIPS,
    Line,
    floor_ms,
    slow_line,
)
from tests.journeys import visits
from tests.journeys.conftest import CHROMIUM, QUIET
from tests.journeys.loads import Load, loaded

LOADS = 20
PHONE: Any = {"width": 360, "height": 800}
PATIENCE_MS = 60_000
TITLE = "Pages in Chromium on 3G"
OPENS = "/signed-out"  # a page that opens the connection and brings no script
HEAD = ["page", "visit", "requests", "bytes", "FCP p50", "FCP p95", "LCP p50", "LCP p95"]
HEAD += ["floor", "server", "CLS", "TBT"]
NOTE = """
Milliseconds. *First*: nothing kept, new connection (TCP and TLS 1.3). *Open*: scripts kept, the
connection of the page before. *Later*: scripts kept, new connection. *HTTP/3*: a new connection of
one round trip, as at the edge, which a browser that came before knows to speak it; its round trips
alone are imitated. *Floor*: round trips and bytes of the page alone, without server and painting.
*Server*: until its first byte, median, within LCP; MiniStack's on the same cores, so that LCP less
server is what the page itself costs. Names are known (no DNS). See tests/bench/slow_line.py."""


@dataclass(frozen=True)
class Visit:
    """One way to come to a page, and what it costs before the request leaves."""

    name: str
    set_up_round_trips: int


VISITS = (
    Visit("first", SET_UP_ROUND_TRIPS),
    Visit("open", 0),
    Visit("later", SET_UP_ROUND_TRIPS),
    Visit("later, HTTP/3", HTTP3_SET_UP_ROUND_TRIPS),
)


def figures(stack: Stack, loads: int = LOADS) -> list[str]:
    portal = urlsplit(stack.portal_url)
    with slow_line(portal.port or 80) as line, chromium(stack, line) as browser:
        cookies = signed_in(stack)
        rows = []
        for name, path, is_inside in pages(stack, cookies):
            context = a_phone(browser, stack, cookies if is_inside else [])
            for visit in VISITS:
                seen = [load(context, line, visit, path) for _ in range(loads)]
                rows.append(row(name, visit, seen))
                print("| " + " | ".join(rows[-1]) + " |", flush=True)
            context.close()
    return [*table(HEAD, rows), *NOTE.splitlines()]


@contextmanager
def chromium(stack: Stack, line: Line | None) -> Iterator[Browser]:
    """Addresses stay as they are; the line stands in their way."""
    host = urlsplit(stack.portal_url).netloc
    rules = [f"--host-resolver-rules=MAP {host} 127.0.0.1:{line.port}"] if line else []
    found = next(filter(None, map(shutil.which, CHROMIUM)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*QUIET, *rules])
        yield browser
        browser.close()


def signed_in(stack: Stack) -> list[Any]:
    """The session's cookies, fetched without the slow line."""
    session = visits.signed_in(stack)
    url = stack.portal_url
    return [{"name": name, "value": value, "url": url} for name, value in session.cookies.items()]


def pages(stack: Stack, cookies: list[Any]) -> list[tuple[str, str, bool]]:
    """Name, path, and whether a patient sees it signed in."""
    session = visits.Session(stack, {each["name"]: each["value"] for each in cookies})
    card = re.findall(r"/results/[0-9a-f]{32}", session.get("/results").body.decode())[0]
    return [
        ("sign-in", "/sign-in", False),
        ("home", "/", True),
        ("results", "/results", True),
        ("a result", card, True),
        ("settings", "/settings/security", True),
        ("not found", "/nowhere", True),
    ]


def a_phone(browser: Browser, stack: Stack, cookies: list[Any]) -> BrowserContext:
    context = browser.new_context(viewport=PHONE, base_url=stack.portal_url)
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies(cookies)
    return context


def load(context: BrowserContext, line: Line, visit: Visit, path: str) -> tuple[Load, float]:
    """One load, and the milliseconds until the server's first byte in it."""
    page = context.new_page()
    line.set_up_round_trips = visit.set_up_round_trips or SET_UP_ROUND_TRIPS
    if visit.name == "open":
        page.goto(OPENS)
    else:
        line.drop()
    if visit.name == "first":
        wire = context.new_cdp_session(page)
        wire.send("Network.clearBrowserCache")
    line.waits.clear()
    found = loaded(page, path)
    page.close()
    return found, line.waits[0]


def row(name: str, visit: Visit, seen: list[tuple[Load, float]]) -> list[str]:
    loads = [each for each, _ in seen]
    page_bytes = middle(each.of_kind("Document")[0].wire_bytes for each in loads)
    times = [each.lcp for each in loads]
    floor = floor_ms(visit.set_up_round_trips, page_bytes)
    figures = [
        middle(len(each.fetched) for each in loads),
        middle(each.wire_bytes for each in loads),
        middle(each.fcp for each in loads),
        p95([each.fcp for each in loads]),
        middle(times),
        p95(times),
        floor,
        middle(wait for _, wait in seen),
    ]
    moved = f"{max(each.cls for each in loads):.3f}"
    blocked = f"{max(each.tbt for each in loads):.0f}"
    return [name, visit.name, *(f"{each:,.0f}" for each in figures), moved, blocked]


def main() -> None:
    """Against the stack that `make run` started."""
    options = argparse.ArgumentParser(prog="python -m tests.bench.web", description=__doc__)
    options.add_argument("--loads", type=int, default=LOADS, help="of each page and visit")
    replaced(TITLE, figures(Stack.read(), options.parse_args().loads))


if __name__ == "__main__":
    main()
