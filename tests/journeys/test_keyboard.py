"""The main job with the keyboard alone: nothing is clicked, and no box is filled but by typing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from tests.journeys.keys import Keys
from tests.journeys.people import Mail, Person

pytestmark = pytest.mark.journey

Browser = Callable[..., Page]

A_RESULT = "main a[href^='/results/']"
CODE = "input[name=code][inputmode=numeric]"


@pytest.mark.parametrize("width", [360, 1280])
def test_a_person_needs_no_mouse(browser: Browser, somebody: Person, width: int) -> None:
    keys = Keys(browser(width))

    signs_in(keys, somebody)
    title = reads_a_result(keys)
    finds_it_again(keys, title)
    makes_text_bigger(keys)
    chooses(keys, "es")
    chooses(keys, "en")  # other journeys have the same people
    signs_out(keys)


def test_no_page_is_a_trap(browser: Browser, somebody: Person) -> None:
    keys = Keys(browser())
    signs_in(keys, somebody)

    for address in ("/", "/results", "/settings/look", "/settings/language", "/privacy", "/search"):
        keys.page.goto(address)
        on = keys.all_stops("Tab")
        keys.page.goto(address)
        back = keys.all_stops("Shift+Tab")

        assert on == back[::-1], address
        assert len(on) > 10, address


def signs_in(keys: Keys, person: Person) -> None:
    keys.page.goto(opened_mail(keys, person).link)
    keys.goes_by("main form button")
    keys.goes_by("main a[href^='/sign-in/step']")

    seen = len(person.texts())
    keys.goes_by("form[action='/sign-in/step/text'] button", key="Space")
    keys.types(CODE, person.texted(seen))
    keys.reach("input[name=remember]")
    keys.press("Space")
    assert keys.page.locator("input[name=remember]").first.is_checked()
    keys.goes_by("form[action='/sign-in/step/code'] button")
    assert "/sign-in/" not in keys.page.url


def opened_mail(keys: Keys, person: Person) -> Mail:
    seen = len(person.messages())
    keys.page.goto("/sign-in")
    keys.skips_to_the_content()
    keys.types("input[name=address]", person.email)
    keys.leads_on("Enter")
    return Mail(person.awaited(seen, "/sign-in/")["text"])


def reads_a_result(keys: Keys) -> str:
    """From home; its title."""
    keys.page.goto("/")
    keys.skips_to_the_content()
    keys.goes_by(A_RESULT)
    keys.reach("main summary")
    keys.press("Space")
    assert keys.page.locator("main details").first.get_attribute("open") is not None
    return keys.page.get_by_role("heading", level=1).inner_text()


def finds_it_again(keys: Keys, title: str) -> None:
    keys.goes_by("nav a[href='/']", by="Shift+Tab")
    keys.goes_by("main a[href='/search']")
    keys.types("input[name=q]", title)
    keys.leads_on("Enter")
    keys.reach(A_RESULT)
    assert keys.page.locator(A_RESULT).first.inner_text() == title


def makes_text_bigger(keys: Keys) -> None:
    keys.goes_by("nav a[href='/settings']", by="Shift+Tab")
    keys.goes_by("main a[href='/settings/look']")
    keys.reach("input[name=text]")
    keys.press("ArrowDown")
    keys.goes_by("main form .button")
    assert keys.page.locator("html").get_attribute("data-text") == "125"


def chooses(keys: Keys, language: str) -> None:
    keys.reach(".languages summary")
    keys.press("Enter")
    keys.goes_by(f".languages button[value={language}]", key="Space")
    assert keys.page.locator("html").get_attribute("lang") == language


def signs_out(keys: Keys) -> None:
    keys.goes_by("form.leave button")
    assert "/signed-out" in keys.page.url
