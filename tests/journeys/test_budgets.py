"""Budgets of bytes and requests, counted by Chromium at the running stack; none of time.

A browser that knows passkeys asks for a challenge once the sign-in page stands, so that it can
offer one at the address field. A challenge is used once: it is the one request that comes again.
"""

import re
import shutil
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from tests.journeys.conftest import CHROMIUM, QUIET
from tests.journeys.loads import Fetched, Load, loaded
from tests.journeys.people import Person

pytestmark = pytest.mark.journey

Browser = Callable[..., Page]
MOST_PAGE_BYTES = 14_000  # of the one response, headers included: the first congestion window
MOST_SCRIPT_BYTES = 15_000  # of all scripts together
MOST_REQUESTS = 3  # on a first visit; one on the next
OUTSIDE = ("/sign-in", "/sign-in/password", "/activate", "/signed-out", "/nowhere")
INSIDE = ("/", "/results", "/settings/security", "/family", "/privacy", "/nowhere")


NO_STORE = "response-cache-control-no-store"
CHALLENGE = "/sign-in/passkey/options"


def with_a_result(page: Page) -> tuple[str, ...]:
    """Their pages, and of their results the first."""
    page.goto("/results")
    found = page.get_by_role("main").get_by_role("link").first.get_attribute("href")
    assert found
    return (*INSIDE, found)


def asked(load: Load) -> list[Fetched]:
    return [each for each in load.fetched if not each.url.endswith(CHALLENGE)]


def check_budget(path: str, load: Load) -> None:
    (document,) = load.of_kind("Document")
    others = {each.kind for each in asked(load)} - {"Document", "Script"}

    assert document.encoding == "gzip", path
    assert document.wire_bytes <= MOST_PAGE_BYTES, f"{path}: {document.wire_bytes} bytes"
    assert others == set(), f"{path} fetches {others}: no fonts, no images, nothing at its start"
    assert len(load.fetched) <= MOST_REQUESTS, path
    assert load.cls == 0, f"{path} moves while it is read"


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_keeps_its_budget_and_stands_still(
    browser: Browser, somebody: Person, width: int
) -> None:
    visitor, patient = browser(width), browser(width)
    somebody.signs_in(patient)

    for path in OUTSIDE:
        check_budget(path, loaded(visitor, path))
    for path in with_a_result(patient):
        check_budget(path, loaded(patient, path))


def test_a_first_visit_is_three_requests_at_most_and_the_next_is_one(
    browser: Browser, somebody: Person
) -> None:
    page = browser()
    somebody.signs_in(page)
    cookies = page.context.cookies()

    for path in ("/sign-in", "/", "/settings/security"):
        fresh = browser()
        fresh.context.add_cookies(cookies)  # type: ignore[arg-type]
        first, again = loaded(fresh, path), loaded(fresh, path)

        assert 1 < len(first.fetched) <= MOST_REQUESTS, path
        assert [each.kind for each in asked(again)] == ["Document"], path


def test_all_scripts_together_are_small_and_come_once(browser: Browser, somebody: Person) -> None:
    page = browser()
    somebody.signs_in(page)
    fresh = browser()
    fresh.context.add_cookies(page.context.cookies())  # type: ignore[arg-type]

    loads = [loaded(fresh, path) for path in (*OUTSIDE, *with_a_result(fresh))]

    scripts = [script for load in loads for script in load.of_kind("Script")]
    names = [script.url.rpartition("/")[2] for script in scripts]
    assert len(names) == len(set(names)), "fetched twice"
    assert all(re.fullmatch(r"\w+\.[0-9a-f]{12}\.js", name) for name in names)
    assert sum(script.wire_bytes for script in scripts) <= MOST_SCRIPT_BYTES


def why_not_restored(tab: Page, *paths: str) -> set[str]:
    """Chromium's own words for what kept the first page out of its back and forward cache."""
    for path in paths:
        tab.goto(path)
    tab.evaluate("history.back()")  # not `go_back`: what comes back from that cache does not load
    tab.wait_for_url(f"**{paths[0]}", wait_until="commit")
    tab.wait_for_function("document.readyState === 'complete'")
    said = tab.evaluate("performance.getEntriesByType('navigation')[0].notRestoredReasons")
    return {each["reason"] for each in (said or {}).get("reasons") or ()}


def test_only_our_care_for_privacy_keeps_a_page_from_coming_back_at_once(
    chromium: Chromium, browser: Browser, somebody: Person
) -> None:
    """Pages are `no-store`: over https Chromium keeps them for three minutes, over http not at all.
    One of a signed-in person is dropped as soon as another page says whose it is: whoever comes
    back to it asks the portal again."""
    page = browser()
    somebody.signs_in(page)
    found = chromium.browser_type.launch(
        executable_path=next(filter(None, map(shutil.which, CHROMIUM))),
        args=QUIET,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    context = found.new_context(base_url=somebody.stack.portal_url)
    outside = why_not_restored(context.new_page(), "/signed-out", "/nowhere")
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    inside = why_not_restored(context.new_page(), "/", "/results")
    found.close()

    import sys

    sys.stderr.write(f"{outside} {inside}\n")
    assert outside <= {NO_STORE}
    assert inside <= {NO_STORE, "broadcastchannel-message"}
