"""A staff session is a session of its own kind: 15 minutes idle, one shift, no patient's."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import EndpointConnectionError
from pynamodb.exceptions import UpdateError
from tests.builders import a_patient, a_session
from tests.client import Client
from tests.clock import held
from tests.html_tree import Tree
from tests.staff.colleagues import a_colleague, asked, deeds, id_of, is_in, people_seen
from tests.visitors import a_browser, nobodys_trail, signed_in

from portal import keys, sessions, staff_people, staff_sessions
from portal.assets import asset
from portal.moments import fresh_id
from portal.roles import Role
from portal.secrets_kept import hashed
from portal.tables import AuditRow, SessionRow

pytestmark = pytest.mark.usefixtures("portal")

STAFF_ROUTES = (
    ("GET", "/staff"),
    ("POST", "/staff/stay"),
    ("POST", "/staff/sign-out"),
    ("GET", "/staff/people"),
    ("POST", "/staff/patients"),
)


def row_of(cookie: str) -> SessionRow | None:
    return SessionRow.find(f"staff-session#{hashed(cookie)}", "session")


@pytest.mark.parametrize(("minutes", "stays"), [(14.9, True), (15.1, False)])
def test_it_ends_after_fifteen_idle_minutes(
    minutes: float, stays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REG-003: automatic logoff."""
    clock = held(monkeypatch)
    colleague = a_colleague(Role.NURSE)

    clock.advance(minutes=minutes)

    assert is_in(colleague) is stays
    sent = colleague.get("/staff")
    assert (sent.status == 303) is not stays
    if not stays:
        assert sent.location.startswith("/staff/sign-in?because=idle")


def test_it_ends_after_eight_hours_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    colleague = a_colleague(Role.NURSE)
    for _ in range(48):
        clock.advance(minutes=10)
        assert is_in(colleague)

    clock.advance(seconds=1)

    assert not is_in(colleague)


def test_it_is_marked_as_seen_at_most_every_twenty_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    colleague = a_colleague(Role.NURSE)
    opened_at = clock.moment.timestamp()

    def seen_at() -> float:
        row = row_of(colleague.cookies["staff"])
        assert row
        return float(row.seen_at or 0)

    clock.advance(seconds=19)
    is_in(colleague)
    assert seen_at() == opened_at
    clock.advance(seconds=1)
    is_in(colleague)
    assert seen_at() == clock.moment.timestamp()


def test_its_row_goes_away_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    row = row_of(a_colleague(Role.NURSE).cookies["staff"])

    assert row
    assert row.ends_at
    assert abs((row.ends_at - clock.moment).total_seconds() - 8 * 3600) < 2
    assert row.subject_id
    assert row.roles == "nurse"


def test_signing_out_ends_it() -> None:
    colleague = a_colleague(Role.NURSE)
    cookie, subject_id = colleague.cookies["staff"], id_of(colleague)

    done = colleague.post("/staff/sign-out")

    assert (done.status, done.location) == (303, "/staff/sign-in?because=out")
    assert "staff" not in colleague.cookies
    assert staff_sessions.live(cookie) is None
    assert deeds(subject_id)[-1].event == "staff.signed-out"
    assert "You are signed out" in colleague.get(done.location).text


def test_signing_out_works_when_the_trail_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    from pynamodb.exceptions import PutError

    colleague = a_colleague(Role.NURSE)

    def down(*_: object, **__: object) -> None:
        raise PutError

    with monkeypatch.context() as patch:
        patch.setattr(AuditRow, "save", down)
        assert colleague.post("/staff/sign-out").status == 503

    assert not is_in(colleague)


@pytest.mark.parametrize(("method", "path"), STAFF_ROUTES)
def test_a_patients_cookie_opens_nothing_here(method: str, path: str) -> None:
    patient = signed_in(a_patient())
    patient.cookies["staff"] = patient.cookies["session"]

    assert asked(patient, method, path).status == 401
    assert nobodys_trail(patient)[-1].why == "no-session"


@pytest.mark.parametrize("path", ["/", "/results", "/settings/security"])
def test_a_staff_cookie_opens_nothing_of_a_patients(path: str) -> None:
    colleague = a_colleague(*Role)
    colleague.cookies["session"] = colleague.cookies["staff"]

    assert asked(colleague, "GET", path).status == 401


