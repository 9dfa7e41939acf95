"""The menu of languages lies over the page while it is open, but never over what has the focus."""

import pytest
from tests.accessibility.measures import FOCUSED
from tests.accessibility.rooms import Window


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["sign-in", "home", "settings"])
def test_an_open_menu_covers_nothing_that_has_the_focus(
    window: Window, name: str, width: int
) -> None:
    window.page.set_viewport_size({"width": width, "height": 800})
    page = window.show(name)
    page.locator(".languages summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(".languages form").is_visible()

    found = []
    for _ in range(40):
        page.keyboard.press("Tab")
        if (now := page.evaluate(FOCUSED["now"])) is None:
            break
        found += now["problems"]

    assert found == []
