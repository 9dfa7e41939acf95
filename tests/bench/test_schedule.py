import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bench import schedule, steady
from tests.bench.schedule import Followed, Phase

SLOW, FAST = Phase("slow", 10.0, 2.0), Phase("fast", 5.0, 20.0)


@given(st.lists(st.floats(min_value=0, max_value=30), min_size=1))
def test_what_is_due_never_shrinks_and_ends_with_the_plan(moments: list[float]) -> None:
    lengths = [len(schedule.due([SLOW, FAST], moment)) for moment in sorted(moments)]

    assert lengths == sorted(lengths)
    assert lengths[-1] <= 20 + 100
    assert schedule.due([SLOW, FAST], 15.0) == [SLOW] * 20 + [FAST] * 100


def test_a_burst_of_nothing_leaves_only_the_steady_rate() -> None:
    assert [phase.name for phase in schedule.phases(7, 0, 60, 300)] == ["steady"]
    assert schedule.phases(7, 10, 60, 300)[1].per_second == pytest.approx(17.36, abs=0.01)


def test_the_backlog_is_what_was_pushed_and_not_ended_at_one_time() -> None:
    found = Followed()
    for number, (pushed, ended) in enumerate([(0, 9), (1, 2), (3, None), (4, 5)]):
        found.push(f"{number}", SLOW, pushed)
        if ended is not None:
            found.ended_at[f"{number}"] = ended

    assert found.largest_backlog == 3
    assert found.open == ["2"]


def test_a_message_without_an_end_is_lost_and_one_after_ninety_seconds_late() -> None:
    found = Followed(ended_at={"0": 91.0, "1": 1.0})
    for raw_id in ("0", "1", "2"):
        found.push(raw_id, SLOW, 0.0)

    name, messages, *_, late, lost = found.row("slow", ["0", "1", "2"])

    assert (name, messages, late, lost) == ("slow", "3", "1", "1")


def test_each_message_is_pushed_once_and_followed_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steady, "TICK_SECONDS", 0.001)
    monkeypatch.setattr(steady, "LOOK_SECONDS", 0.0)
    sent: list[bytes] = []
    planned = [Phase("steady", 0.05, 100), Phase("burst", 0.05, 400), Phase("again", 5.0, 100)]

    def look(found: Followed) -> None:
        found.ended_at |= {raw_id: found.pushed_at[raw_id] + 1.0 for raw_id in found.open}

    found = steady.push(planned, sent.extend, look)

    assert len(sent) == len(set(sent)) == len(found.pushed_at) >= 25
    assert len(found.of(planned[1].said)) == 20
    steady.wait_for_the_rest(found, look)
    assert [row.split("|")[-2].strip() for row in steady.report(found, planned, 0.0)[2:6]] == [
        "0", "0", "0", "0",
    ]  # fmt: skip
