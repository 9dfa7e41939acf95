"""Full years, by date; a leap day's birthday."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.ages import age_on, birthday

BIRTHS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
AGES = st.integers(min_value=0, max_value=120)
LEAP_DAY = date(2008, 2, 29)


@given(BIRTHS, AGES)
@example(LEAP_DAY, 18)
@example(LEAP_DAY, 20)
def test_a_person_has_an_age_from_its_birthday_on_and_not_a_day_before(
    birth_on: date, age: int
) -> None:
    on = birthday(birth_on, age)

    assert age_on(birth_on, on) == age
    assert age_on(birth_on, on - timedelta(days=1)) == age - 1


@given(BIRTHS, AGES)
@example(LEAP_DAY, 18)
@example(LEAP_DAY, 20)
def test_a_birthday_is_the_day_of_birth_but_for_leap_days(birth_on: date, age: int) -> None:
    on = birthday(birth_on, age)

    assert on.year == birth_on.year + age
    is_leap_day = (birth_on.month, birth_on.day) == (2, 29)
    same_day = (on.month, on.day) == (birth_on.month, birth_on.day)
    assert same_day or (is_leap_day and (on.month, on.day) == (3, 1))


@given(BIRTHS, BIRTHS)
def test_nobody_gets_younger(birth_on: date, day: date) -> None:
    assert age_on(birth_on, day) <= age_on(birth_on, day + timedelta(days=1))


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2014-05-03", "2026-05-02", 11),
        ("2014-05-03", "2026-05-03", 12),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-29", 20),
        ("2026-11-21", "2026-11-21", 0),
    ],
)
def test_known_ages(born: str, day: str, age: int) -> None:
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


def test_a_birthday_beyond_the_calendar_never_comes() -> None:
    assert birthday(date(9990, 1, 1), 18) == date.max
