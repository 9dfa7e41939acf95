"""What a patient does with browser and mailbox, in the words of a patient."""

import json
import re
import time
import urllib.request
from dataclasses import dataclass
from typing import Any

from infra.local.pushed import Arrival, arrival
from infra.local.stack import Stack
from playwright.sync_api import Page
from pyotp import TOTP

PATIENCE_SECONDS = 90


@dataclass
class Person:
    stack: Stack
    facts: dict[str, str]

    @property
    def email(self) -> str:
        return self.facts["email"]

    def messages(self) -> list[dict[str, Any]]:
        """What the portal sent to this person, newest first."""
        return [each for each in mailbox(self.stack) if each["to"] == self.email]

    def asks_for_a_link(self, page: Page, *, shared: bool = False) -> "Mail":
        """The form, filled in; returns the message that comes."""
        seen = len(self.messages())
        page.goto("/sign-in?shared=yes" if shared else "/sign-in")
        page.get_by_role("textbox").fill(self.email)
        page.locator("form[action='/sign-in'] button").click()
        page.wait_for_load_state()
        return Mail(self.awaited(seen, "/sign-in/")["text"])

    def signs_in(self, page: Page, *, shared: bool = False) -> None:
        """By a link, and a code by text message."""
        self.opens_a_link(page, shared=shared)
        page.goto("/sign-in/step")
        self.takes_the_step(page)

    def opens_a_link(self, page: Page, *, shared: bool = False) -> None:
        mail = self.asks_for_a_link(page, shared=shared)
        page.goto(mail.link)
        page.locator("main form button").click()
        page.wait_for_url(self.stack.portal_url)

    def takes_the_step(self, page: Page, *, remember: bool = False) -> None:
        seen = len(self.texts())
        page.locator("form[action='/sign-in/step/text'] button").click()
        page.locator("input[name=code][inputmode=numeric]").fill(self.texted(seen))
        if remember:
            page.locator("input[name=remember]").first.check()
        page.locator("form[action='/sign-in/step/code'] button").first.click()
        page.wait_for_url(lambda url: "/sign-in/" not in url)

    def sets_up_an_app(self, page: Page) -> str:
        """From the list of ways to sign in. Returns the app's secret."""
        page.locator("main a[href='/settings/security/totp']").first.click()
        page.locator("form[action='/settings/security/totp'] button").click()
        page.wait_for_url("**/totp/confirm")
        found = re.search(r"\b(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}\b", page.locator("main").inner_text())
        assert found, page.locator("main").inner_text()
        secret = found[0].replace(" ", "")
        page.locator("input[name=code]").fill(TOTP(secret).now())
        page.locator("form[action='/settings/security/totp/confirm'] button").first.click()
        page.wait_for_url(lambda url: "/totp" not in url)
        return secret

    def texts(self) -> list[dict[str, Any]]:
        return [each for each in mailbox(self.stack) if each["to"] == self.facts["phone"]]

    def texted(self, seen: int) -> str:
        """The code of the newest text message, once more than `seen` have come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = self.texts()
            if len(found) > seen and (code := re.search(r"\b(\d{6})\b", found[0]["text"])):
                return code[1]
            time.sleep(0.2)
        raise AssertionError("no code came by text message")

    def awaited(self, seen: int, word: str) -> dict[str, Any]:
        """The newest message that holds `word`, once more than `seen` have come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = self.messages()
            if len(found) > seen and word in found[0]["text"]:
                return found[0]
            time.sleep(0.2)
        raise AssertionError(f"no message with {word} came")


@dataclass
class Mail:
    text: str

    @property
    def link(self) -> str:
        found = re.search(r"http\S+/sign-in/\S+", self.text)
        assert found, self.text
        return found[0]

    @property
    def code(self) -> str:
        found = re.search(r"\b(\d{6})\b", self.text.replace(self.link, ""))
        assert found, self.text
        return found[1]


def mailbox(stack: Stack) -> list[dict[str, Any]]:
    with urllib.request.urlopen(stack.mailbox_api, timeout=10) as answer:  # noqa: S310
        return list(json.load(answer))


def finished(stack: Stack, raw: bytes, state: str = "") -> Arrival:
    """Waits until the message is over: wherever it ended, or in a certain state."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        seen = arrival(stack.client("dynamodb"), stack.outputs["CareTable"], raw)
        if seen.is_over and state in ("", seen.state):
            return seen
        time.sleep(0.1)
    raise AssertionError("the message neither became a card nor went to quarantine")
