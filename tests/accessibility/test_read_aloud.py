"""The main pages as a screen reader has them: the accessibility tree, line by line, as it was read
aloud and reviewed. A change is looked at, then kept with READ_ALOUD=keep."""

import os
import re
from pathlib import Path

import pytest
from tests.accessibility.rooms import Window

REVIEWED = Path(__file__).parent / "read_aloud"
MAIN = (
    "sign-in",
    "sign-in wrong",
    "second step",
    "home",
    "home of a child",
    "results",
    "result",
    "family",
    "privacy",
    "missing page",
)
# What is another at each run: days, times, ids.
PASSING = (
    (r"\b[A-Z][a-z]+ \d{1,2}, \d{4}(, \d{1,2}:\d\d\s[AP]M)?", "[day]"),
    (r"[0-9a-f]{32}", "[id]"),
    (r"\d{4}-\d\d-\d\d", "[day]"),
)


def read_aloud(window: Window, name: str) -> str:
    page = window.show(name)
    text = page.locator("body").aria_snapshot()
    for pattern, mark in PASSING:
        text = re.sub(pattern, mark, text)
    return text + "\n"


@pytest.mark.parametrize("name", MAIN)
def test_a_page_is_read_aloud_as_it_was_reviewed(window: Window, name: str) -> None:
    kept = REVIEWED / f"{name.replace(' ', '_')}.yaml"
    said = read_aloud(window, name)
    if os.environ.get("READ_ALOUD") == "keep":
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(said, "utf-8")

    assert said == kept.read_text("utf-8")
