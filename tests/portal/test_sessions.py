"""Sessions below the routes: what the rows hold, and who wins a race."""

import pytest
from pynamodb.exceptions import DeleteError, UpdateError
from tests.builders import a_patient, a_session
from tests.clock import Clock, held

from portal import sessions
from portal.access import Assurance
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

    session = sessions.live(a_session(patient))

    assert session == sessions.Session(patient.patient_id, Assurance.LINK)


def test_a_session_is_marked_as_seen_at_most_every_twenty_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    cookie = a_session(a_patient())
    opened_at = seen_at(cookie)

    clock.advance(seconds=sessions.TOUCH_SECONDS - 1)
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


@pytest.mark.parametrize(("method", "error"), [("update", UpdateError), ("delete", DeleteError)])
def test_a_store_that_fails_is_not_taken_for_an_ended_session(
    method: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = held(monkeypatch)
    cookie = a_session(a_patient())
    clock.advance(minutes=1)

    def down(*_: object) -> None:
        raise error

    monkeypatch.setattr(SessionRow, method, down)
    verb = sessions.live if method == "update" else sessions.end
    with pytest.raises(error):
        verb(cookie)


def test_a_link_is_no_session_and_a_session_no_link() -> None:
    """One table, told apart by their keys."""
    from portal import links

    link = links.new(a_patient().patient_id, hashed("browser"))

    assert sessions.live(link.token) is None
    assert links.needs_code(a_session(a_patient()), hashed("browser"))
