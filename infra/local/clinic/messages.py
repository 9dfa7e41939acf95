"""What the demo laboratory sends: a past for everybody, a new result, a correction."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from infra.local.clinic.correction import correction
from infra.local.clinic.courses import Course, Trend, courses
from infra.local.clinic.organisations import TIME_ZONE
from infra.local.clinic.oru import Report, Status, digest, message
from infra.local.clinic.panels import Panel, panel_named
from infra.local.clinic.people import MAIN_MRN, Patient, patient
from infra.local.clinic.values import Visit, observed

__all__ = ["correction", "fresh", "history"]

_PRELIMINARY_EARLIER = timedelta(hours=22)
_CORRECTED_LATER = timedelta(hours=20)


def history(as_of: datetime) -> Iterator[bytes]:
    """Everybody's past until the day before `as_of`, oldest first, marked as an initial load.

    The same day gives the same bytes.
    """
    today = as_of.astimezone(TIME_ZONE).date()
    sent = sorted(each for course in courses() for each in _course(course, today))
    yield from (raw for sent_at, raw in sent if sent_at.date() < today)


def fresh(
    as_of: datetime, mrn: str | None = None, panel: str | None = None, status: Status = "F"
) -> bytes:
    """A new order, signed off at `as_of`; without names the main patient's HbA1c.

    Raises ValueError for a patient or a panel the clinic does not have.
    """
    person = patient(mrn or MAIN_MRN)
    ordered = panel_named(panel or "a1c")
    order = digest(as_of.isoformat(), uuid.uuid4().hex)
    known = [c for c in courses() if (c.mrn, c.panel) == (person.mrn, ordered.key)]
    aims = {trend.loinc: trend.points[-1] for course in known for trend in course.trends}
    collected_at = as_of - timedelta(hours=ordered.hours)
    visit = Visit(person, collected_at.date(), order, aims, is_preliminary=status == "P")
    seen = observed(ordered, visit)
    return message(Report(person, ordered, order, collected_at, as_of, status, "P", seen))


def _course(course: Course, today: date) -> Iterator[tuple[datetime, bytes]]:
    """Each message of a course with the moment it was sent."""
    for number in range(len(course.days)):
        is_last = number == len(course.days) - 1
        if is_last and course.was_preliminary:
            early = _report(course, number, today, "P")
            yield early.released_at, message(early)
        report = _report(course, number, today, "F")
        yield report.released_at, message(report)
        if is_last and course.was_corrected:
            later = report.released_at + _CORRECTED_LATER
            yield later, correction(message(report), later)


def _report(course: Course, number: int, today: date, status: Status) -> Report:
    person, panel = patient(course.mrn), panel_named(course.panel)
    collected_at = _collected_at(course, number, person, today)
    released_at = _released_at(panel, collected_at)
    if status == "P":
        released_at -= _PRELIMINARY_EARLIER
    order = digest(person.mrn, panel.key, collected_at.isoformat())
    visit = Visit(
        person,
        collected_at.date(),
        order,
        {trend.loinc: _aim(trend, number, len(course.days)) for trend in course.trends},
        dict(course.answers) if number == len(course.days) - 1 else {},
        status == "P",
    )
    seen = observed(panel, visit)
    return Report(person, panel, order, collected_at, released_at, status, "P^I", seen)


def _aim(trend: Trend, number: int, visits: int) -> float:
    """The trend's value at this visit, on the straight lines between its points."""
    place = number / max(visits - 1, 1) * (len(trend.points) - 1)
    before = int(place)
    after = min(before + 1, len(trend.points) - 1)
    return trend.points[before] + (trend.points[after] - trend.points[before]) * (place - before)


def _collected_at(course: Course, number: int, person: Patient, today: date) -> datetime:
    days = timedelta(days=course.days[number])
    on = person.birth_on + days if course.from_birth else today - days
    return datetime.combine(on, _clinic_hour(person.mrn, on), TIME_ZONE)


def _clinic_hour(mrn: str, on: date) -> time:
    """One visit a day: all its panels share the moment of collection."""
    random = Random(f"{mrn}/{on}")  # noqa: S311 - an invented appointment
    return time(random.randrange(7, 16), random.randrange(60))


def _released_at(panel: Panel, collected_at: datetime) -> datetime:
    random = Random(f"{panel.key}/{collected_at}")  # noqa: S311 - an invented delay
    return collected_at + timedelta(hours=panel.hours, seconds=random.randrange(-1200, 1200))
