from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.timestamps import day, fhir_datetime, fhir_instant, fhir_time, instant

_ZONE = "America/New_York"


@pytest.mark.parametrize(
    ("sent", "fhir"),
    [
        ("2024", "2024"),
        ("202402", "2024-02"),
        ("20240229", "2024-02-29"),
        ("2024022912", "2024-02-29"),
        ("202402291230", "2024-02-29T12:30:00-05:00"),
        ("20240729123005", "2024-07-29T12:30:05-04:00"),
        ("20240729123005.1200-0700", "2024-07-29T12:30:05.1200-07:00"),
        ("20240729123005-07:00", "2024-07-29T12:30:05-07:00"),
        ("20240229-0500", "2024-02-29"),
        ("20241231240000", "2025-01-01T00:00:00-05:00"),
        ("2024-07-29T12:30:05Z", "2024-07-29T12:30:05+00:00"),
    ],
)
def test_precision_is_kept_and_the_senders_zone_fills_in(sent: str, fhir: str) -> None:
    assert fhir_datetime(sent, _ZONE) == fhir


_IMPOSSIBLE = (
    "0 0000 00000000 20230229 20241301 2024022925 202402292460 20240229240001 2024022912300"
    " 202402291230-1500 202402291230-0099 00010101000000+1400 99991231240000 ٢٠٢٤ 04/24/2007"
)


@pytest.mark.parametrize("sent", ["", '""', "20240229 noon", *_IMPOSSIBLE.split()])
def test_an_impossible_time_is_none_and_never_guessed(sent: str) -> None:
    assert fhir_datetime(sent, _ZONE) is None
    assert instant(sent, _ZONE) is None


@given(st.text("0123456789+-.:TZ ", max_size=26))
def test_no_text_makes_it_raise(text: str) -> None:
    moment = fhir_instant(text, _ZONE)

    assert moment is None or datetime.fromisoformat(moment).tzinfo
    fhir_time(text)
    day(text)


def test_an_instant_needs_a_time_of_day() -> None:
    assert fhir_instant("20240229", _ZONE) is None
    assert instant("202402291230", _ZONE) == datetime(2024, 2, 29, 17, 30, tzinfo=UTC)


def test_a_birth_date_is_a_day_in_no_zone() -> None:
    assert day("19800229") == day("19800229235959-0800") == date(1980, 2, 29)
    assert day("1980") is day("198002") is day("19810229") is None


def test_times_of_day() -> None:
    assert fhir_time("0930") == "09:30:00"
    assert fhir_time("093005.5") == "09:30:05.5"
    assert fhir_time("2460") is fhir_time("9") is fhir_time("") is None
