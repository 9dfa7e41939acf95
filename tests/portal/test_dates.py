import pytest

from portal import dates

NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("moment", "english", "spanish"),
    [
        ("2026", "2026", "2026"),
        ("2026-05", "May 2026", "mayo de 2026"),
        ("2026-05-03", "May 3, 2026", "3 de mayo de 2026"),
        ("2026-05-03T09:41:00-04:00", "May 3, 2026, 9:41 AM", "3 de mayo de 2026, 9:41 a.m."),
        ("2026-05-04T02:05:00.123Z", "May 3, 2026, 10:05 PM", "3 de mayo de 2026, 10:05 p.m."),
        ("2026-05-03T09:41:00", "May 3, 2026, 9:41 AM", "3 de mayo de 2026, 9:41 a.m."),
    ],
)
def test_a_moment_is_as_precise_as_its_source(moment: str, english: str, spanish: str) -> None:
    assert dates.when(moment, "en_US", NEW_YORK).replace("\u202f", " ") == english
    assert dates.when(moment, "es_US", NEW_YORK).replace("\u202f", " ") == spanish


def test_a_day_is_the_day_at_the_clinic() -> None:
    assert dates.day("2026-05-04T02:05:00Z", "en_US", NEW_YORK) == "May 3, 2026"


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13", "2026-02-30", "2026-05-03T25:00Z", "0001-01-01T00:00:00Z"]
)
def test_what_is_no_date_is_shown_as_it_came(text: str) -> None:
    assert dates.when(text, "en_US", NEW_YORK) == text
    assert dates.day(text, "en_US", NEW_YORK) == text


def test_the_zone_is_named_in_words() -> None:
    assert dates.zone(NEW_YORK, "en_US") == "Eastern Time"


@pytest.mark.parametrize(
    ("time_zone", "english", "spanish"),
    [
        (NEW_YORK, "New York", "Nueva York"),
        ("Asia/Kolkata", "Kolkata", "Calcuta"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires", "Buenos Aires"),
        ("Asia/Ho_Chi_Minh", "Ho Chi Minh City", "Ciudad Ho Chi Minh"),
    ],
)
def test_a_city_is_named_in_the_readers_language(
    time_zone: str, english: str, spanish: str
) -> None:
    assert dates.city(time_zone, "en_US") == english
    assert dates.city(time_zone, "es_US") == spanish
