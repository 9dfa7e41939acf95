"""Attacks on and by staff: roles, sessions, break-glass, and the way in."""

import pytest
from tests.attacks.scenes import a_chart, inside, known
from tests.clock import held
from tests.staff.colleagues import a_colleague, a_review, asked, id_of, is_in, trail
from tests.visitors import a_browser

from portal import staff_people, staff_sessions
from portal.audit import Event
from portal.moments import now
from portal.roles import Role
from portal.secrets_kept import hashed
from portal.tables import CareRow

REASON = {"cause": "other", "words": "the patient cannot be woken"}
NOT_THEIRS = [
    (Role.BILLER, "/staff/people"),
    (Role.NURSE, "/staff/people"),
    (Role.CLINICIAN, "/staff/people"),
    (Role.FRONT_DESK, "/staff/people"),
    (Role.BILLER, "/staff/patients/{}"),
    (Role.BILLER, "/staff/patients/{}/results"),
    (Role.FRONT_DESK, "/staff/patients/{}/results"),
    (Role.OPERATOR, "/staff/patients/{}/results"),
    (Role.PRIVACY_OFFICER, "/staff/patients/{}/results"),
    (Role.FRONT_DESK, "/staff/patients/{}/break-glass"),
    (Role.NURSE, "/staff/patients/{}/recover"),
    (Role.PRIVACY_OFFICER, "/staff/patients/{}/recover"),
]


def chart_of(path: str) -> str:
    return path.format(a_chart().patient.patient_id)


@pytest.mark.parametrize(("role", "path"), NOT_THEIRS)
def test_a_role_does_only_what_is_its_own(role: Role, path: str) -> None:
    assert a_colleague(role).get(chart_of(path)).status == 403


def test_no_role_at_all_does_nothing() -> None:
    nobody = a_colleague()

    for path in ("/staff", "/staff/people", chart_of("/staff/patients/{}")):
        assert nobody.get(path).status == 403


@pytest.mark.parametrize("where", ["session", "device", "browser"])
def test_a_staff_cookie_under_another_name_opens_nothing(where: str) -> None:
    cookie = a_colleague(*Role).cookies["staff"]

    assert not is_in(a_browser(cookies={where: cookie}))
    assert a_browser(cookies={where: cookie}).get("/").status == 303


def test_a_patients_cookie_under_the_staffs_name_opens_nothing() -> None:
    assert not is_in(a_browser(cookies={"staff": inside(known()).cookies["session"]}))


def test_the_hash_of_a_staff_cookie_opens_nothing() -> None:
    assert not is_in(a_browser(cookies={"staff": hashed(a_colleague(*Role).cookies["staff"])}))


def test_a_nurse_without_a_grant_reads_no_chart() -> None:
    chart = a_chart()
    nurse = a_colleague(Role.NURSE)

    assert nurse.get(chart_of("/staff/patients/{}/results")).status == 404
    assert trail(chart.patient)[-1].why == "no-grant"


def test_a_grant_of_one_nurse_does_not_open_the_chart_for_another() -> None:
    opener, other = a_colleague(Role.NURSE), a_colleague(Role.NURSE)
    assert opener.post(chart_of("/staff/patients/{}/break-glass"), **REASON).status == 303

    assert opener.get(chart_of("/staff/patients/{}/results")).status == 200
    assert other.get(chart_of("/staff/patients/{}/results")).status == 404


def test_a_grant_for_one_patient_opens_no_other() -> None:
    nurse = a_colleague(Role.NURSE)
    nurse.post(f"/staff/patients/{known().patient_id}/break-glass", **REASON)

    assert nurse.get(chart_of("/staff/patients/{}/results")).status == 404


def test_a_grant_is_over_after_its_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    nurse = a_colleague(Role.NURSE)
    nurse.post(chart_of("/staff/patients/{}/break-glass"), **REASON)
    for _ in range(6):
        clock.advance(minutes=10)
        nurse.get("/staff")

    assert nurse.get(chart_of("/staff/patients/{}/results")).status == 404


@pytest.mark.parametrize(
    "said",
    [{}, {"cause": "other"}, {"words": "a long enough reason"},
     {"cause": "x", "words": "a long enough reason"},
     {"cause": "other", "words": "short"}, {"cause": "other", "words": " " * 40}],
)  # fmt: skip
def test_a_chart_is_not_opened_without_a_reason(said: dict[str, str]) -> None:
    patient, nurse = known(), a_colleague(Role.NURSE)

    assert nurse.post(f"/staff/patients/{patient.patient_id}/break-glass", **said).status == 400
    assert nurse.get(f"/staff/patients/{patient.patient_id}/results").status == 404


