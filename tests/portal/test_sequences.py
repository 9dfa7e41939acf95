"""MSH-13: which numbers of a sender are missing, and for how long."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.clock import Clock, held

from portal import hl7, sequences
from portal.senders import UNKNOWN

pytestmark = pytest.mark.usefixtures("portal")
_senders = itertools.count(1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return held(monkeypatch)


def a_lab() -> str:
    return f"LAB{next(_senders)}"


def noted(lab: str, *numbers: object, sent: str = "20260301120000-0500") -> None:
    for number in numbers:
        raw = f"MSH|^~\\&|{lab}|CENTRAL|P|C|{sent}||ADT^A08|C{number}|P|2.5.1|{number}\r"
        sequences.note(hl7.read(raw.encode()), UNKNOWN)


def missing(lab: str) -> bool:
    return f"{lab} CENTRAL" in sequences.gaps()


def test_a_number_that_is_missing_for_five_minutes_is_a_gap(clock: Clock) -> None:
    lab = a_lab()
    noted(lab, 1, 2, 4)
    clock.advance(minutes=4)
    assert not missing(lab)

    clock.advance(minutes=2)

    assert missing(lab)


def test_a_late_arrival_fills_the_gap(clock: Clock) -> None:
    lab = a_lab()
    noted(lab, 1, 2, 4)
    clock.advance(minutes=6)

    noted(lab, 3)

    clock.advance(minutes=6)
    assert not missing(lab)


def test_a_gap_of_several_is_filled_only_by_all_of_them(clock: Clock) -> None:
    lab = a_lab()
    noted(lab, 1, 5, 3, 4)
    clock.advance(minutes=6)
    assert missing(lab)

    noted(lab, 2)

    assert not missing(lab)


@pytest.mark.parametrize("order", list(itertools.permutations([7, 8, 9])))
def test_the_first_number_seen_is_no_gap_in_whatever_order(
    order: tuple[int, ...], clock: Clock
) -> None:
    lab = a_lab()

    for number in order:
        noted(lab, number, sent=f"2026030112000{number}-0500")

    clock.advance(minutes=6)
    assert not missing(lab)


def test_noting_a_message_again_changes_nothing(clock: Clock) -> None:
    lab = a_lab()
    noted(lab, 7, 8, 10, 9)

    noted(lab, 10, 7, 8, 9)

    clock.advance(minutes=6)
    assert not missing(lab)


@pytest.mark.parametrize("anew", [(0, 1, 2), (1, 2)])
def test_a_count_that_begins_anew_is_no_gap_and_has_gaps_of_its_own(
    anew: tuple[int, ...], clock: Clock
) -> None:
    lab = a_lab()
    noted(lab, 1, 2, 3, 4, 5)
    noted(lab, *anew, sent="20260302000000-0500")
    clock.advance(minutes=6)
    assert not missing(lab)

    noted(lab, 4, sent="20260302010000-0500")

    clock.advance(minutes=6)
    assert missing(lab)


def test_a_late_message_of_yesterdays_count_belongs_to_yesterday(clock: Clock) -> None:
    lab = a_lab()
    noted(lab, 1, 2, 3, 5)
    noted(lab, 1, sent="20260302000000-0500")

    noted(lab, 4)

    clock.advance(minutes=6)
    assert not missing(lab)


@pytest.mark.parametrize("value", ["", "-1", "A7", "9" * 16])
def test_what_is_no_number_is_not_counted(value: str, clock: Clock) -> None:
    lab = a_lab()
    noted(lab, 1, value)

    clock.advance(minutes=6)

    assert not missing(lab)


def test_after_a_day_a_missing_message_is_given_up(clock: Clock) -> None:
    lab = a_lab()
    noted(lab, 1, 3)
    clock.advance(days=1, minutes=6)

    assert not missing(lab)
    assert not missing(lab)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(later=st.permutations(range(2, 9)), lost=st.integers(1, 8))
def test_in_any_order_a_lost_message_is_a_gap_and_else_there_is_none(
    later: list[int], lost: int
) -> None:
    lab, start = a_lab(), datetime(2026, 3, 1, 12, tzinfo=UTC)
    with pytest.MonkeyPatch.context() as patch:
        clock = held(patch)
        for number in (1, *later):
            if number in (1, 8) or number != lost:
                sent = (start + timedelta(seconds=number)).strftime("%Y%m%d%H%M%S+0000")
                noted(lab, number, sent=sent)
        clock.advance(minutes=6)

        assert missing(lab) == (1 < lost < 8)
