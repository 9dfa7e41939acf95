"""axe-core with every rule on, over every page in every theme, language and width.

`AXE=all` also takes what follows from the rest: each language at each width and in each theme.
"""

import os
from typing import Any

import pytest
from tests.accessibility.looking import COLOURS, EVERYTHING, violations
from tests.accessibility.rooms import Window
from tests.accessibility.sights import NO_PAGES, SIGHTS
from tests.client import actions

from portal.languages import LANGUAGES

ALL = os.environ.get("AXE") == "all"
WIDTHS = (320, 360, 768, 1280) if ALL else (320, 1280)
BOTH_DIRECTIONS = ("en", "ar")  # the others differ in words alone, and the phone is the harder one
CODES = [each.code for each in LANGUAGES]
THEMES: list[dict[str, Any]] = [
    {"color_scheme": scheme, "contrast": contrast}
    for scheme in ("light", "dark")
    for contrast in ("no-preference", "more")
]


def test_every_page_there_is_has_its_sight() -> None:
    shown = {path for each in SIGHTS.values() for path in [each.route]}
    pages = {
        action.path
        for _, action in actions()
        if action.method == "GET" and not action.path.startswith("/ehr")
    }

    assert pages - shown - NO_PAGES.keys() == set()


@pytest.mark.parametrize("language", CODES)
@pytest.mark.parametrize("name", SIGHTS)
def test_axe_finds_nothing(window: Window, name: str, language: str) -> None:
    window.page.emulate_media(color_scheme="light", contrast="no-preference")
    found = {}
    for width in WIDTHS if ALL or language in BOTH_DIRECTIONS else WIDTHS[:1]:
        window.page.set_viewport_size({"width": width, "height": 640})
        found[width] = violations(window.show(name, language), EVERYTHING)

    assert {width: each for width, each in found.items() if each} == {}


@pytest.mark.parametrize("language", CODES if ALL else CODES[:1])
@pytest.mark.parametrize("name", SIGHTS)
def test_colours_reach_7_to_1_in_every_theme(window: Window, name: str, language: str) -> None:
    """Themes change colours alone, and colours are the same in every language."""
    page = window.show(name, language)
    found = {}
    for theme in THEMES:
        page.emulate_media(**theme)
        found[str(theme)] = violations(page, COLOURS)

    assert {theme: each for theme, each in found.items() if each} == {}
