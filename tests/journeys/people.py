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

    def asks_for_a_link(self, page: Page) -> "Mail":
        """The form, filled in; returns the message that comes."""
        seen = len(self.messages())
        page.goto("/sign-in")
        page.get_by_role("textbox").fill(self.email)
        page.locator("main form button").click()
        page.wait_for_load_state()
        return Mail(self.awaited(seen, "/sign-in/")["text"])

    def signs_in(self, page: Page) -> None:
        mail = self.asks_for_a_link(page)
        page.goto(mail.link)
        page.locator("main form button").click()
        page.wait_for_url(self.stack.portal_url)

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
