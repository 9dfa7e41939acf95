"""The main pages as they look: pictures that were reviewed, which a change must not spoil unseen.
A change is looked at, then kept with LOOKS=keep."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page
from tests.accessibility.pictures import compared, reduced
from tests.accessibility.rooms import Window
from tests.accessibility.test_scripted import dressed
from tests.journeys.conftest import CHROMIUM, QUIET, SCREENS

from portal import dates

REVIEWED = Path(__file__).parent / "looks"
PAGES = (
    "sign-in",
    "second step",
    "home",
    "home of a newcomer",
    "results",
    "result",
    "settings",
    "family",
    "search found",
    "privacy",
    "missing page",
    "staff room",
)
A_DAY = "2027-05-05T21:05:00+00:00"
# Made-up people have another number at each run.
HELD = r"""() => {
  const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (all.nextNode()) all.currentNode.data = all.currentNode.data.replace(/\d+@/g, "@");
}"""
MEASURED = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "100px " + getComputedStyle(document.body).fontFamily;
  return pen.measureText("The quick brown fox jumps over the lazy dog").width;
}"""
LETTERS = 2249  # px of that sentence in DejaVu Sans, in which the pictures were taken
DULL = ("en", "light", "own", "text100")
MOST_BYTES = 1_200_000  # of all pictures


@dataclass(frozen=True)
class Look:
    page: str
    width: int
    language: str = "en"
    scheme: Literal["light", "dark"] = "light"
    colours: Literal["own", "forced"] = "own"
    text: int = 100

    def __str__(self) -> str:
        marks = [self.language, self.scheme, self.colours, f"text{self.text}"]
        parts = [self.page.replace(" ", "_"), str(self.width), *marks]
        return "-".join(part for part in parts if part not in DULL)

    @property
    def kept(self) -> Path:
        return REVIEWED / f"{self}.png"


LOOKS = [
    *(Look(page, width) for page in PAGES for width in (360, 1280)),
    Look("sign-in", 360, scheme="dark"),
    Look("home", 1280, scheme="dark"),
    Look("result", 360, scheme="dark"),
    Look("staff room", 1280, scheme="dark"),
    Look("sign-in", 1280, language="ar"),
    Look("home", 360, language="ar"),
    Look("result", 360, language="ar"),
    Look("settings", 1280, language="ar"),
    Look("home", 360, colours="forced"),
    Look("result", 360, colours="forced"),
    Look("second step", 360, text=200),
    Look("sign-in", 360, text=200),
]
HOME = Look("home", 360)
SPOILED = {
    "a mark is gone": ".chip { visibility: hidden }",
    "words are gone": ".outside { visibility: hidden }",
    "a button has another colour": "form .button { background: #5a0a50 }",
    "cards have another colour": ".card { background: #eef }",
    "a block stands elsewhere": ".row { transform: translateY(24px) }",
    "a block is pushed down": "main h2 { padding-block-start: 24px }",
    "words lie over words": "main h2 { position: absolute }",
    "letters are small": "main { font-size: 90% }",
}


@pytest.fixture(autouse=True)
def one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever happened, happened on the same day."""
    when, day = dates.when, dates.day
    monkeypatch.setattr(dates, "when", lambda _, locale, zone: when(A_DAY, locale, zone))
    monkeypatch.setattr(dates, "day", lambda _, locale, zone: day(A_DAY, locale, zone))


@pytest.fixture(scope="module")
def darkroom(chromium: Browser) -> Iterator[Page]:
    """Where pictures are worked on."""
    page = chromium.new_page()
    yield page
    page.close()


def shown(window: Window, look: Look) -> Page:
    page = window.page
    page.set_viewport_size({"width": look.width, "height": 800})
    forced: Literal["active", "none"] = "active" if look.colours == "forced" else "none"
    page.emulate_media(color_scheme=look.scheme, forced_colors=forced)
    window.show(look.page, look.language)
    page.evaluate("size => document.documentElement.dataset.text = size", str(look.text))
    page.evaluate(HELD)
    return page


def taken(page: Page, width: int) -> bytes:
    """From top to bottom, with the bar of a phone where the page ends."""
    high = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": high})
    return page.screenshot()


@pytest.fixture
def own_letters(window: Window) -> None:
    """Where text is set in another font, every line is another, and the pictures say nothing."""
    window.show("sign-in")
    found = window.page.evaluate(MEASURED)
    if abs(found - LETTERS) > LETTERS / 100:
        pytest.skip("the reviewed pictures show DejaVu Sans, which this machine does not use")


@pytest.mark.usefixtures("own_letters")
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_page_looks_as_it_was_reviewed(window: Window, darkroom: Page, look: Look) -> None:
    now = taken(shown(window, look), look.width)
    if os.environ.get("LOOKS") == "keep":
        look.kept.parent.mkdir(exist_ok=True)
        look.kept.write_bytes(reduced(darkroom, now))

    found = compared(darkroom, look.kept.read_bytes(), now)
    if not found.is_alike:
        (SCREENS / "looks").mkdir(parents=True, exist_ok=True)
        (SCREENS / "looks" / look.kept.name).write_bytes(now)
    assert found.is_alike, f"{found.words}; see .local/screens/looks/{look.kept.name}"


@pytest.mark.usefixtures("own_letters")
@pytest.mark.parametrize("sheet", SPOILED.values(), ids=list(SPOILED))
def test_what_is_spoiled_is_seen(window: Window, darkroom: Page, sheet: str) -> None:
    page = shown(window, HOME)
    dressed(page, sheet)

    assert not compared(darkroom, HOME.kept.read_bytes(), taken(page, HOME.width)).is_alike


@pytest.mark.usefixtures("own_letters")
@pytest.mark.parametrize("look", [HOME, Look("result", 360, colours="forced")], ids=str)
def test_letters_that_are_drawn_otherwise_are_the_same_letters(
    chromium: Browser, darkroom: Page, look: Look
) -> None:
    other = chromium.browser_type.launch(
        executable_path=next(filter(None, map(shutil.which, CHROMIUM))),
        args=[*QUIET, "--font-render-hinting=full"],
        ignore_default_args=["--font-render-hinting=none"],
    )
    window = Window(other)
    now = taken(shown(window, look), look.width)
    window.close()
    other.close()

    kept = look.kept.read_bytes()
    assert compared(darkroom, kept, now, slack=1).share > 0, "they are drawn otherwise"
    assert compared(darkroom, kept, now).is_alike


def test_only_these_pictures_are_kept_and_they_are_small() -> None:
    kept = set(REVIEWED.iterdir())

    assert kept == {look.kept for look in LOOKS}
    assert sum(path.stat().st_size for path in kept) < MOST_BYTES