def test_somebody_who_is_both_has_two_sessions_and_neither_is_the_other() -> None:
    patient = a_patient()
    browser = a_colleague(Role.BILLER)
    browser.cookies["session"] = a_session(patient)

    browser.post("/staff/sign-out")

    assert browser.get("/").status == 200
    assert not is_in(browser)
    assert sessions.live(browser.cookies["session"])


@pytest.mark.parametrize("cookie", ["", "A" * 43, "staff-session#x"])
def test_a_forged_cookie_opens_nothing(cookie: str) -> None:
    assert asked(a_browser(cookies={"staff": cookie}), "GET", "/staff").status == 401


def test_a_form_of_another_site_does_nothing() -> None:
    colleague = a_colleague(*Role)
    colleague.origin = "https://evil.example"

    for path in ("/staff/sign-out", "/staff/sign-in", "/staff/patients"):
        assert colleague.post(path).status == 403

    assert is_in(colleague)


def test_the_privacy_officer_signs_somebody_out_at_once() -> None:
    """REG-010: access authorisation, termination: effective within a second on open sessions."""
    nurse, officer = a_colleague(Role.NURSE), a_colleague(Role.PRIVACY_OFFICER)
    subject_id = id_of(nurse)

    done = officer.post(f"/staff/people/{subject_id}/sign-out")

    assert (done.status, done.location) == (303, "/staff/people")
    assert not is_in(nurse)
    assert is_in(officer)
    row = next(each for each in deeds(id_of(officer)) if each.event == "staff.sessions-ended")
    assert row.about == subject_id


def test_a_session_that_is_opened_while_somebody_is_signed_out_is_void() -> None:
    subject_id = staff_people.subject_id("https://login.example.org", "racing")
    person = staff_people.signed_in(subject_id, "Race", frozenset({Role.NURSE}))

    staff_people.end_sessions(subject_id)

    assert staff_sessions.live(staff_sessions.open_for(person, "", 0)) is None


@pytest.mark.parametrize("subject_id", ["staff-" + "0" * 32, "staff-x", "nobody"])
def test_nobody_of_that_id_is_missing(subject_id: str) -> None:
    officer = a_colleague(Role.PRIVACY_OFFICER)

    assert officer.post(f"/staff/people/{subject_id}/sign-out").status == 404
    assert staff_people.of(subject_id) is None


def test_who_has_access_is_listed_with_the_roles_of_now() -> None:
    """REG-032: privilege changes can be reviewed."""
    a_colleague(Role.NURSE, Role.PRIVACY_OFFICER, name="Zoe Zuniga", sub="zoe")
    a_colleague(Role.BILLER, name="Zoe Zuniga", sub="zoe")
    officer = a_colleague(Role.PRIVACY_OFFICER)

    people = people_seen(officer)

    (zoe,) = [each for each in people if each["name"] == "Zoe Zuniga"]
    assert zoe["role_words"] == ["Biller"]
    before = people[people.index(zoe) - 1]["subject_id"]
    page = officer.get(f"/staff/people?after={before}").text
    assert "Zoe Zuniga" in page
    assert "Biller" in page
    assert deeds(id_of(officer))[-1].event == "staff.people-listed"


def test_a_large_staff_is_listed_page_by_page() -> None:
    """REG-032: nobody is left out of the review."""
    ids = {id_of(a_colleague(Role.NURSE, name=f"Ziggy {n % 7}")) for n in range(110)}
    officer = a_colleague(Role.PRIVACY_OFFICER)

    people = people_seen(officer)

    seen = [each["subject_id"] for each in people]
    assert ids < set(seen)
    assert len(seen) == len(set(seen))
    assert [each["name"].casefold() for each in people] == sorted(
        each["name"].casefold() for each in people
    )
    assert officer.get("/staff/people").text.count("<tr>") == 51
    assert "More people" in officer.get("/staff/people").text


@pytest.fixture
def unreadable(portal: None) -> Iterator[dict[str, str]]:  # noqa: ARG001
    """Rows that nobody can read, by what is wrong with each."""
    there = staff_people.signed_in(f"staff-{fresh_id()}", "Noor", frozenset({Role.NURSE}))
    moved = SessionRow.get("staff", there.subject_id).sealed or b""
    wrong = {
        "half-written": None,
        "moved": moved,
        "cut": moved[:6],
        "changed": moved[:-1] + bytes([moved[-1] ^ 1]),
        "another format": b"\xff" + moved[1:],
    }
    ids = {what: f"staff-{fresh_id()}" for what in wrong}
    for what, sealed in wrong.items():
        SessionRow("staff", ids[what], sealed=sealed, roles="nurse").save()
    yield ids
    for subject_id in ids.values():
        SessionRow("staff", subject_id).delete()


