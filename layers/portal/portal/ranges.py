"""Where a result lies in the lab's own reference range (OBX-5, OBX-7 and OBX-8).

The lab's flag wins over our arithmetic; where the two disagree the flag is shown and no picture is
drawn. What cannot be placed for certain is UNKNOWN.
"""

from portal.positions import OUTSIDE, Position, flagged, refined, side, words
from portal.quantities import Number, Range, in_unit, parse_number, parse_range

__all__ = [
    "Number",
    "Position",
    "Range",
    "agrees",
    "arithmetic",
    "in_unit",
    "parse_number",
    "parse_range",
    "position",
    "words",
]


def position(value: Number | None, span: Range | None, flag: str = "") -> Position:
    """`flag` is OBX-8. The range must be in the unit of the value (`in_unit`)."""
    said, counted = flagged(flag), arithmetic(value, span)
    if said is None:
        return counted
    if said is Position.WITHIN and value is None:
        return Position.EXPECTED
    return refined(said, counted)


def arithmetic(value: Number | None, span: Range | None) -> Position:
    """UNKNOWN where the value may lie on both sides of a bound: "<0.5" against 0.4-4.0."""
    if value is None or span is None or (span.low is None and span.high is None):
        return Position.UNKNOWN
    if _surely_above(value, span):
        return Position.ABOVE
    if _surely_below(value, span):
        return Position.BELOW
    fits = _under_the_high(value, span) and _over_the_low(value, span)
    return Position.WITHIN if fits else Position.UNKNOWN


def _surely_above(value: Number, span: Range) -> bool:
    if span.high is None or value.comparator.startswith("<"):
        return False
    touches = not span.high_is_inside or value.comparator == ">"
    return value.value > span.high or (value.value == span.high and touches)


def _surely_below(value: Number, span: Range) -> bool:
    if span.low is None or value.comparator.startswith(">"):
        return False
    touches = not span.low_is_inside or value.comparator == "<"
    return value.value < span.low or (value.value == span.low and touches)


def _under_the_high(value: Number, span: Range) -> bool:
    if span.high is None:
        return True
    touches = span.high_is_inside or value.comparator == "<"
    fits = value.value < span.high or (value.value == span.high and touches)
    return fits and not value.comparator.startswith(">")


def _over_the_low(value: Number, span: Range) -> bool:
    if span.low is None:
        return True
    if value.comparator.startswith("<"):  # a range that begins at zero: nothing is below it
        return span.low == 0 and span.low_is_inside and value.value > 0
    touches = span.low_is_inside or value.comparator == ">"
    return value.value > span.low or (value.value == span.low and touches)


def agrees(shown: Position, value: Number | None, span: Range | None) -> bool:
    """Whether a picture of the number would say the same as the position: else draw none."""
    counted = arithmetic(value, span)
    return counted is not Position.UNKNOWN and side(shown) is counted and shown not in OUTSIDE
