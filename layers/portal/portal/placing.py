"""A reading placed in its lab's range: what lists count, and what a card says and draws."""

from dataclasses import dataclass

from portal import positions, ranges
from portal.cards import Reading
from portal.positions import Position
from portal.ranges import Number, Range

NOT_AS_USUAL = positions.LOW | positions.HIGH | positions.OUTSIDE


@dataclass(frozen=True)
class Placed:
    position: Position
    number: Number | None
    span: Range | None  # in the reading's own unit; None where it cannot be read or compared

    @property
    def is_outside(self) -> bool:
        return self.position in NOT_AS_USUAL


def placed(reading: Reading) -> Placed:
    number = None if reading.is_narrative else ranges.parse_number(reading.value)
    said = ranges.parse_range(reading.reference_range)
    span = ranges.in_unit(said, reading.unit) if said else None
    return Placed(ranges.position(number, span, reading.flag), number, span)
