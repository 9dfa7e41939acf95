"""Reading and filling in without a connection, in a real browser: what is shown, what is sent, what
is left on the disk."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from tests.journeys.people import Person
from tests.journeys.profiles import at_a_profile, holding
from tests.page_checks import check_page

pytestmark = pytest.mark.journey

Browser = Callable[..., Page]
PATIENT_MS = 30_000  # with a whole stack on a small machine
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


def test_visits_and_medicines_can_be_read_without_a_connection(
    browser: Browser, grace: Person
) -> None:
    page = browser()
    grace.signs_in(page)
    says_yes(page)
    page.goto("/")

    page.context.set_offline(True)
    page.goto("/settings/offline/forms")
    page.goto("/")

    expect(page.locator(".banner.offline")).to_be_visible()
    expect(page.locator("#visits ~ ul")).to_contain_text("Follow-up visit")
    expect(page.locator("#visits ~ ul")).to_contain_text("Bring your glucose meter.")
    expect(page.locator("#medicines ~ ul")).to_contain_text("metformin hydrochloride 500 MG")
    expect(page.locator("#medicines ~ ul")).to_contain_text("No refills left")


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
    expect(page.locator("#kept")).to_contain_text("Sent.", timeout=PATIENT_MS)
    page.reload()
    expect(page.locator("#kept")).to_contain_text("Sent.", timeout=PATIENT_MS)
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


def test_a_form_that_reached_the_portal_before_the_line_broke_is_not_carried_out_twice(
    browser: Browser, somebody: Person
) -> None:
    """The portal got it, the browser never heard: the same key goes out again."""
    page = browser()
    somebody.signs_in(page)
    says_yes(page)
    page.goto("/privacy")
    before = page.locator("main details li").count()
    form = page.locator("form[data-keep]").first
    once = form.locator("input[name=once]").get_attribute("value")
    status = form.evaluate(
        """async (form) => {
        const body = new URLSearchParams(new FormData(form));
        body.set("decision", "withdraw");
        const headers = { Accept: "application/json" };
        return (await fetch(form.action, { method: "POST", headers, body })).status;
        }"""
    )
    assert status == 200
    assert once

    page.context.set_offline(True)
    form.locator("button[value=withdraw]").click()
    page.wait_for_url("**/settings/offline/forms")
    page.context.set_offline(False)

    expect(page.locator("#kept")).to_contain_text("Sent.", timeout=PATIENT_MS)
    page.goto("/privacy")
    assert page.locator("main details li").count() == before + 1


def test_a_form_that_is_not_accepted_shows_why_and_stays(
    browser: Browser, somebody: Person
) -> None:
    page = browser()
    somebody.signs_in(page)
    says_yes(page)
    page.goto("/privacy")
    form = page.locator("form[data-keep]:has(button[value=give])").first
    form.locator("input[name=wording]").evaluate("box => (box.value = '99999')")

    page.context.set_offline(True)
    form.locator("button[value=give]").click()
    page.wait_for_url("**/settings/offline/forms")
    page.context.set_offline(False)

    expect(page.locator("#kept")).to_contain_text("Not accepted.", timeout=PATIENT_MS)
    expect(page.locator("#kept")).to_contain_text("99999")
    page.goto("/")
    expect(page.locator(".banner.kept")).to_contain_text("was not accepted")
    page.goto("/settings/offline/forms")
    page.get_by_role("button", name="Remove from this list").click()
    expect(page.locator("#kept li")).to_have_count(0)


def test_a_session_that_ended_elsewhere_takes_the_pages_with_it(
    browser: Browser, somebody: Person
) -> None:
    """At the next word from the portal: it was signed out everywhere, from another device."""
    page, other = browser(), browser()
    somebody.signs_in(page)
    says_yes(page)
    page.goto("/results")
    kept = kept_by(page)["pages"]
    somebody.signs_in(other)
    other.goto("/")
    other.get_by_role("button", name="Sign out on every device").click()
    other.wait_for_url("**/signed-out**")

    page.goto("/")

    page.wait_for_url("**/sign-in?because=idle")
    assert kept >= 1
    assert kept_by(page)["pages"] == 0


def test_the_next_person_at_the_same_browser_reads_nothing_of_the_first(
    browser: Browser, somebody: Person, somebody_else: Person
) -> None:
    page = browser()
    somebody.signs_in(page)
    says_yes(page)
    page.goto("/results")
    page.context.clear_cookies(name="session")

    somebody_else.signs_in(page)
    page.goto("/")

    assert kept_by(page)["pages"] == 0
    page.context.set_offline(True)
    with pytest.raises(Exception, match=r"ERR_INTERNET_DISCONNECTED|ERR_FAILED"):
        page.goto("/results")


def test_on_the_disk_the_pages_are_noise(
    chromium: Chromium, tmp_path: Path, somebody: Person
) -> None:
    """The whole profile is searched for what was read, after the browser was closed."""
    with at_a_profile(chromium, tmp_path, somebody.stack) as page:
        somebody.signs_in(page)
        says_yes(page)
        secrets = reads_a_result(page, somebody)
        secrets += tokens(page, "session", "half")
        assert kept_by(page)["pages"] >= 2
        page.context.set_offline(True)
        page.goto("/results")
        expect(page.locator(".banner.offline")).to_be_visible()

    assert holding(tmp_path, *secrets) == {}
    assert holding(tmp_path, "portal.localhost"), "the search finds what is there"


def test_a_shared_device_keeps_nothing_after_signing_out(
    chromium: Chromium, tmp_path: Path, somebody: Person
) -> None:
    with at_a_profile(chromium, tmp_path, somebody.stack) as page:
        somebody.signs_in(page, shared=True)
        secrets = reads_a_result(page, somebody)
        secrets += tokens(page)
        page.goto("/settings/offline")
        expect(page.locator("main")).to_contain_text("Nothing is kept here")
        workers = "navigator.serviceWorker.getRegistrations().then((all) => all.length)"
        assert page.evaluate(workers) == 0
        signs_out(page)
        assert page.context.cookies() == []

    assert holding(tmp_path, *secrets, *known_by(somebody)) == {}


def test_nor_after_the_browser_was_just_closed(
    chromium: Chromium, tmp_path: Path, somebody: Person
) -> None:
    with at_a_profile(chromium, tmp_path, somebody.stack) as page:
        somebody.signs_in(page, shared=True)
        secrets = reads_a_result(page, somebody)
        secrets += tokens(page)

    assert holding(tmp_path, *secrets, *known_by(somebody)) == {}
    with at_a_profile(chromium, tmp_path, somebody.stack) as page:
        page.goto("/results")
        page.wait_for_url("**/sign-in?because=*")


def reads_a_result(page: Page, person: Person) -> list[str]:
    """Home, list and a result. What must not be found afterwards: their name and what they read."""
    page.goto("/")
    page.goto(first_result(page))
    told = page.locator("main").inner_text()
    values = [each.strip() for each in told.splitlines() if len(each.strip()) > 24]
    assert values
    return [person.facts["name"], *values[:12]]


def known_by(person: Person) -> list[str]:
    """What a browser may keep by itself of what was typed, but not on a shared device."""
    return [person.facts["name"].split()[0], person.email]


def tokens(page: Page, *names: str) -> list[str]:
    """Of these cookies; else of all there are."""
    cookies = [each for each in page.context.cookies() if not names or each["name"] in names]
    found = [each["value"] for each in cookies if len(each["value"]) > 16]
    assert found
    return found
