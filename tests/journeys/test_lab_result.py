"""The main job: an EHR pushes a lab message, its patient reads a card."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from infra.local.clinic.messages import correction, fresh
from infra.local.pushed import CARDED, push_by_https, push_to_queue
from infra.local.stack import Stack
from playwright.sync_api import Page, expect
from tests.journeys.conftest import SCREENS
from tests.journeys.people import Person, finished
from tests.journeys.visits import Session
from tests.page_checks import check_page

pytestmark = pytest.mark.journey

Browser = Callable[..., Page]

A_RESULT = "main a[href^='/results/']"


def push(stack: Stack, raw: bytes) -> None:
    push_to_queue(stack.client("sqs"), stack.queue_url, raw)


def shot(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png", full_page=True)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_pushed_result_is_a_card_its_patient_reads(
    stack: Stack, browser: Browser, grace: Person, width: int
) -> None:
    raw = fresh(datetime.now(UTC), panel="cmp")
    push(stack, raw)
    assert finished(stack, raw).state == CARDED
    assert "You have a new result" in grace.messages()[0]["subject"]

    page = browser(width)
    grace.signs_in(page)
    shot(page, f"home-{width}")
    page.locator(A_RESULT).first.click()
    page.wait_for_url("**/results/*")

    for obx in raw.decode().split("\r"):
        if obx.startswith("OBX|"):
            fields = obx.split("|")
            card = page.locator("article, section").filter(has_text=fields[5]).first
            expect(card).to_be_visible()
    check_page(page.content())
    shot(page, f"result-{width}")
    page.get_by_role("link", name="Results").first.click()
    shot(page, f"results-{width}")


def test_the_whole_path_works_without_javascript_and_in_one_response_a_page(
    browser: Browser, somebody: Person
) -> None:
    page = browser(java_script_enabled=False)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    somebody.signs_in(page)

    for address in ("/", "/results"):
        asked.clear()
        page.goto(address)
        assert len(asked) == 1, asked


def test_a_result_pushed_over_https_is_acknowledged_and_becomes_a_card(stack: Stack) -> None:
    raw = fresh(datetime.now(UTC), panel="lipid")

    answer = push_by_https(stack.hl7_url, stack.endpoint_url, stack.ehr_token, raw)

    control_id = raw.decode().split("|")[9]
    assert f"\rMSA|CA|{control_id}" in answer  # the lab fills MSH-15
    assert finished(stack, raw).state == CARDED


def test_a_corrected_result_says_so(stack: Stack, browser: Browser, grace: Person) -> None:
    raw = fresh(datetime.now(UTC), panel="bmp")
    changed = correction(raw, datetime.now(UTC))
    push(stack, raw)
    finished(stack, raw)
    push(stack, changed)
    assert finished(stack, changed).state == CARDED

    page = browser()
    grace.signs_in(page)
    page.locator(A_RESULT).first.click()

    expect(page.get_by_text("Corrected").first).to_be_visible()
    shot(page, "corrected-360")


def test_a_message_of_another_clinics_patient_waits_with_a_reason(stack: Stack) -> None:
    raw = fresh(datetime.now(UTC)).replace(b"RB10001^^^RIVERBEND", b"RB10001^^^ELSEWHERE")

    push(stack, raw)

    seen = finished(stack, raw)
    assert (seen.state, seen.reason) == ("quarantined", "patient-unmatched")
    assert "assigning authority" in seen.detail


def test_a_pdf_of_the_lab_opens_unchanged(stack: Stack, browser: Browser) -> None:
    """He has only a phone: a link and a code to it are one way, so he sets up an app."""
    walter = next(p for p in stack.demo_patients if p["mrn"] == "RB10018")
    assert walter["phone"]
    page = browser()
    texts = Person(stack, walter | {"email": walter["phone"]})
    texts.opens_a_link(page)
    page.goto("/results")
    page.locator("input[name=born_on]").fill(walter["birth_date"])
    page.locator("input[name=identifier]").fill(walter["mrn"])
    page.locator("main form button").click()
    page.locator("main a[href='/settings/security']").click()
    texts.sets_up_an_app(page)

    page.goto("/results")
    page.locator(A_RESULT).first.click()
    link = page.locator("a[href*='/documents/']").first
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}
    answer = Session(stack, cookies, "application/pdf").get(link.get_attribute("href") or "")

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body.startswith(b"%PDF-")
    assert answer.body.rstrip().endswith(b"%%EOF")