def test_a_row_nobody_can_read_hides_no_other_and_can_be_signed_out(
    unreadable: dict[str, str],
) -> None:
    """REG-032: one spoiled row must not stop the whole review."""
    officer = a_colleague(Role.PRIVACY_OFFICER, name="Pat Officer")

    people = people_seen(officer)

    spoiled = [each for each in people if not each["is_readable"]]
    assert {each["subject_id"] for each in spoiled} == set(unreadable.values())
    assert {(each["name"], each["signed_in_at"]) for each in spoiled} == {("", "")}
    assert "Pat Officer" in [each["name"] for each in people]
    assert "Cannot be read" in officer.get("/staff/people").text
    for subject_id in unreadable.values():
        assert officer.post(f"/staff/people/{subject_id}/sign-out").status == 303
        assert SessionRow.get("staff", subject_id).generation == 1


def test_no_session_counts_of_somebody_whose_row_nobody_can_read() -> None:
    nurse = a_colleague(Role.NURSE, name="Nia Nurse")
    subject_id = id_of(nurse)
    row = SessionRow.get("staff", subject_id)
    row.update([SessionRow.sealed.set(b"spoiled")])

    assert not is_in(nurse)

    staff_people.signed_in(subject_id, "Nia Nurse", frozenset({Role.NURSE}))
    assert is_in(nurse)


def test_a_store_that_is_down_makes_nobody_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    officer = a_colleague(Role.PRIVACY_OFFICER)

    def down(*_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://kms")

    monkeypatch.setattr(keys, "key_of", down)

    assert asked(officer, "GET", "/staff/people").status == 503


def test_staying_starts_the_fifteen_minutes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    colleague = a_colleague(Role.BILLER)
    clock.advance(minutes=14)

    assert asked(colleague, "POST", "/staff/stay").json == {"seconds": 900}
    assert deeds(id_of(colleague))[-1].event == "staff.session-kept"

    clock.advance(minutes=14)
    assert is_in(colleague)
    clock.advance(minutes=16)
    assert asked(colleague, "POST", "/staff/stay").status == 401


NOWHERE = f"/staff/reviews/{'0' * 32}-{'0' * 32}"


@pytest.mark.parametrize("path", ["/staff", "/staff/people", NOWHERE])
def test_every_page_counts_down_in_place_so_that_nothing_typed_is_lost(path: str) -> None:
    """As the patients' pages do: a warning after 13 minutes, and the form is still there after the
    next sign-in, in a new tab."""
    colleague = a_colleague(Role.PRIVACY_OFFICER)
    page = Tree(colleague.get(path).text).root

    (body,) = page.all("body")
    assert (body["data-stay"], body["data-home"], body["data-idle"]) == (
        "/staff/stay",
        "/staff",
        "900",
    )
    assert [each["src"] for each in page.all("script")] == [asset("session.js").path]
    (over,) = [each for each in page.all("div") if each["class"] == "idle over"]
    assert [each["href"] for each in over.all("a")] == ["/staff/sign-in?because=idle"]
    assert "What you typed is kept on this page" in over.text()


def test_the_mark_of_a_page_is_its_persons_and_says_nothing() -> None:
    one, other = a_colleague(Role.BILLER), a_colleague(Role.BILLER)

    def mark(colleague: Client) -> str:
        (body,) = Tree(colleague.get("/staff").text).root.all("body")
        return body["data-person"]

    assert mark(one) == mark(one) != mark(other)
    assert id_of(one)[6:14] not in mark(one)


def test_names_and_ids_at_the_provider_are_not_in_the_table() -> None:
    a_colleague(Role.NURSE, name="Zzyzx Nurse", sub="zzyzx-sub")

    for row in SessionRow.query("staff"):
        assert "zzyzx" not in repr(row.to_dynamodb_dict()).lower()


def test_a_store_that_fails_is_not_taken_for_an_ended_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    colleague = a_colleague(Role.NURSE)
    clock.advance(minutes=1)

    def down(*_: object, **__: object) -> None:
        raise UpdateError

    monkeypatch.setattr(SessionRow, "update", down)

    assert asked(colleague, "GET", "/staff").status == 503
