"""One reading in the reader's words. What the lab sent is passed through untouched (law 6)."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from functions.results import changes
from functions.results.views import EarlierValue, ReadingView
from functions.results.wording import N_, READING_STATUS, SECTIONS, STATUS

from portal import analytes, earlier_values, pages, pictures, positions, ranges, units
from portal.access import Caller
from portal.analytes import Analyte
from portal.cards import Card, Reading
from portal.earlier_values import History, Value
from portal.moments import parsed
from portal.placing import Placed, placed
from portal.positions import Position

# A yes-or-no test flagged only "abnormal" found what it looked for: a dipstick's 2+, flag A.
FOUND = positions.OUTSIDE | {Position.POSITIVE}

type Words = Callable[[str], str]


def view(caller: Caller, card: Card, reading: Reading, limit: int, told: History) -> ReadingView:
    """With at most `limit` earlier values of the same test."""
    word = pages.words(caller.language)
    place = placed(reading)
    analyte = None if reading.suffix else analytes.find(reading.loinc)
    observed_at = reading.observed_at or card.collected_at
    values = _values(told, reading, observed_at, limit)
    position_words = word(positions.words(place.position))
    said = reading.model_dump(
        include={"lab_name", "loinc", "value", "unit", "reference_range", "flag", "is_narrative"}
        | {"is_unreadable", "moment", "panel", "notes"}
    )
    return ReadingView(
        **said,
        everyday_name=word(analyte.name if analyte else SECTIONS.get(reading.suffix, "")),
        flag_words=word(positions.words(positions.flagged(reading.flag) or Position.UNKNOWN)),
        position=place.position.value,
        is_outside=place.is_outside,
        position_words=position_words,
        status_words=_status_words(card, reading, word),
        about=word(analyte.about) if analyte else "",
        meaning=word(meaning_of(analyte, place.position)),
        observed_at=observed_at,
        earlier=[_earlier(value, reading) for value in values],
        picture=_picture(place, position_words),
        trend=_trend(reading, observed_at, values, place, word),
        **changes.of(reading, word, lambda status: word(READING_STATUS.get(status, ""))),
    )


def _values(told: History, reading: Reading, observed_at: str, limit: int) -> list[Value]:
    if not limit or reading.is_narrative or reading.parent:
        return []
    return earlier_values.before(told, reading, observed_at, limit)


def meaning_of(analyte: Analyte | None, position: Position) -> str:
    """Said for the side the value lies on only; "" when there is nothing to explain."""
    if analyte is None:
        return ""
    if position in positions.LOW:
        return analyte.low
    if position in positions.HIGH:
        return analyte.high
    if position is Position.NEGATIVE:
        return analyte.negative
    return analyte.positive if position in FOUND else ""


def _status_words(card: Card, reading: Reading, word: Words) -> str:
    said = word(READING_STATUS.get(reading.status, ""))
    return "" if said == word(STATUS[card.status][0]) else said


def _earlier(value: Value, reading: Reading) -> EarlierValue:
    return EarlierValue(
        value=value.value,
        unit=value.unit,
        observed_at=value.observed_at,
        same_unit=units.same_unit(value.unit, reading.unit),
    )


def _picture(place: Placed, position_words: str) -> str:
    return pictures.range_picture(place.number, place.span, place.position, position_words)


def _trend(
    reading: Reading, observed_at: str, values: list[Value], place: Placed, word: Words
) -> str:
    """Earlier values that compare, and this one; "" with fewer than two."""
    comparable = [v for v in values if units.same_unit(v.unit, reading.unit)]
    sent = [(v.observed_at, v.value) for v in reversed(comparable)]
    points = [_point(at, value) for at, value in [*sent, (observed_at, reading.value)]]
    drawn = [point for point in points if point is not None]
    text = word(N_("Earlier values and this one, over time"))
    return pictures.trend_picture(drawn, place.span, text) if len(drawn) > 1 else ""


def _point(at: str, value: str) -> tuple[datetime, Decimal] | None:
    number = ranges.parse_number(value)
    moment = parsed(at) or _day(at)
    plain = number is not None and not number.comparator
    return (moment, number.value) if number is not None and plain and moment else None


def _day(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
