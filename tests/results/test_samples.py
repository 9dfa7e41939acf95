"""Real messages of many senders as pages: each is sound, whatever a lab sends."""

import csv
from pathlib import Path

import pytest
from functions.results import plain_words
from tests.page_checks import MOST_BYTES, check_page
from tests.portal.card_versions import versions

from portal import hl7, pages
from portal.access import Caller
from portal.cards import Card
from portal.errors import Unusable
from portal.folding import fold
from portal.pages import Frame

FRAME = Frame(language="en", path="/results/r1", portal_name="P", signed_in=True, is_demo=False)
EACH = 12  # of every twelve files one is read here; all of them take half a minute


def cards_of(raw: bytes) -> list[Card]:
    try:
        return [fold([version]) for version in versions(raw)]
    except Unusable:
        return []


def sample_cards(samples: Path) -> list[Card]:
    with (samples / "manifest.csv").open(newline="") as rows:
        files = [row["file"] for row in csv.DictReader(rows) if "ORU" in row["types"]]
    found = [hl7.split((samples.parent / name).read_bytes()) for name in files[::EACH]]
    return [card for parts in found for raw in parts for card in cards_of(raw)]


def test_each_sample_becomes_a_sound_page_with_everything_on_it(
    samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.page_checks.MOST_BYTES", MOST_BYTES * 10)  # some have 800 results
    caller = Caller("request", "source", "en")
    found = sample_cards(samples)

    for card in found:
        view = plain_words.of(caller, card, earlier=0)
        check_page(pages.render("results/view.html", view, FRAME))
        shown = [*view.readings, *(each for one in view.readings for each in one.members)]
        assert len(shown) == len(card.readings)
    assert len(found) > 50
