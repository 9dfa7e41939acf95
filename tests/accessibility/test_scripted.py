"""WCAG 2.2 AAA where axe-core has no rule: each page is measured in Chromium, in English and, for
the other direction, in Arabic, on the narrowest phone (which is 1280 px at 400 %) and a laptop."""

from typing import Any

import pytest
from playwright.sync_api import Page
from tests.accessibility.measures import (
    BROKEN,
    CLIPPED,
    CROWDED,
    FAINT_EDGES,
    FOCUSED,
    LONG_LINES,
    MOVING,
    OUT_OF_ORDER,
    SIDEWAYS,
    SMALL_TARGETS,
    SPACED,
    TIGHT_LINES,
)
from tests.accessibility.rooms import Window
from tests.accessibility.sights import SIGHTS

from portal.languages import LANGUAGES

PHONE, LAPTOP = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
ON_TOP = """each => {
  scrollTo(0, document.body.scrollHeight);
  const box = each.getBoundingClientRect();
  return each === document.elementFromPoint(box.left + box.width / 2, box.bottom - 2);
}"""
BOTH = pytest.mark.parametrize("language", ["en", "ar"])
EVERY = pytest.mark.parametrize("name", SIGHTS)


def shown(window: Window, name: str, language: str, size: dict[str, int]) -> Page:
    page = window.page
    page.emulate_media(
        color_scheme="light", contrast="no-preference", reduced_motion="no-preference"
    )
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    return window.show(name, language)


def measured(page: Page, script: str) -> list[Any]:
    found: list[Any] = page.evaluate(script)
    return found


def dressed(page: Page, sheet: str) -> None:
    """With the reader's own style sheet, which the page's policy does not refuse."""
    page.evaluate(
        "css => {const sheet = new CSSStyleSheet(); sheet.replaceSync(css);"
        " document.adoptedStyleSheets = [sheet]}",
        sheet,
    )


@BOTH
@EVERY
def test_nothing_is_cut_off_or_scrolls_sideways(window: Window, name: str, language: str) -> None:
    """1.4.10 Reflow at 320 px; 1.4.4 and 1.4.8 text of 200 %; 1.4.12 Text spacing."""
    page = shown(window, name, language, PHONE)
    assert measured(page, SIDEWAYS) == []
    assert measured(page, BROKEN) == []

    dressed(page, SPACED)
    assert measured(page, SIDEWAYS) == []
    assert measured(page, CLIPPED) == []

    page = shown(window, name, language, {"width": 640, "height": 320})  # and held sideways: 1.3.4
    dressed(page, "html { font-size: 200% !important; }")
    assert measured(page, SIDEWAYS) == []
    assert measured(page, CLIPPED) == []


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("clinic", ["Riverbend Clinic", "Massachusetts General Hospital"])
@pytest.mark.parametrize("language", [each.code for each in LANGUAGES])
def test_the_header_breaks_no_word(window: Window, language: str, clinic: str, width: int) -> None:
    for name in ("sign-in", "home", "staff room"):
        page = shown(window, name, language, {"width": width, "height": 740})
        page.evaluate("name => document.querySelector('.brand bdi').textContent = name", clinic)

        assert page.evaluate(BROKEN, 20) == [], name
        assert measured(page, SIDEWAYS) == []


@pytest.mark.parametrize("text", ["100", "125", "150", "200"])
@pytest.mark.parametrize("language", [each.code for each in LANGUAGES])
def test_the_bar_below_leaves_the_end_of_a_page_free(
    window: Window, language: str, text: str
) -> None:
    """Bigger words take two rows there."""
    page = shown(window, "home", language, PHONE)
    page.evaluate("size => document.documentElement.dataset.text = size", text)

    assert page.locator("footer button").last.evaluate(ON_TOP)


@EVERY
def test_targets_are_44_pixels_wide_and_high(window: Window, name: str) -> None:
    """2.5.5 Target Size (Enhanced), but links within a sentence."""
    for size in (PHONE, LAPTOP):
        assert measured(shown(window, name, "en", size), SMALL_TARGETS) == []


@EVERY
def test_text_is_set_to_be_read(window: Window, name: str) -> None:
    """1.4.8 Visual Presentation: at most 80 characters a line, not justified, one and a half
    lines high, and more between paragraphs."""
    page = shown(window, name, "en", LAPTOP)

    assert measured(page, LONG_LINES) == []
    assert measured(page, TIGHT_LINES) == []
    assert measured(page, CROWDED) == []


@EVERY
def test_the_keyboard_reaches_everything_and_focus_is_seen(window: Window, name: str) -> None:
    """2.1.3, 2.4.3, 2.4.7, 2.4.12 Focus Not Obscured (Enhanced), 2.4.13 Focus Appearance."""
    page = shown(window, name, "en", PHONE)
    wanted = page.evaluate("window.wanted = " + FOCUSED["reachable"])
    reached = []
    for _ in range(2 * wanted + 10):  # a day or a time has several stops of its own
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED["now"])
        if found is None:
            break
        assert found["problems"] == [], found
        reached.append(found["index"])
        if len(set(reached)) == wanted:
            break

    assert len(set(reached)) == wanted, f"{len(set(reached))} of {wanted} reached by Tab"
    assert reached[0] == 0, "the first stop skips to the main content"


@EVERY
def test_pages_are_read_in_the_order_they_are_seen(window: Window, name: str) -> None:
    """1.3.2: on a phone, one column from top to bottom."""
    assert measured(shown(window, name, "en", PHONE), OUT_OF_ORDER) == []


@EVERY
def test_edges_of_what_is_used_stand_out_3_to_1(window: Window, name: str) -> None:
    """1.4.11: boxes to type in, and buttons that are an edge alone, in every theme."""
    page = shown(window, name, "en", PHONE)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += measured(page, FAINT_EDGES)

    assert found == []


@EVERY
def test_nothing_moves(window: Window, name: str) -> None:
    """2.2.2 and 2.3.3: the clocks of the idle warning change what is seen, once, and nothing else
    is animated, with or without the wish for less motion."""
    assert measured(shown(window, name, "en", PHONE), MOVING) == []


@EVERY
def test_arabic_is_mirrored(window: Window, name: str) -> None:
    page = shown(window, name, "ar", LAPTOP)
    brand = page.locator(".brand").bounding_box()
    menu = page.locator(".languages").bounding_box()

    assert brand
    assert menu
    assert brand["x"] > menu["x"]
    assert page.locator("main").evaluate("each => getComputedStyle(each).direction") == "rtl"


@EVERY
def test_forced_colours_leave_words_and_edges(window: Window, name: str) -> None:
    """Windows' high contrast: the person's own colours, and nothing drawn by a background alone."""
    page = shown(window, name, "en", PHONE)
    page.emulate_media(forced_colors="active")
    try:
        bare = measured(page, FOCUSED["without_edge"])
    finally:
        page.emulate_media(forced_colors="none")

    assert bare == []
