"""Passkeys with a real browser and an authenticator in it; and the end of a session."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect
from tests.journeys.people import Person
from tests.page_checks import check_page

pytestmark = pytest.mark.journey

Browser = Callable[..., Page]
PHONE: dict[str, Any] = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
TYPED = "four plain words more"


def a_phone(page: Page) -> tuple[CDPSession, str]:
    """A phone's authenticator whose owner always says yes."""
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    made = wire.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})
    return wire, made["authenticatorId"]


def adds_a_passkey(page: Page) -> None:
    page.goto("/settings/security")
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url("**/settings/security?done=*")


def signs_out(page: Page) -> None:
    page.locator(".leave button").click()
    page.wait_for_url("**/signed-out")


def signed_in_elsewhere(page: Page, other: Page, person: Person) -> None:
    """With the session of another browser: no tab of this one sees its steps."""
    person.signs_in(other)
    cookies: Any = other.context.cookies()
    page.context.add_cookies(cookies)


def without_autofill(page: Page) -> None:
    """A browser that offers no passkeys at text fields, as some do."""
    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")


def test_a_passkey_is_added_and_picked_at_the_address_field(
    browser: Browser, somebody: Person
) -> None:
    page = browser()
    somebody.signs_in(page)
    wire, phone = a_phone(page)

    adds_a_passkey(page)
    (kept,) = wire.send("WebAuthn.getCredentials", {"authenticatorId": phone})["credentials"]
    assert kept["isResidentCredential"]
    assert kept["rpId"] == "portal.localhost"
    check_page(page.content())

    signs_out(page)
    page.goto("/sign-in")
    page.wait_for_url(somebody.stack.portal_url)


def test_what_was_read_is_gone_from_a_page_left_open(browser: Browser, somebody: Person) -> None:
    """Not hidden only: nothing of it is left in the page, until its person is back."""
    page = browser()
    somebody.signs_in(page)
    page.clock.install()
    page.goto("/settings/security")
    heading = page.locator("main h1")
    expect(heading).to_be_visible()

    page.clock.fast_forward("15:05")

    expect(page.get_by_role("link", name="Sign in again")).to_be_focused()
    expect(page.locator("main *")).to_have_count(0)
    page.context.clear_cookies()
    tab = page.context.new_page()
    signed_in_elsewhere(page, browser(), somebody)
    tab.goto("/")
    expect(page.locator("body.timed main h1")).to_be_visible()  # its script listens again
    signs_out(tab)
    expect(page.locator("main *")).to_have_count(0)
    page.goto("/results")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_passkey_is_used_by_its_button_to_sign_in_and_as_the_step(
    browser: Browser, somebody: Person
) -> None:
    page = browser()
    somebody.signs_in(page)
    a_phone(page)
    adds_a_passkey(page)
    signs_out(page)
    without_autofill(page)

    page.goto("/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(somebody.stack.portal_url)
    signs_out(page)

    somebody.opens_a_link(page)
    page.goto("/results")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/results")


def test_an_owner_who_does_not_show_that_it_is_them_stays_out_and_is_told(
    browser: Browser, somebody: Person
) -> None:
    page = browser()
    somebody.signs_in(page)
    wire, phone = a_phone(page)
    adds_a_passkey(page)
    signs_out(page)
    without_autofill(page)
    nobody = {"authenticatorId": phone, "isUserVerified": False}
    wire.send("WebAuthn.setUserVerified", nobody)

    page.goto("/sign-in")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("Try again, or choose another way")
    assert "session" not in {c["name"] for c in page.context.cookies()}


def test_a_browser_that_knows_no_passkeys_is_not_offered_any(browser: Browser) -> None:
    page = browser()
    page.add_init_script("delete window.PublicKeyCredential")

    page.goto("/sign-in")

    expect(page.get_by_role("button", name="Send me a link")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()


def types_something(page: Page) -> None:
    page.clock.install()
    page.goto("/settings/security/password")
    page.locator("input[type=password]").first.fill(TYPED)


def is_as_typed(page: Page) -> None:
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("input[type=password]").first).to_have_value(TYPED)


def test_the_idle_warning_keeps_what_was_typed(browser: Browser, somebody: Person) -> None:
    page = browser()
    somebody.signs_in(page)
    types_something(page)
    stay = page.get_by_role("button", name="Stay signed in")

    page.clock.fast_forward("12:55")
    expect(stay).to_be_hidden()
    page.clock.fast_forward("00:10")
    with page.expect_response("**/sign-in/stay") as answer:
        stay.click()

    assert answer.value.status == 200
    expect(stay).to_be_hidden()
    is_as_typed(page)
    page.clock.fast_forward("12:50")
    expect(stay).to_be_hidden()
    page.clock.fast_forward("00:15")
    expect(stay).to_be_visible()


def test_a_page_left_open_is_hidden_and_comes_back_for_its_person_only(
    browser: Browser, somebody: Person, somebody_else: Person
) -> None:
    page = browser()
    somebody.signs_in(page)
    types_something(page)

    page.clock.fast_forward("15:05")
    expect(page.locator("main h1")).to_be_hidden()
    again = page.get_by_role("link", name="Sign in again")
    expect(again).to_be_focused()
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]

    page.context.clear_cookies()
    with page.expect_popup() as opened:
        again.click()
    tab = opened.value
    tab.wait_for_url("**/sign-in?**")
    expect(page.locator("main h1")).to_be_hidden()
    somebody.signs_in(tab)
    is_as_typed(page)

    signs_out(tab)
    expect(page.locator("main h1")).to_be_hidden()
    somebody_else.signs_in(tab)
    page.wait_for_url(somebody.stack.portal_url)
