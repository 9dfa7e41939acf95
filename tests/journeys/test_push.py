"""Push from a lab's message to a lock screen: the catcher stands in for the push service, and the
browser's own worker shows what it would be woken with."""

import json
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from infra.local.clinic.messages import fresh
from infra.local.pushed import push_to_queue
from infra.local.stack import Stack
from playwright.sync_api import Page
from tests.journeys.people import PATIENCE_SECONDS, Person, mailbox
from tests.page_checks import check_page

pytestmark = pytest.mark.journey

Browser = Callable[..., Page]


def subscription(stack: Stack) -> dict[str, str]:
    """Of a browser behind the catcher."""
    asked = urllib.request.Request(f"{stack.mailbox_url}subscriptions", method="POST")  # noqa: S310
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
        return dict(json.load(answer))


def caught(stack: Stack, name: str) -> dict[str, Any]:
    """What was pushed to it, once it has come."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for each in mailbox(stack):
            if (each["channel"], each["to"]) == ("push", name):
                return dict(json.loads(each["text"]))
        time.sleep(0.2)
    raise AssertionError("nothing was pushed")


def test_a_new_result_reaches_the_lock_screen_and_says_nothing_there(
    stack: Stack, browser: Browser, somebody: Person
) -> None:
    page = browser()
    somebody.signs_in(page)
    told = subscription(stack)
    assert posted(page, "/settings/push", told) == 200
    page.goto("/settings/push")
    check_page(page.content())

    raw = fresh(datetime.now(UTC), somebody.facts["mrn"], "cmp")
    push_to_queue(stack.client("sqs"), stack.queue_url, raw)

    note = caught(stack, told["endpoint"].rpartition("/")[2])
    assert note["body"] == "There is something new for you. Sign in to see it."
    assert not set(somebody.facts["name"].split()) & set(json.dumps(note).split())
    page.get_by_role("button", name="Tell this device no longer").first.click()
    page.wait_for_url("**/settings/push?done=removed")
    assert shown(page, note) == {"title": note["title"], "body": note["body"], "data": "/results"}


def posted(page: Page, path: str, fields: dict[str, str]) -> int:
    """As the page's own script would."""
    status: int = page.evaluate(
        """async ([path, fields]) => {
        const headers = { Accept: "application/json" };
        const body = new URLSearchParams(fields);
        return (await fetch(path, { method: "POST", headers, body })).status;
        }""",
        [path, fields],
    )
    return status


def shown(page: Page, note: dict[str, Any]) -> dict[str, str]:
    """What the worker makes of a message that wakes it."""
    page.context.grant_permissions(["notifications"])
    page.evaluate(
        """() => navigator.serviceWorker.register("/service-worker.js")
        .then(() => navigator.serviceWorker.ready).then(() => null)"""
    )
    wire = page.context.new_cdp_session(page)
    known: set[str] = set()
    wire.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: known.update(
            each["registrationId"] for each in said["registrations"] if not each["isDeleted"]
        ),
    )
    wire.send("ServiceWorker.enable")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not known and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    (registration,) = known
    origin = page.evaluate("location.origin")
    push = {"origin": origin, "registrationId": registration, "data": json.dumps(note)}
    while not (seen := notification(page)) and time.monotonic() < deadline:
        wire.send("ServiceWorker.deliverPushMessage", push)  # one that comes too early is lost
        page.wait_for_timeout(500)
    return seen


def notification(page: Page) -> dict[str, str]:
    """That stands on the lock screen; {} where there is none."""
    found: dict[str, str] = page.evaluate(
        """async () => {
        const worker = await navigator.serviceWorker.ready;
        const [one] = await worker.getNotifications();
        return one ? { title: one.title, body: one.body, data: one.data } : {};
        }"""
    )
    return found
