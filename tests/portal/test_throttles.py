"""Counters per quarter of an hour, shared by all functions."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pynamodb.exceptions import UpdateError
from tests.clock import held
from tests.visitors import a_browser, nobodys_trail

from portal import throttles
from portal.access import Visitor
from portal.errors import TooMany
from portal.moments import fresh_id
from portal.tables import SessionRow

pytestmark = pytest.mark.usefixtures("portal")
VISITOR = Visitor("r", "s", "en")


def passed(who: str, limit: int) -> bool:
    try:
        throttles.count(VISITOR, "test", who, limit)
    except TooMany:
        return False
    return True


def test_the_limit_passes_and_one_more_does_not() -> None:
    who = fresh_id()

    assert [passed(who, 3) for _ in range(5)] == [True, True, True, False, False]


def test_each_is_counted_alone() -> None:
    assert passed(fresh_id(), 1)
    assert passed(fresh_id(), 1)


def test_the_next_quarter_of_an_hour_starts_from_none(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, who = held(monkeypatch), fresh_id()
    clock.advance(seconds=-(int(clock.moment.timestamp()) % throttles.WINDOW_SECONDS))
    assert passed(who, 1)

    clock.advance(seconds=throttles.WINDOW_SECONDS - 1)
    with pytest.raises(TooMany) as refused:
        throttles.count(VISITOR, "test", who, 1)
    assert refused.value.retry_after_seconds <= 2

    clock.advance(seconds=refused.value.retry_after_seconds)
    assert passed(who, 1)


def test_tries_at_once_are_all_counted() -> None:
    who = fresh_id()

    with ThreadPoolExecutor(20) as threads:
        found = list(threads.map(lambda _: passed(who, 5), range(20)))

    assert found.count(True) == 5


def test_a_counter_goes_away_by_itself() -> None:
    who = fresh_id()
    passed(who, 1)

    (row,) = SessionRow.query(f"throttle#test#{who}")

    assert row.ends_at is not None


def test_without_the_store_there_is_no_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise UpdateError

    monkeypatch.setattr(SessionRow, "update", down)

    assert a_browser().post("/sign-in", address="ana@example.org").status == 503


def test_a_throttled_try_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.sign_in.app.ASKS_PER_SOURCE", 0)
    browser = a_browser()

    browser.post("/sign-in", address="ana@example.org")

    (row,) = nobodys_trail(browser)
    assert (row.event, row.outcome) == ("access.refused", "refused")
