"""A person who has a keyboard and no mouse. Whatever has the focus on the way is seen."""

from typing import Any

from playwright.sync_api import Page
from tests.accessibility.measures import FOCUSED

MOST_STOPS = 150


class Keys:
    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def step(self, key: str = "Tab") -> Any:
        """One stop on. None behind the last one, where the browser's own bars begin."""
        self.press(key)
        found = self.page.evaluate(FOCUSED["now"])
        assert found is None or found["problems"] == [], found
        return found

    def reach(self, selector: str, key: str = "Tab") -> None:
        """By Tab, or by Shift+Tab, until an element of this selector has the focus."""
        passed: list[str] = []
        while not self.is_at(selector):
            found = self.step(key)
            passed.append(found["what"] if found else "the end")
            assert len(passed) < MOST_STOPS, f"{selector} is not reached: {passed}"

    def is_at(self, selector: str) -> bool:
        script = "selector => document.activeElement?.matches(selector)"
        return bool(self.page.evaluate(script, selector))

    def goes_by(self, selector: str, key: str = "Enter", by: str = "Tab") -> None:
        """Reaches a link or a button and presses it; another page comes."""
        self.reach(selector, by)
        self.leads_on(key)

    def leads_on(self, key: str) -> None:
        with self.page.expect_navigation():
            self.press(key)

    def types(self, selector: str, text: str) -> None:
        self.reach(selector)
        self.page.keyboard.type(text)

    def skips_to_the_content(self) -> None:
        """From the top of a page that was just opened."""
        assert self.step()
        assert self.is_at(".skip")
        self.press("Enter")
        assert self.is_at("main")
        assert self.step()
        assert self.is_at("main *")

    def all_stops(self, key: str) -> list[str]:
        """From one end of the page to the other, where it ends or begins anew: a trap does not."""
        stops: list[str] = []
        first = found = self.step(key)
        while found:
            stops.append(found["what"])
            assert len(stops) < MOST_STOPS, f"no way out: {stops[-5:]}"
            found = self.step(key)
            if found == first:
                break
        return stops
