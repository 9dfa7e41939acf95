"""A card in the reader's words. What the lab sent is passed through untouched (law 6)."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from functions.results.views import EarlierValue, ReadingView, ResultLine, ResultView

from portal import analytes, earlier_values, pages, pictures, positions, ranges, units
from portal.access import Caller
from portal.analytes import Analyte
from portal.cards import Card, CardStatus, Reading
from portal.earlier_values import Value
from portal.moments import parsed
from portal.placing import Placed, placed
from portal.positions import Position
from portal.published import Summary

# A yes-or-no test flagged only "abnormal" found what it looked for: a dipstick's 2+, flag A.
FOUND = positions.OUTSIDE | {Position.POSITIVE}

type Words = Callable[[str], str]


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


STATUS: dict[CardStatus, tuple[str, str]] = {
    CardStatus.REGISTERED: (
        N_("Not ready yet"),
        N_("The lab has the order. There is no result yet."),
    ),
    CardStatus.PRELIMINARY: (
        N_("Early result"),
        N_("The lab may still change it. A final result will follow."),
    ),
    CardStatus.FINAL: (N_("Final"), N_("The lab has finished and checked this result.")),
    CardStatus.CORRECTED: (
        N_("Corrected"),
        N_("The lab changed this result. What you see here is the new one."),
    ),
    CardStatus.CANCELLED: (N_("Canceled"), N_("The lab did not do this test.")),
    CardStatus.WITHDRAWN: (N_("Withdrawn"), N_("The lab took this result back.")),
    CardStatus.UNKNOWN: (
        N_("Status not given"),
        N_("The lab did not say if this result is final. Ask your care team."),
    ),
}

READING_STATUS = {
    "P": N_("Early result"),
    "R": N_("Early result"),
    "S": N_("Early result"),
    "I": N_("Not ready yet"),
    "O": N_("Not ready yet"),
    "C": N_("Corrected"),
    "A": N_("Corrected"),
    "B": N_("Corrected"),
    "X": N_("The lab could not get a result"),
    "N": N_("The lab did not do this test"),
}


def line(summary: Summary, language: str) -> ResultLine:
    word = pages.words(language)
    return ResultLine(
        report_id=summary.report_id,
        title=analytes.title(summary.panel_code, summary.lab_title, word),
        lab_title=summary.lab_title,
        status=summary.status.value,
        status_words=word(STATUS[summary.status][0]),
        collected_at=summary.collected_at,
        released_at=summary.released_at,
        ordered_by=summary.ordered_by,
        readings=summary.readings,
        outside=summary.outside,
    )


def of(caller: Caller, card: Card, earlier: int) -> ResultView:
    word = pages.words(caller.language)
    views = [_reading(caller, card, reading, earlier, word) for reading in card.readings]
    return ResultView(
        title=analytes.title(card.panel_code, card.lab_title, word),
        status_words=word(STATUS[card.status][0]),
        status_meaning=word(STATUS[card.status][1]),
        outside=sum(placed(reading).is_outside for reading in card.readings),
        readings=views,
        card=card,
    )


def _reading(
    caller: Caller, card: Card, reading: Reading, earlier: int, word: Words
) -> ReadingView:
    place = placed(reading)
    analyte = analytes.find(reading.loinc)
    observed_at = reading.observed_at or card.collected_at
    values = (
        earlier_values.before(caller.patient_id, reading, observed_at, earlier) if earlier else []
    )
    position_words = word(positions.words(place.position))
    return ReadingView(
        everyday_name=word(analyte.name) if analyte else "",
        lab_name=reading.lab_name,
        loinc=reading.loinc,
        value=reading.value,
        unit=reading.unit,
        reference_range=reading.reference_range,
        flag=reading.flag,
        flag_words=word(positions.words(positions.flagged(reading.flag) or Position.UNKNOWN)),
        position=place.position.value,
        is_outside=place.is_outside,
        position_words=position_words,
        status_words=_status_words(card, reading, word),
        about=word(analyte.about) if analyte else "",
        meaning=word(meaning_of(analyte, place.position)),
        is_narrative=reading.is_narrative,
        notes=reading.notes,
        observed_at=observed_at,
        earlier=[_earlier(value, reading) for value in values],
        picture=_picture(place, position_words),
        trend=_trend(reading, observed_at, values, place, word),
    )


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
