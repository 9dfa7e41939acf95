"""Sessions below the routes: what the rows hold, and who wins a race."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pynamodb.exceptions import UpdateError
from tests.builders import a_link_session, a_patient, a_session, a_visitor
from tests.clock import Clock, held

from portal import devices, session_rows, sessions, user_accounts
from portal.access import Standing
from portal.errors import SignInNeeded
from portal.methods import Assurance, Confidence, Method
from portal.secrets_kept import hashed
from portal.tables import SessionRow

pytestmark = pytest.mark.usefixtures("portal")


def row_of(cookie: str) -> SessionRow | None:
    return SessionRow.find(f"session#{hashed(cookie)}", "session")


def seen_at(cookie: str) -> float:
    row = row_of(cookie)
    assert row
    return float(row.seen_at or 0)


def test_a_session_knows_its_patient_and_how_sure_we_are() -> None:
    patient = a_patient()

    cookie = a_session(patient)

    assert sessions.live(cookie) == sessions.Session(
        hashed(cookie),
        patient.patient_id,
        frozenset({Method.EMAIL_LINK, Method.TOTP}),
        Standing(Assurance.TWO_FACTOR, Confidence.PROOFED, is_fresh=True),
    )


def test_each_rise_is_a_new_cookie_and_the_old_one_is_void() -> None:
    first = a_link_session(a_patient())

    second = sessions.rise(first, Method.TOTP)

    assert first != second
    assert sessions.live(first) is None
    assert sessions.live(second)
    with pytest.raises(SignInNeeded):
        sessions.rise(first, Method.TOTP)


def test_a_rise_does_not_prolong_the_longest_life(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    cookie = a_link_session(a_patient())
    for _ in range(71):
        clock.advance(minutes=10)
        assert sessions.live(cookie)
    cookie = sessions.rise(cookie, Method.TOTP)

    clock.advance(minutes=10, seconds=1)

    assert sessions.live(cookie) is None


def test_a_factor_is_fresh_for_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    cookie = a_session(a_patient())

    def is_fresh() -> bool:
        session = sessions.live(cookie)
        assert session
        return session.standing.is_fresh

    clock.advance(minutes=10)
    assert is_fresh()
    clock.advance(seconds=1)
    assert not is_fresh()


def test_a_shown_identity_lets_a_first_factor_be_set_up_for_half_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    cookie = sessions.rise(a_link_session(a_patient()), None)

    def may_begin() -> bool:
        session = sessions.live(cookie)
        assert session
        return session.standing.may_begin

    for _ in range(3):
        clock.advance(minutes=10)
        assert may_begin()
    clock.advance(seconds=1)
    assert not may_begin()


def test_two_rises_at_once_are_one() -> None:
    cookie = a_link_session(a_patient())

    def risen(_: int) -> bool:
        try:
            return bool(sessions.rise(cookie, Method.TOTP))
        except SignInNeeded:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(risen, range(8))) == 1


def test_the_list_of_sessions_shows_the_live_ones_and_ends_one() -> None:
    patient, other = a_patient(), a_patient()
    one, two = a_session(patient), a_session(patient)
    a_session(other)

    assert {each.session_id for each in sessions.listed(patient.patient_id)} == {
        hashed(one),
        hashed(two),
    }
    assert not sessions.end_one(other.patient_id, hashed(one)), "another patient's"
    assert sessions.end_one(patient.patient_id, hashed(one))
    assert sessions.live(one) is None
    assert [each.session_id for each in sessions.listed(patient.patient_id)] == [hashed(two)]


def test_a_session_that_is_opened_while_all_are_ended_is_void() -> None:
    patient = a_patient()
    account = user_accounts.of(patient.patient_id)

    sessions.end_all(patient.patient_id)
    methods = frozenset({Method.EMAIL_LINK})
    for row in sessions.new_rows("a late cookie", account, methods, a_visitor()):
        row.save()

    assert sessions.live("a late cookie") is None
    assert sessions.listed(patient.patient_id) == []


def test_devices_are_listed_and_forgotten_by_their_owner_alone() -> None:
    patient, other = a_patient(), a_patient()
    devices.remember(patient.patient_id, a_visitor(agent="Firefox, Android", country="US"))

    (device,) = devices.of(patient.patient_id)
    assert (device.name, device.country) == ("Firefox, Android", "US")
    assert not devices.drop(other.patient_id, device.device_id)
    assert devices.drop(patient.patient_id, device.device_id)
    assert devices.of(patient.patient_id) == []


def test_a_session_is_marked_as_seen_at_most_every_twenty_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    cookie = a_session(a_patient())
    opened_at = seen_at(cookie)

    clock.advance(seconds=session_rows.TOUCH_SECONDS - 1)
    sessions.live(cookie)
    assert seen_at(cookie) == opened_at

    clock.advance(seconds=1)
    sessions.live(cookie)
    assert seen_at(cookie) == clock.moment.timestamp()


@pytest.mark.parametrize("late", ["idle", "old", "signed out everywhere"])
def test_looking_at_a_session_that_is_over_does_not_mark_it(
    late: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    cookie = a_session(patient)
    opened_at = seen_at(cookie)
    pass_time(late, clock, patient.patient_id)

    assert sessions.live(cookie) is None
    assert seen_at(cookie) == opened_at


def pass_time(late: str, clock: Clock, patient_id: str) -> None:
    if late == "signed out everywhere":
        clock.advance(seconds=30)
        sessions.end_all(patient_id)
    else:
        clock.advance(seconds={"idle": sessions.IDLE_SECONDS, "old": 12 * 3600}[late] + 1)


def test_a_row_goes_away_by_itself_when_its_longest_life_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)

    row = row_of(a_session(a_patient()))

    assert row
    assert row.ends_at
    life = row.ends_at - clock.moment
    assert abs(life.total_seconds() - sessions.LONGEST_SECONDS) < 2


def test_ending_twice_or_what_never_was_changes_nothing() -> None:
    cookie = a_session(a_patient())

    for each in (cookie, cookie, "never was"):
        sessions.end(each)

    assert row_of(cookie) is None


def test_a_store_that_fails_is_not_taken_for_an_ended_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    cookie = a_session(a_patient())
    clock.advance(minutes=1)

    def down(*_: object, **__: object) -> None:
        raise UpdateError

    monkeypatch.setattr(SessionRow, "update", down)
    monkeypatch.setattr(sessions, "TransactWrite", down)
    for verb in (sessions.live, sessions.end):
        with pytest.raises(UpdateError):
            verb(cookie)


def test_a_link_is_no_session_and_a_session_no_link() -> None:
    """One table, told apart by their keys."""
    from portal import links

    link = links.new(a_patient().patient_id, hashed("browser"))

    assert sessions.live(link.token) is None
    assert links.needs_code(a_session(a_patient()), hashed("browser"))
