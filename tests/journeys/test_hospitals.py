"""Signing in with a hospital's own sign-in: real browser, real redirects, invented hospitals."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.people import Person

pytestmark = pytest.mark.journey

Browser = Callable[..., Page]


def signs_in_there(page: Page, person: Person) -> None:
    """The portal's page goes on by itself; the hospital's has a link for each person."""
    page.wait_for_url("**/authorize?**")
    page.get_by_role("link", name=person.facts["name"]).click()


@pytest.mark.parametrize("hospital", ["Epic", "Oracle", "Athena"])
def test_a_patient_connects_their_hospital_and_signs_in_with_it_from_then_on(
    hospital: str, browser: Browser, somebody: Person
) -> None:
    owner = browser()
    somebody.signs_in(owner)
    owner.goto("/sign-in/hospitals")
    owner.get_by_role("button", name=f"Connect {hospital} hospital").click()
    signs_in_there(owner, somebody)
    owner.wait_for_url("**/sign-in/hospitals")
    expect(owner.get_by_role("button", name=f"Remove {hospital} hospital")).to_be_visible()

    elsewhere = browser()
    elsewhere.goto("/sign-in/with")
    elsewhere.get_by_role("button", name=f"{hospital} hospital").click()
    signs_in_there(elsewhere, somebody)
    elsewhere.wait_for_url("**/sign-in/step**")
    somebody.takes_the_step(elsewhere)
    elsewhere.goto("/results")

    assert elsewhere.get_by_role("heading", level=1).inner_text() == "Results"


def test_whoever_changes_their_mind_is_told_what_to_do(browser: Browser) -> None:
    page = browser()
    page.goto("/sign-in/with")
    page.get_by_role("button", name="Epic hospital").click()
    page.wait_for_url("**/authorize?**")
    page.get_by_role("link", name="No, go back").click()

    page.wait_for_url("**/sign-in/callback**")
    assert "did not sign you in" in page.get_by_role("heading", level=1).inner_text()
