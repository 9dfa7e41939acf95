"""FHIR dates and times in words: the only door to Babel's dates.

Each is shown as precisely as it was given, in the clinic's time zone; what is no FHIR date is shown
as it came. Babel is imported on first use: a cold start should not pay for it before a page does.
"""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

MONTH = re.compile(r"\d{4}-\d{2}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def when(moment: str, locale: str, time_zone: str) -> str:
    """Day and time: "November 20, 2026, 9:41 AM"; the day alone where no time was given."""
    at = local(moment, time_zone)
    if at is None:
        return day(moment, locale, time_zone)
    from babel.dates import format_date, format_time, get_datetime_format

    pattern = str(get_datetime_format("long", locale)).replace("'", "")
    on = format_date(at, "long", locale)
    return pattern.format(format_time(at, "short", locale=locale), on)


def day(moment: str, locale: str, time_zone: str) -> str:
    """ "November 20, 2026", or the month where the source knew no more."""
    from babel.dates import format_date, format_skeleton

    if at := local(moment, time_zone):
        return str(format_date(at, "long", locale))
    try:
        if MONTH.fullmatch(moment):
            return str(format_skeleton("yMMMM", date.fromisoformat(f"{moment}-01"), locale=locale))
        if DAY.fullmatch(moment):
            return str(format_date(date.fromisoformat(moment), "long", locale))
    except ValueError:
        return moment
    return moment


def day_and_month(on: date, locale: str) -> str:
    """ "November 20": a day soon, of which the year tells nothing."""
    from babel.dates import format_skeleton

    return str(format_skeleton("MMMMd", on, locale=locale))


def local(moment: str, time_zone: str) -> datetime | None:
    """A dateTime in the clinic's zone; None for a date alone. Without an offset it is local."""
    if "T" not in moment:
        return None
    try:
        at = datetime.fromisoformat(moment)
        here = ZoneInfo(time_zone)
        return at.astimezone(here) if at.tzinfo else at.replace(tzinfo=here)
    except (ValueError, OverflowError):
        return None


def city(time_zone: str, locale: str) -> str:
    """ "New York". CLDR knows some cities by an older name of their zone: Asia/Calcutta."""
    from babel.core import Locale, get_global

    known = Locale.parse(locale).time_zones
    older = (old for old, new in get_global("zone_aliases").items() if new == time_zone)
    said = (known[each]["city"] for each in (time_zone, *older) if "city" in known.get(each, {}))
    return str(next(said, time_zone.rpartition("/")[2].replace("_", " ")))


def clock(moment: datetime, locale: str, time_zone: str) -> str:
    """ "9:41 AM" there, at this moment."""
    from babel.dates import format_time

    return str(format_time(moment.astimezone(ZoneInfo(time_zone)), "short", locale=locale))


def zone(time_zone: str, locale: str) -> str:
    """ "Eastern Time"."""
    from babel.dates import get_timezone_name

    return get_timezone_name(ZoneInfo(time_zone), locale=locale)
