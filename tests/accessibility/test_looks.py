"""The main pages as they look: pictures that were reviewed, which a change must not spoil unseen.
A change is looked at, then kept with LOOKS=keep."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.accessibility.camera import LOOKS, REVIEWED, Look, shown, taken
from tests.accessibility.pictures import compared, reduced
from tests.accessibility.rooms import Window
from tests.accessibility.test_scripted import dressed
from tests.journeys.conftest import CHROMIUM, QUIET, SCREENS

from portal import dates, review_queues
from portal.audit import Event
from portal.reviews import OPEN, Review

A_DAY = "2027-05-05T21:05:00+00:00"
MEASURED = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "100px " + getComputedStyle(document.body).fontFamily;
  return pen.measureText("The quick brown fox jumps over the lazy dog").width;
}"""
LETTERS = 2249  # px of that sentence in DejaVu Sans, in which the pictures were taken
MOST_BYTES = 1_200_000  # of all pictures
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


@pytest.fixture(autouse=True)
def same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever other tests left for staff to look at."""
    waiting = [a_review(Event.BREAK_GLASS_OPENED, "2026"), a_review(Event.NEW_DEVICE, "2999")]
    monkeypatch.setattr(review_queues, "waiting", lambda *_: (waiting, ""))


def a_review(event: str, due: str) -> Review:
    due_at = f"{due}-01-01T00:00:00.000Z"
    return Review(
        patient_id="0" * 32,
        number="0" * 32,
        event=event,
        state=OPEN,
        asked_at=due_at,
        due_at=due_at,
        detail="",
        owner="",
        staff_id="",
    )


@pytest.fixture(scope="module")
def darkroom(chromium: Browser) -> Iterator[Page]:
    """Where pictures are worked on."""
    page = chromium.new_page()
    yield page
    page.close()


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
