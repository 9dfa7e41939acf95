"""A whole stack of its own on free ports, and Chromium in front of it."""

import shutil
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from infra.local.stack import Stack, running_stack
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.journeys.people import Person, mailbox

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".local" / "test-stack"
SCREENS = ROOT / ".local" / "screens"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 60_000
_used: Counter[str] = Counter()
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    shutil.rmtree(STATE, ignore_errors=True)
    with running_stack(STATE) as running:
        yield running
    shutil.rmtree(STATE, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def localhost_names() -> Iterator[None]:
    """Browsers know that *.localhost is this machine; Python's resolver may not."""
    ask = socket.getaddrinfo

    def local(host: Any, *rest: Any, **named: Any) -> Any:
        is_ours = isinstance(host, str) and host.endswith(".localhost")
        return ask("127.0.0.1" if is_ours else host, *rest, **named)

    socket.getaddrinfo = local
    yield
    socket.getaddrinfo = ask


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, CHROMIUM)))
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def browser(chromium: Browser, stack: Stack) -> Iterator[Callable[..., Page]]:
    """A fresh browser profile for each call: a person's own phone or laptop."""
    opened: list[BrowserContext] = []

    def open_one(width: int = 360, **options: Any) -> Page:
        size: Any = {"width": width, "height": 800}
        context = chromium.new_context(viewport=size, base_url=stack.portal_url, **options)
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        return context.new_page()

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def somebody(stack: Stack) -> Person:
    """Another patient for each test: an address may ask for a link five times a quarter hour."""
    return _next_person(stack)


@pytest.fixture
def somebody_else(stack: Stack) -> Person:
    return _next_person(stack)


def _next_person(stack: Stack) -> Person:
    """Who was used and texted least: there are limits on codes, too."""
    texts = Counter(each["to"] for each in mailbox(stack))
    others = [p for p in stack.demo_patients if p["email"] and p["mrn"] != "RB10001"]
    found = min(others, key=lambda each: _used[each["mrn"]] + texts[each["phone"]])
    _used[found["mrn"]] += 1
    return Person(stack, found)


@pytest.fixture
def grace(stack: Stack) -> Person:
    """The main demo patient."""
    return Person(stack, next(p for p in stack.demo_patients if p["mrn"] == "RB10001"))
