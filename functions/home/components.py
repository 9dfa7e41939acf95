"""The parts that every page is made of, on one page: for who builds a page, so in the demo only."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from functions.home.app import app

from portal import pictures, positions
from portal.access import Visitor
from portal.answers import Answer
from portal.errors import NotFound
from portal.model import Model
from portal.positions import Position
from portal.quantities import Number, Range
from portal.settings import settings
from portal.web import NoAsk


class Sample(Model):
    """As `functions.results.views.ReadingView`, what the component needs of it."""

    value: str
    unit: str
    moment: str = ""
    position: str
    position_words: str
    picture: str
    reference_range: str
    flag: str
    flag_words: str


class ComponentsView(Model):
    samples: list[Sample]
    trend: str


@app.action("GET", "/_components", view=ComponentsView, needs=None)
def components(_visitor: Visitor, _ask: NoAsk) -> Answer:
    """Show every component of the pages, in the local run."""
    if not settings().is_demo:
        raise NotFound
    return Answer(ComponentsView(samples=samples(), trend=trend()), "components/all.html")


def samples() -> list[Sample]:
    """Within the range, above it, and far above it."""
    found = (("5.1", Position.WITHIN, ""), ("7.2", Position.ABOVE, "H"), ("21", ABOVE_ALL, "HH"))
    return [sample(value, position, flag) for value, position, flag in found]


ABOVE_ALL = Position.CRITICALLY_HIGH
USUAL = Range(Decimal("3.5"), Decimal("5.5"), low_text="3.5", high_text="5.5")


def sample(value: str, position: Position, flag: str) -> Sample:
    words = positions.words(position)
    return Sample(
        value=value,
        unit="mmol/L",
        position=position.value,
        position_words=words,
        picture=pictures.range_picture(Number(Decimal(value)), USUAL, position, words),
        reference_range="3.5-5.5",
        flag=flag,
        flag_words="",
    )


def trend() -> str:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    points = [(start + timedelta(days=60 * n), Decimal(4 + n % 3)) for n in range(6)]
    return pictures.trend_picture(points, USUAL, "Six values, from 4 to 6 mmol/L")
