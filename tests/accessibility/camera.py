"""Which pages are taken in pictures, at which width and in which dress, and how."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page
from tests.accessibility.rooms import Window

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
# Made-up people have another number at each run.
HELD = r"""() => {
  const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (all.nextNode()) all.currentNode.data = all.currentNode.data.replace(/\d+@/g, "@");
}"""
DULL = ("en", "light", "own", "text100")


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
