"""When to take it: TQ1, and the TQ that ORC-7 and RXE-1 held before version 2.5, as FHIR Timing."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from portal import codings, placed_orders, repeat_patterns, timestamps
from portal.drugs import measured
from portal.fhir import Resource
from portal.hl7_segments import Segment, Value
from portal.quantities import parse_number
from portal.rx_orders import RxOrder

_OLD_DURATION = re.compile(r"([SMHDWL])(\d{1,4})", re.ASCII)
_OLD_COUNT = re.compile(r"X(\d{1,4})", re.ASCII)
_AS_NEEDED = "PRN"
_LENGTHS = {"min": timedelta(minutes=1), "h": timedelta(hours=1)}
_LENGTHS |= {"d": timedelta(days=1), "wk": timedelta(weeks=1)}
_LONGEST = 9_999


type Place = tuple[Segment, int]


@dataclass(frozen=True)
class Schedule:
    """`words` is the pattern as sent, `repeat` what is known of it as Timing.repeat."""

    words: str = ""
    repeat: dict[str, Any] = field(default_factory=dict)
    as_needed: bool = False
    dose: Resource = field(default_factory=dict)
    instructions: tuple[str, ...] = ()
    priority: str = ""
    priority_place: Place | None = None
    place: Place | None = None

    @property
    def timing(self) -> Resource:
        code = {"code": {"text": self.words}} if self.words else {}
        return ({"repeat": self.repeat} if self.repeat else {}) | code


def schedules(order: RxOrder, zone: str, *heads: str) -> list[Schedule]:
    """TQ1 under the first head that has any; else RXE-1 or ORC-7, whichever says how often."""
    if lines := order.parts("TQ1", *heads, "ORC"):
        return [_of_tq1(line, zone) for line in lines]
    fields = [(order.head("RXE"), 1), (order.orc, 7)]
    older = [found for place in fields if (found := _of_field(*place, zone))]
    return next((found for found in older if any(one.words for one in found)), [*older, []][0])


def _of_field(segment: Segment, number: int, zone: str) -> list[Schedule]:
    return [_of_tq(tq, zone, (segment, number)) for tq in segment.repetitions(number) if tq.raw]


def _of_tq1(tq1: Segment, zone: str) -> Schedule:
    patterns = tq1.repetitions(3)
    only = repeat_patterns.rpt(patterns[0]) if len(patterns) == 1 else repeat_patterns.pattern("")
    times = [sent.text(1) for sent in tq1.repetitions(4)]
    duration = _duration(tq1.text(6), repeat_patterns.unit(tq1.text(6, 2, 1)))
    bounds = _bounds(tq1.text(7), tq1.text(8), duration, zone)
    repeat = only.repeat | _times(only.repeat, times) | bounds | _count(tq1.text(14))
    quantity = tq1.value(2)
    return Schedule(
        words="\n".join(filter(None, map(_words, patterns))),
        repeat=repeat,
        as_needed=only.as_needed or tq1.text(9).strip().upper() == _AS_NEEDED,
        dose=_dose(quantity.text(1), [quantity.text(2, part) for part in (1, 2, 3)]),
        instructions=tuple(filter(None, (tq1.whole(n).strip() for n in (10, 11)))),
        priority=tq1.text(9),
        priority_place=(tq1, 9),
        place=_first_said(tq1, 3, 11, 10, 7, 8, 6, 2, 4, 14, 9),
    )


def _of_tq(tq: Value, zone: str, place: Place) -> Schedule:
    often = repeat_patterns.pattern(tq.text(2, 1))
    length, counted = _OLD_DURATION.fullmatch(tq.text(3)), _OLD_COUNT.fullmatch(tq.text(3))
    duration = _duration(length[2], repeat_patterns.unit(length[1])) if length else {}
    bounds = _bounds(tq.text(4), tq.text(5), duration, zone)
    count = _count(tq.text(12) or (counted[1] if counted else ""))
    return Schedule(
        words=tq.text(2, 1).strip(),
        repeat=often.repeat | _times(often.repeat, tq.text(2, 2).split(",")) | bounds | count,
        as_needed=often.as_needed or tq.text(6).strip().upper() == _AS_NEEDED,
        dose=_dose(tq.text(1, 1), [tq.text(1, 2), "", ""]),
        instructions=tuple(filter(None, (tq.text(n).strip() for n in (7, 8)))),
        priority=tq.text(6),
        priority_place=place,
        place=place,
    )


def _words(rpt: Value) -> str:
    """The pattern's text where it has one. Some send a CWE, whose text is the second component."""
    alignment = rpt.text(2).strip()
    named = alignment if len(alignment) > 2 else ""
    return rpt.text(1, 2).strip() or named or rpt.text(1, 1).strip()


def _dose(said: str, unit: list[str]) -> Resource:
    """A number alone is HL7's default of 1 and no dose."""
    return measured(said, unit) if any(unit) else {}


def _duration(said: str, unit: str) -> Resource:
    number = parse_number(said)
    if not number or number.comparator or number.value <= 0 or not unit:
        return {}
    return {"value": number.value, "unit": unit, "system": codings.UCUM, "code": unit}


def _bounds(start: str, end: str, duration: Resource, zone: str) -> dict[str, Any]:
    """FHIR takes a period or a duration: a start and a duration are a period, where they add."""
    starts = timestamps.fhir_datetime(start, zone) or ""
    ends = timestamps.fhir_datetime(end, zone) or _end(starts, duration)
    if duration and not ends:
        return {"boundsDuration": duration}
    known = placed_orders.period(starts, ends)
    return {"boundsPeriod": known} if known else {}


def _end(start: str, duration: Resource) -> str:
    """Three days from the 25th end with the 27th: a day is in its period as a whole."""
    unit = _LENGTHS.get(duration.get("code", ""))
    if not unit or duration["value"] > _LONGEST or len(start) < len("2026-03-01"):
        return ""
    length = unit * float(duration["value"])
    if "T" in start:
        return (datetime.fromisoformat(start) + length).isoformat()
    last = date.fromisoformat(start) + length - timedelta(days=1)
    return last.isoformat() if unit.days else ""


def _times(repeat: dict[str, Any], said: list[str]) -> dict[str, Any]:
    """Explicit times of day, which FHIR does not allow beside `when`."""
    found = [at for at in map(timestamps.fhir_time, said) if at]
    return {"timeOfDay": found} if found and "when" not in repeat else {}


def _count(said: str) -> dict[str, Any]:
    found = re.fullmatch(r"[1-9]\d{0,4}", said.strip(), re.ASCII)
    return {"count": int(found[0])} if found else {}


def _first_said(segment: Segment, *numbers: int) -> Place | None:
    return next(((segment, number) for number in numbers if segment.raw(number)), None)
