"""Signing in and out with real browsers and the real mailbox."""

from collections.abc import Callable

import pytest
from infra.local.stack import Stack
from playwright.sync_api import Page, expect
from tests.journeys.people import Person
from tests.journeys.visits import Session

pytestmark = pytest.mark.journey

Browser = Callable[..., Page]


def test_a_mail_scanner_that_presses_the_button_signs_nobody_in(
    browser: Browser, somebody: Person
) -> None:
    patient, scanner = browser(), browser()
    mail = somebody.asks_for_a_link(patient)

    scanner.goto(mail.link)
    scanner.locator("main form button").click()
    expect(scanner.locator("input[name=code]")).to_be_visible()
    assert "session" not in {c["name"] for c in scanner.context.cookies()}

    patient.goto(mail.link)
    patient.locator("main form button").click()
    patient.wait_for_url(somebody.stack.portal_url)


def test_on_another_device_the_code_of_the_message_opens_the_link(
    browser: Browser, somebody: Person
) -> None:
    laptop, phone = browser(1280), browser()
    mail = somebody.asks_for_a_link(laptop)

    phone.goto(mail.link)
    phone.locator("input[name=code]").fill(mail.code)
    phone.locator("main form button").click()

    phone.wait_for_url(somebody.stack.portal_url)


def test_a_link_works_once(browser: Browser, somebody: Person) -> None:
    page = browser()
    mail = somebody.asks_for_a_link(page)
    page.goto(mail.link)
    page.locator("main form button").click()
    page.wait_for_url(somebody.stack.portal_url)

    again = browser()
    again.goto(mail.link)
    again.locator("input[name=code]").fill(mail.code)
    again.locator("main form button").click()

    assert "session" not in {c["name"] for c in again.context.cookies()}


def test_a_link_alone_shows_nothing_clinical(browser: Browser, somebody: Person) -> None:
    page = browser()
    somebody.opens_a_link(page)

    expect(page.get_by_role("link", name="Open my record")).to_be_visible()
    page.goto("/results")

    assert "/sign-in/step" in page.url


def test_on_a_remembered_device_next_month_is_one_tap(browser: Browser, somebody: Person) -> None:
    page = browser()
    somebody.opens_a_link(page)
    page.goto("/results")
    somebody.takes_the_step(page, remember=True)
    assert page.url.endswith("/results"), "back where it was asked for"
    page.locator("form.leave button").click()
    page.wait_for_url("**/signed-out**")

    somebody.opens_a_link(page)
    page.goto("/results")

    assert page.get_by_role("heading", level=1).inner_text() == "Results"


def test_signing_out_everywhere_ends_the_other_device_too(
    browser: Browser, somebody: Person
) -> None:
    laptop, phone = browser(1280), browser()
    somebody.signs_in(laptop)
    somebody.signs_in(phone)

    laptop.locator("button", has_text="every device").click()
    laptop.wait_for_url("**/signed-out**")
    phone.goto("/results")

    assert "/sign-in" in phone.url


def test_a_stranger_gets_the_sign_in_page_and_an_app_a_401(browser: Browser, stack: Stack) -> None:
    page = browser()

    page.goto("/results")
    answer = Session(stack, accept="application/json").get("/results")

    assert "/sign-in" in page.url
    assert answer.status == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_language_switch_stays(browser: Browser, somebody: Person) -> None:
    page = browser()
    somebody.signs_in(page)

    page.locator(".languages summary").click()
    page.get_by_role("button", name="Español").click()
    page.goto("/results")

    assert page.locator("html").get_attribute("lang") == "es"
    assert page.get_by_role("heading", level=1).inner_text() == "Resultados"


@pytest.mark.parametrize(
    "options",
    [
        {"width": 320},
        {"width": 360, "color_scheme": "dark"},
        {"width": 360, "forced_colors": "active"},
        {"width": 1280, "color_scheme": "dark"},
    ],
    ids=str,
)
def test_no_page_scrolls_sideways(
    browser: Browser, somebody: Person, options: dict[str, object]
) -> None:
    page = browser(**options)
    somebody.signs_in(page)
    page.goto("/results")
    first = page.get_by_role("main").get_by_role("link").first.get_attribute("href") or ""

    for address in ("/", "/results", first, "/sign-in", "/signed-out", "/nowhere"):
        page.goto(address)
        widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1], address
