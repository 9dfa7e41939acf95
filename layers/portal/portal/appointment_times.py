"""When an appointment is and how long it takes.

The start is said by TQ1-7, else by SCH-11.4 (or, from senders that count wrong, the fourth
component of a field beside it), else by the service, person, place or thing that
begins first (AIS-4, AIP-6, AIL-6, AIG-8). The end is TQ1-8 or SCH-11.5, else the start and a
duration whose unit is said (SCH-9 and 10, TQ1-6, SCH-11.3, AIS-7 and 8); never a guess.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from portal import moments, timestamps
from portal.entries import Draft
from portal.hl7 import Message
from portal.hl7_segments import Segment

_SECONDS = dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1)
_SECONDS |= dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60)
_SECONDS |= dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3_600)
_SECONDS |= dict.fromkeys(("d", "day", "days"), 86_400)
_WHOLE_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
_TQ_DURATION = re.compile(r"([SMHD])(\d{1,6})", re.ASCII)  # TQ.3: M30 is thirty minutes
_STARTS = {"AIS": 4, "AIP": 6, "AIL": 6, "AIG": 8}
_TQ_FIELDS = (11, 10, 9, 12, 13)


class Start(NamedTuple):
    at: datetime
    text: str  # FHIR instant
    segment: Segment
    field: int


class Duration(NamedTuple):
    seconds: int
    segment: Segment
    field: int


def put_times(draft: Draft, message: Message, zone: str) -> None:
    """`start`, `end` and `minutesDuration`, as far as they are said."""
    began, lasts = start(message, zone), next(_durations(message), None)
    if began:
        draft.put("start", began.text, began.segment, began.field)
        room = _put_end(draft, began, lasts, zone)
        if room and lasts and timedelta(seconds=lasts.seconds) > room:
            return  # FHIR: a duration is never longer than from start to end
    if lasts and lasts.seconds % 60 == 0:
        draft.put("minutesDuration", lasts.seconds // 60, lasts.segment, lasts.field)


def start(message: Message, zone: str) -> Start | None:
    tq1, sch = message.first("TQ1"), message.first("SCH")
    said = [_read(tq1, 7, 1, zone), *(_read(sch, field, 4, zone) for field in _TQ_FIELDS)]
    if any(said):
        return next(filter(None, said))
    for name, field in _STARTS.items():
        each = (_read(segment, field, 1, zone) for segment in message.all(name))
        if known := [one for one in each if one]:
            return min(known, key=lambda one: one.at)
    return None


def _read(segment: Segment, field: int, component: int, zone: str) -> Start | None:
    text = timestamps.fhir_instant(segment.text(field, component), zone)
    at = moments.parsed(text) if text else None
    return Start(at, text, segment, field) if at and text else None


def _put_end(draft: Draft, began: Start, lasts: Duration | None, zone: str) -> timedelta | None:
    """How long there is from start to end, when an end is known."""
    fields = {"TQ1": (8, 1), "SCH": (began.field, 5)}
    said = _read(began.segment, *fields.get(began.segment.name, (0, 0)), zone)
    if said and said.at > began.at:
        draft.put("end", said.text, said.segment, said.field)
        return said.at - began.at
    if not lasts:
        return None
    try:
        end = began.at + timedelta(seconds=lasts.seconds)
    except OverflowError:  # beyond the year 9999
        return None
    draft.put("end", end.isoformat(), lasts.segment, lasts.field)
    return end - began.at


def _durations(message: Message) -> Iterator[Duration]:
    sch, tq1, services = message.first("SCH"), message.first("TQ1"), message.all("AIS")
    found = [
        (_seconds(sch.text(9), sch.text(10), sch.text(10, 2), sch.text(9, 2)), sch, 9),
        (_seconds(tq1.text(6), tq1.text(6, 2, 1), tq1.text(6, 2, 2)), tq1, 6),
        (_tq_seconds(sch.text(11, 3)), sch, 11),
    ]
    if len(services) == 1:
        ais = services[0]
        found.append((_seconds(ais.text(7), ais.text(8), ais.text(8, 2)), ais, 7))
    return (Duration(seconds, segment, field) for seconds, segment, field in found if seconds)


def _seconds(number: str, *units: str) -> int:
    """0 when the number or its unit is not said."""
    known = (_SECONDS.get(unit.strip().rstrip(".").lower(), 0) for unit in units)
    unit = next(filter(None, known), 0)
    return int(number) * unit if _WHOLE_NUMBER.fullmatch(number := number.strip()) else 0


def _tq_seconds(text: str) -> int:
    found = _TQ_DURATION.fullmatch(text.strip().upper())
    return _seconds(found[2], found[1]) if found else 0
