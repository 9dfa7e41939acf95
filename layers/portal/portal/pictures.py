"""Pictures of a result: where it lies in the lab's range, and (trends.py) how it moved over time.

Never by colour alone: inside the range the mark is a disc, outside a diamond, and an arrow where it
lies beyond the edge of the picture.
"""

from dataclasses import dataclass
from decimal import Decimal
from html import escape

from portal.drawings import EDGE, WIDTH, drawing
from portal.positions import HIGH, LOW
from portal.quantities import Number, Range
from portal.ranges import Position, agrees
from portal.trends import trend_picture

__all__ = ["range_picture", "trend_picture"]

LEFT, RIGHT, MIDDLE = 4, 236, 14
CLEAR = 11  # a mark outside the band does not touch it, however near the value is

TRACK = (
    f'<path class="rp-track" d="M{LEFT} {MIDDLE}H{RIGHT}" stroke-width="2" stroke-opacity=".6"/>'
)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the band lies in the picture, and how far one unit of the result moves the mark."""

    band_from: float
    band_to: float
    origin: float
    bound: Decimal  # drawn at `origin`
    per_unit: float

    def place(self, value: Decimal, position: Position) -> float:
        x = self.origin + float(value - self.bound) * self.per_unit
        if position in LOW:
            return min(x, self.band_from - CLEAR)
        return max(x, self.band_to + CLEAR) if position in HIGH else x


def range_picture(
    value: Number | None, span: Range | None, position: Position, text_alternative: str
) -> str:
    """Empty where there is nothing to draw, or where a mark would contradict `position`."""
    if value is None or span is None or not agrees(position, value, span):
        return ""
    scale = scaled(span)
    parts = [TRACK, band(scale), *labels(span, scale), mark(value, position, scale)]
    return drawing(40, text_alternative, "".join(parts))


def scaled(span: Range) -> Scale:
    if span.low is None and span.high is not None:
        return Scale(LEFT, 150, 150, span.high, per_unit(138, span.high))
    if span.high is None and span.low is not None:
        return Scale(90, RIGHT, 90, span.low, per_unit(78, span.low))
    low, high = span.low or Decimal(0), span.high or Decimal(0)
    return Scale(72, 168, 72, low, 96 / float(high - low) if high > low else 96)


def per_unit(pixels: int, bound: Decimal) -> float:
    """A one-sided range has no width of its own: its bound's distance from zero stands for it."""
    return pixels / abs(float(bound)) if bound else pixels


def band(scale: Scale) -> str:
    return (
        f'<rect class="rp-band" x="{scale.band_from:g}" y="7" height="14" rx="3"'
        f' width="{scale.band_to - scale.band_from:g}" fill="currentColor" fill-opacity=".2"/>'
    )


def labels(span: Range, scale: Scale) -> list[str]:
    low = (span.low, span.low_text, scale.band_from)
    high = (span.high, span.high_text, scale.band_to)
    return [label(x, sent or str(bound)) for bound, sent, x in (low, high) if bound is not None]


def label(x: float, text: str) -> str:
    words = f'x="{x:g}" y="36" font-size="13" text-anchor="middle" fill="currentColor"'
    return f'<text {words} stroke="none">{escape(text)}</text>'


def mark(value: Number, position: Position, scale: Scale) -> str:
    x = scale.place(value.value, position)
    inside = min(max(x, EDGE), WIDTH - EDGE)
    shape = disc(inside) if position is Position.WITHIN else diamond(inside)
    if inside != x and position is not Position.WITHIN:
        shape = arrow(x)
    elif value.comparator:
        shape += chevron(inside, -1 if value.comparator.startswith("<") else 1)
    return f'<path class="rp-mark" d="{shape}" fill="currentColor"/>'


def disc(x: float) -> str:
    return f"M{x - 6:.1f} {MIDDLE}a6 6 0 1 0 12 0 6 6 0 1 0-12 0z"


def diamond(x: float) -> str:
    return f"M{x:.1f} {MIDDLE - 10}l9 10-9 10-9-10z"


def arrow(x: float) -> str:
    """The value is farther out than the picture reaches."""
    return f"M2 {MIDDLE}l16-10v20z" if x < EDGE else f"M{WIDTH - 2} {MIDDLE}l-16-10v20z"


def chevron(x: float, direction: int) -> str:
    """The value is somewhere on this side of the mark: the lab sent "<" or ">"."""
    return f"M{x + 10 * direction:.1f} {MIDDLE}m0-6l{6 * direction} 6{-6 * direction:+d} 6z"
