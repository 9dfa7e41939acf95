"""Ages in full years, by date alone (UTC): what the law on minors and parents turns on.

Born on 29 February, a person has their birthday on 1 March in the years that have no such day.
"""

from datetime import date, timedelta

TEEN, ADULT = 12, 18  # an account of one's own; the end of a parent's right


def age_on(birth_on: date, day: date) -> int:
    """Negative before the year of birth."""
    years = day.year - birth_on.year
    return years if (day.month, day.day) >= (birth_on.month, birth_on.day) else years - 1


def birthday(birth_on: date, age: int) -> date:
    """The first day of that age. `date.max` for one that no calendar reaches."""
    year = birth_on.year + age
    if year > date.max.year:
        return date.max
    try:
        return birth_on.replace(year=year)
    except ValueError:
        return birth_on.replace(year=year, day=28) + timedelta(days=1)
