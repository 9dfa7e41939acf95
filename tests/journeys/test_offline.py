"""Reading and filling in without a connection, in a real browser: what is shown, what is sent, what
is left on the disk."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.people import Person
from tests.page_checks import check_page

pytestmark = pytest.mark.journey

Browser = Callable[..., Page]
READY = "body[data-ready=offline]"


def says_yes(page: Page) -> None:
    page.goto("/settings/offline")
    page.get_by_role("button", name="Yes, keep pages on this device").click()
    page.wait_for_url("**/settings/offline?done=on")
    page.wait_for_selector(READY)


def signs_out(page: Page) -> None:
    page.locator(".leave button").click()
    page.wait_for_url("**/signed-out")


def kept_by(page: Page) -> dict[str, Any]:
    """What the browser's store holds: numbers of rows, and the whole of it as text."""
    found: dict[str, Any] = page.evaluate(
        """async () => {
        const open = indexedDB.open("portal");
        const db = await new Promise((yes) => (open.onsuccess = () => yes(open.result)));
        const found = {};
        for (const name of db.objectStoreNames) {
            const asked = db.transaction(name).objectStore(name).getAll();
            await new Promise((yes) => (asked.onsuccess = yes));
            found[name] = asked.result.length;
        }
        db.close();
        return found;
        }"""
    )
    return found


def first_result(page: Page) -> str:
    """Its path, from the list."""
    page.goto("/results")
    return str(page.locator("main a[href^='/results/']").first.get_attribute("href"))


def test_what_was_read_can_be_read_again_without_a_connection(
    browser: Browser, somebody: Person
) -> None:
    page = browser()
    somebody.signs_in(page)
    says_yes(page)
    page.goto("/")
    hello = page.locator("h1").inner_text()
    path = first_result(page)
    page.goto(path)
    shown = page.locator("main h1").inner_text()
    expect(page.locator(".banner.offline")).to_be_hidden()

    page.context.set_offline(True)

    page.goto(path)
    expect(page.locator("main h1")).to_have_text(shown)
    banner = page.locator(".banner.offline")
    expect(banner).to_be_visible()
    assert re.search(r"as of .*\d{1,2}:\d{2}", banner.inner_text())
    check_page(page.content())
    page.goto("/")
    expect(page.locator("h1")).to_have_text(hello)
    page.goto("/family")
    expect(page.locator("h1")).to_have_text("Forms filled in without a connection")

    page.context.set_offline(False)
    page.goto(path)
    expect(page.locator(".banner.offline")).to_be_hidden()


def test_a_form_filled_in_without_a_connection_is_sent_once_when_back(
    browser: Browser, somebody: Person
) -> None:
    page = browser()
    somebody.signs_in(page)
    says_yes(page)
    page.goto("/privacy")
    before = page.locator("main").inner_text().count("You said no")

    page.context.set_offline(True)
    page.get_by_role("button", name="I do not agree").first.click()

    page.wait_for_url("**/settings/offline/forms")
    expect(page.locator("#kept")).to_contain_text("Waits for a connection.")
    posts: list[str] = []
    page.context.on(
        "request", lambda sent: posts.append(sent.url) if "/consents/" in sent.url else None
    )
    page.context.set_offline(False)
    expect(page.locator("#kept")).to_contain_text("Sent.")
    page.reload()
    expect(page.locator("#kept")).to_contain_text("Sent.")
    page.goto("/privacy")
    assert page.locator("main").inner_text().count("You said no") == before + 1
    assert len(posts) <= 1


def test_signing_out_leaves_nothing_to_read(browser: Browser, somebody: Person) -> None:
    page = browser()
    somebody.signs_in(page)
    says_yes(page)
    page.goto("/")
    assert kept_by(page)["pages"] >= 1

    signs_out(page)

    assert kept_by(page) == {}
    assert "half" not in {each["name"] for each in page.context.cookies()}
    page.context.set_offline(True)
    with pytest.raises(Exception, match=r"ERR_INTERNET_DISCONNECTED|ERR_FAILED"):
        page.goto("/")
