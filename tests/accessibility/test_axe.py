"""axe-core with every rule on, over every page in every theme, language and width."""

import pytest
from tests.accessibility.looking import COLOURS, EVERYTHING, violations
from tests.accessibility.rooms import Window
from tests.accessibility.sights import NO_PAGES, SIGHTS
from tests.client import actions

from portal.languages import LANGUAGES

WIDTHS = (320, 1280)


def test_every_page_there_is_has_its_sight() -> None:
    shown = {path for each in SIGHTS.values() for path in [each.route]}
    pages = {
        action.path
        for _, action in actions()
        if action.method == "GET" and not action.path.startswith("/ehr")
    }

    assert pages - shown - NO_PAGES.keys() == set()


@pytest.mark.parametrize("language", [each.code for each in LANGUAGES])
@pytest.mark.parametrize("name", SIGHTS)
def test_axe_finds_nothing(window: Window, name: str, language: str) -> None:
    """The themes differ in colours alone, so the dark ones are asked for these alone."""
    page = window.page
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 640})
        page.emulate_media(color_scheme="light", contrast="no-preference")
        window.show(name, language)
        found[f"light {width}"] = violations(page, EVERYTHING)
        page.emulate_media(color_scheme="dark", contrast="no-preference")
        found[f"dark {width}"] = violations(page, COLOURS)
        page.emulate_media(color_scheme="light", contrast="more")
        found[f"more contrast {width}"] = violations(page, COLOURS)

    assert {how: each for how, each in found.items() if each} == {}
