"""HL7 TS and DTM to FHIR date, dateTime, instant and time. What is invalid is None, never guessed.

Precision is kept: 2024 stays a year. FHIR knows no bare hour, so that falls back to its day, and
wants seconds, which it allows to be zero-filled (FHIR R4 datatypes, dateTime).
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

_HL7 = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\.\d{0,9})?)?)?)?)?)?"
    r"([+-]\d\d:?\d\d)?",
    re.ASCII,
)
_ISO = re.compile(
    r"(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?)?",
    re.ASCII,
)
_TIME = re.compile(r"(\d\d):?(\d\d)(?::?(\d\d)(\.\d{1,9})?)?", re.ASCII)


class _Moment(NamedTuple):
    """`day` is as precise as the sender was; `at` is None below the minute's precision."""

    day: str
    at: datetime | None = None
    fraction: str = ""


def fhir_datetime(ts: str, zone: str) -> str | None:
    moment = _moment(ts, zone)
    if not moment:
        return None
    return _written(moment.at, moment.fraction) if moment.at else moment.day


def fhir_instant(ts: str, zone: str) -> str | None:
    moment = _moment(ts, zone)
    return _written(moment.at, moment.fraction) if moment and moment.at else None


def instant(ts: str, zone: str) -> datetime | None:
    """In UTC; None when the sender gave no time of day."""
    moment = _moment(ts, zone)
    return moment.at.astimezone(UTC) if moment and moment.at else None


def day(ts: str) -> date | None:
    """A birth date: the day as written, in no time zone."""
    moment = _moment(ts, "UTC")
    return date.fromisoformat(moment.day) if moment and len(moment.day) == 10 else None


def fhir_time(tm: str) -> str | None:
    found = _TIME.fullmatch(tm.strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        return None
    return f"{found[1]}:{found[2]}:{found[3] or '00'}{found[4] or ''}"


def _written(at: datetime, fraction: str) -> str:
    offset = at.strftime("%z")
    clock = at.replace(tzinfo=None, microsecond=0).isoformat()
    return f"{clock}{fraction}{offset[:3]}:{offset[3:5]}"


def _moment(ts: str, zone: str) -> _Moment | None:
    found = _HL7.fullmatch(ts.strip()) or _ISO.fullmatch(ts.strip())
    if not found:
        return None
    year, month, day_of_month, hour, minute, second, fraction, offset = found.groups()
    try:
        whole_day = date(int(year), int(month or 1), int(day_of_month or 1))
        written = "-".join(part for part in (year, month, day_of_month) if part)
        if minute is None:
            return _Moment(written) if int(hour or 0) < 24 else None
        start = datetime(whole_day.year, whole_day.month, whole_day.day, tzinfo=_zone(offset, zone))
        at = _at(start, int(hour), int(minute), int(second or 0))
        if not at:
            return None
        at.astimezone(UTC)  # year 1 and 9999 overflow here
    except (ValueError, OverflowError):
        return None
    return _Moment(written, at, (fraction or "").rstrip("."))


def _at(start: datetime, hour: int, minute: int, second: int) -> datetime | None:
    """24:00 is the end of the day, which FHIR writes as the start of the next."""
    if (hour, minute, second) == (24, 0, 0):
        return start + timedelta(days=1)
    return start.replace(hour=hour, minute=minute, second=second)


def _zone(offset: str | None, zone: str) -> tzinfo:
    if not offset:
        return ZoneInfo(zone)
    digits = offset.replace(":", "")
    if digits == "Z":
        return UTC
    hours, minutes = int(digits[1:3]), int(digits[3:5])
    if hours > 14 or minutes > 59:  # beyond any zone on Earth: FHIR refuses it too
        raise ValueError
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(ahead if digits[0] == "+" else -ahead)
