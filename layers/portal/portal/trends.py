"""A small line of the earlier values of one test, with the lab's range behind it."""

from datetime import datetime
from decimal import Decimal

from portal.drawings import EDGE, WIDTH, drawing
from portal.quantities import Number, Range
from portal.ranges import Position, arithmetic

MOST_POINTS = 12


def trend_picture(
    points: list[tuple[datetime, Decimal]], span: Range | None, text_alternative: str = ""
) -> str:
    """The latest values as a line, oldest on the left; empty for fewer than two."""
    shown = sorted(points)[-MOST_POINTS:]
    if len(shown) < 2:
        return ""
    bounds = [bound for bound in (span.low, span.high) if bound is not None] if span else []
    values = [value for _, value in shown]
    ends = (min([*values, *bounds]), max([*values, *bounds]))
    dots = [(across(at, shown), down(value, ends)) for at, value in shown]
    line = "L".join(f"{x:.0f} {y:.0f}" for x, y in dots)
    parts = [
        trend_band(span, ends) if span else "",
        f'<path class="rp-line" d="M{line}" stroke-width="2" stroke-linejoin="round"/>',
        trend_marks(dots, values, span),
    ]
    return drawing(72, text_alternative, "".join(parts))


def across(at: datetime, shown: list[tuple[datetime, Decimal]]) -> float:
    first, last = shown[0][0], shown[-1][0]
    share = (at - first) / (last - first) if last > first else 0.5
    return EDGE + share * (WIDTH - 2 * EDGE)


def down(value: Decimal, ends: tuple[Decimal, Decimal]) -> float:
    low, high = ends
    return 60 - 48 * float((value - low) / (high - low)) if high > low else 36


def trend_band(span: Range, ends: tuple[Decimal, Decimal]) -> str:
    top = 2 if span.high is None else down(span.high, ends)
    bottom = 70 if span.low is None else down(span.low, ends)
    return (
        f'<rect class="rp-band" x="1" y="{top:.0f}" width="{WIDTH - 2}" rx="3"'
        f' height="{max(bottom - top, 2):.0f}" fill="currentColor" fill-opacity=".15"'
        ' stroke-opacity=".6" stroke-dasharray="3 3"/>'
    )


def trend_marks(dots: list[tuple[float, float]], values: list[Decimal], span: Range | None) -> str:
    outside = {Position.BELOW, Position.ABOVE}
    shapes = [
        f"M{x:.0f} {y - 6:.0f}l6 6-6 6-6-6z"
        if arithmetic(Number(value), span) in outside
        else f"M{x - 4:.0f} {y:.0f}a4 4 0 1 0 8 0 4 4 0 1 0-8 0z"
        for (x, y), value in zip(dots, values, strict=True)
    ]
    return f'<path class="rp-mark" d="{"".join(shapes)}" fill="currentColor"/>'