def test_a_chart_cannot_be_opened_without_the_officer_and_the_patient_hearing_of_it() -> None:
    patient, nurse = known(), a_colleague(Role.NURSE)

    nurse.post(f"/staff/patients/{patient.patient_id}/break-glass", **REASON)

    assert trail(patient, Event.BREAK_GLASS_OPENED)


def test_an_unattended_staff_computer_opens_no_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed in, but not minutes ago."""
    clock = held(monkeypatch)
    nurse = a_colleague(Role.NURSE)
    for _ in range(2):
        clock.advance(minutes=6)
        assert is_in(nurse)

    answer = nurse.post(chart_of("/staff/patients/{}/break-glass"), **REASON)

    assert "/staff/sign-in" in answer.location or answer.status == 403
    assert nurse.get(chart_of("/staff/patients/{}/results")).status == 404


def test_an_idle_staff_session_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    nurse = a_colleague(Role.NURSE)

    clock.advance(seconds=staff_sessions.IDLE_SECONDS + 1)

    assert not is_in(nurse)


def test_a_staff_session_does_not_outlive_its_shift(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    nurse = a_colleague(Role.NURSE)
    for _ in range(8 * 6):
        clock.advance(minutes=10)
        nurse.get("/staff")
    clock.advance(seconds=2)

    assert not is_in(nurse)


def test_a_role_that_was_taken_away_is_gone_from_open_sessions() -> None:
    colleague = a_colleague(Role.NURSE, Role.PRIVACY_OFFICER, sub="demoted")
    assert colleague.get("/staff/people").status == 200

    staff_people.signed_in(id_of(colleague), "Noor", frozenset({Role.NURSE}))

    assert colleague.get("/staff/people").status == 403


def test_a_role_given_later_does_not_reach_an_open_session() -> None:
    """It was opened with less: who was given more signs in again."""
    colleague = a_colleague(Role.NURSE, sub="promoted")

    staff_people.signed_in(id_of(colleague), "Noor", frozenset(Role))

    assert colleague.get("/staff/people").status == 403


def test_a_dismissed_colleague_is_out_at_once() -> None:
    colleague = a_colleague(Role.NURSE)

    staff_people.dismissed(id_of(colleague))

    assert not is_in(colleague)


def test_nobody_closes_a_review_about_themselves() -> None:
    patient = known()
    both = a_colleague(Role.NURSE, Role.PRIVACY_OFFICER)
    both.post(f"/staff/patients/{patient.patient_id}/break-glass", **REASON)
    (row,) = CareRow.query(patient.patient_id, CareRow.sk.startswith("review#"))
    review = f"{patient.patient_id}-{row.sk.removeprefix('review#')}"

    assert both.get(f"/staff/reviews/{review}").status == 404
    assert both.post(f"/staff/reviews/{review}/take").status == 404


def test_a_review_taken_by_one_is_not_closed_by_another() -> None:
    review = a_review(known())
    owner, other = (a_colleague(Role.PRIVACY_OFFICER) for _ in range(2))
    assert owner.post(f"/staff/reviews/{review}/take").status == 303

    answer = other.post(f"/staff/reviews/{review}/close", finding="nothing happened here")

    assert answer.status == 409


@pytest.mark.parametrize(
    "query",
    ["", "?state=x", "?state=x&code=y", "?code=y", "?error=access_denied", "?state=" + "x" * 200],
)
def test_an_invented_return_signs_no_staff_in(query: str) -> None:
    thief = a_browser(cookies={"browser": "b" * 22})

    answer = thief.get(f"/staff/callback{query}")

    assert answer.status == 403
    assert "staff" not in thief.cookies


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/", "/results", "/staffx"]
)
def test_the_way_back_of_staff_stays_in_the_staff_room(to: str) -> None:
    page = a_browser().get(f"/staff/sign-in?return_to={to}")

    assert f'value="{to}"' not in page.text
    assert 'value="/staff"' in page.text


def test_another_site_cannot_open_a_chart_in_a_nurses_browser() -> None:
    nurse = a_colleague(Role.NURSE)
    nurse.origin = "https://evil.example"

    assert nurse.post(chart_of("/staff/patients/{}/break-glass"), **REASON).status == 403
    assert nurse.get(chart_of("/staff/patients/{}/results")).status == 404


def test_staff_cannot_give_a_code_without_having_seen_a_card() -> None:
    desk = a_colleague(Role.FRONT_DESK)

    assert desk.post(f"/staff/patients/{known().patient_id}/activation").status == 400


def test_a_session_opened_for_who_was_signed_out_at_that_moment_is_void() -> None:
    colleague = a_colleague(Role.NURSE, sub="racing")
    person = staff_people.of(id_of(colleague))
    assert person is not None
    staff_people.end_sessions(person.subject_id)

    late = staff_sessions.open_for(person, "", now().timestamp())

    assert not is_in(a_browser(cookies={"staff": late}))
    assert asked(colleague, "GET", "/staff").status == 401
