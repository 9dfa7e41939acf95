"""The menu of languages and the bar below lie over a page, but never over what has the focus."""

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


@pytest.mark.parametrize("name", ["staff people", "settings"])
def test_the_bar_below_covers_no_table_that_has_the_focus(window: Window, name: str) -> None:
    """However long it is. Elsewhere the bar stays."""
    window.page.set_viewport_size({"width": 320, "height": 640})
    page = window.show(name)
    page.evaluate("""() => document.querySelectorAll("main tbody tr").forEach(row => {
        for (let n = 0; n < 30; n++) row.after(row.cloneNode(true)); })""")
    bar = page.locator("header nav")

    for _ in range(30):
        page.keyboard.press("Tab")
        now = page.evaluate(FOCUSED["now"])
        assert now["problems"] == []
        if page.evaluate("document.activeElement.matches('.grid, main a')"):
            break

    is_table = "grid" in now["what"]
    assert is_table is (name == "staff people")
    top = bar.evaluate("bar => bar.getBoundingClientRect().top")
    assert top == (640 if is_table else pytest.approx(580, abs=30))
