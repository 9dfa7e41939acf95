"""Attacks on passwords: guessed, borrowed, bent, planted; and what one alone is worth."""

import pytest
from tests.attacks.scenes import inside, is_out, known, post_json, reasons, sees_no_chart
from tests.builders import a_visitor, an_app
from tests.client import Client
from tests.clock import held
from tests.visitors import a_browser

from portal import desk, devices, passwords, sessions
from portal.patients import Patient
from portal.secrets_kept import hashed
from portal.tables import SessionRow

RIGHT = "correct horse battery staple"
PATH = "/sign-in/password"
SETTINGS = "/settings/security/password"


def with_password(password: str = RIGHT) -> Patient:
    patient = known()
    passwords.keep(patient.patient_id, password)
    return patient


def noting(typed: list[str], password: str) -> bool:
    typed.append(password)
    return False


def tried(patient: Patient, password: str, **facts: object) -> tuple[int, Client]:
    browser = a_browser(**facts)
    return browser.post(PATH, address=patient.email, password=password).status, browser


def test_a_stolen_password_alone_shows_no_chart() -> None:
    patient = with_password()
    an_app(patient)

    status, thief = tried(patient, RIGHT)

    assert status == 303
    assert sees_no_chart(thief)
    assert "/sign-in/step" in thief.get("/settings/security").location


def test_a_stolen_password_sets_up_no_first_factor_either() -> None:
    _, thief = tried(with_password(), RIGHT)

    assert thief.post("/settings/security/totp").status == 403


def test_a_stolen_password_with_anothers_device_shows_no_chart() -> None:
    patient, other = with_password(), known()
    an_app(patient)
    device = devices.remember(other.patient_id, a_visitor())

    _, thief = tried(patient, RIGHT, cookies={"device": device})

    assert sees_no_chart(thief)


def test_ones_own_password_does_not_open_a_victims_account() -> None:
    with_password("the thiefs own long words")
    victim = with_password()

    assert tried(victim, "the thiefs own long words")[0] == 400


@pytest.mark.parametrize(
    "bend",
    [
        str.upper, str.title, lambda p: p + " ", lambda p: " " + p, lambda p: p[:-1],
        lambda p: p.replace(" ", ""), lambda p: p + "\x00", lambda p: p + "\n",
        lambda p: p[:16], lambda p: p * 2, lambda p: p.replace("o", "\u043e"),
    ],
)  # fmt: skip
def test_a_password_that_is_almost_right_is_wrong(bend: object) -> None:
    patient = with_password()

    status, thief = tried(patient, bend(RIGHT))  # type: ignore[operator]

    assert status == 400
    assert thief.cookies == {}


@pytest.mark.parametrize("password", ["", " ", "*", "' OR '1'='1", "\x00", "null", "{}"])
def test_an_account_without_a_password_is_opened_by_none(password: str) -> None:
    assert tried(known(), password)[0] == 400


@pytest.mark.parametrize("value", [None, True, 0, [], {}, [RIGHT], {"$gt": ""}], ids=repr)
def test_a_password_of_another_type_is_refused(value: object) -> None:
    patient = with_password()
    app = a_browser(accept="application/json")

    assert post_json(app, PATH, {"address": patient.email, "password": value}).status == 400
    assert app.cookies == {}


def test_the_kept_hash_is_no_password() -> None:
    patient = with_password()
    found = passwords.of(patient.patient_id)
    assert found is not None

    assert tried(patient, found.hash)[0] == 400


def test_the_password_of_nobody_is_nobodys() -> None:
    """The hash that stands in for accounts without one."""
    assert tried(known(), passwords.NOBODYS)[0] == 400
    row = SessionRow.find(f"account#{hashed('nobody')}", "password")
    assert row is None


def test_a_megabyte_is_not_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    typed: list[str] = []
    monkeypatch.setattr(passwords, "is_hash_of", lambda _, password: noting(typed, password))
    patient = with_password()

    assert tried(patient, "x" * 60_000)[0] == 400
    assert all(len(each) < 600 for each in typed)


def test_the_hundredth_wrong_password_closes_it_for_the_right_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "MOST_WRONG", 3)
    patient = with_password()
    for _ in range(3):
        assert tried(patient, "wrong")[0] == 400

    assert tried(patient, RIGHT)[0] == 400


def test_wrong_passwords_over_days_still_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quarter of an hour's throttle is not the only limit."""
    clock = held(monkeypatch)
    monkeypatch.setattr(passwords, "MOST_WRONG", 3)
    patient = with_password()
    for _ in range(3):
        tried(patient, "wrong")
        clock.advance(days=2)

    assert tried(patient, RIGHT)[0] == 400


def test_a_removed_password_opens_nothing() -> None:
    patient = with_password()
    passwords.remove(patient.patient_id)

    assert tried(patient, RIGHT)[0] == 400


def test_the_password_before_the_newest_opens_nothing() -> None:
    patient = with_password()
    passwords.keep(patient.patient_id, "another set of long words")

    assert tried(patient, RIGHT)[0] == 400


def test_the_right_password_of_a_closed_account_opens_nothing() -> None:
    patient = with_password()
    desk.close(patient.patient_id, made_by="staff")

    assert tried(patient, RIGHT)[0] == 400


def test_signing_in_with_a_password_ends_the_planted_session_before_it() -> None:
    thief, patient = inside(known()), with_password()
    planted = thief.cookies["session"]

    _, owner = tried(patient, RIGHT, cookies={"session": planted})

    assert owner.cookies["session"] != planted
    assert is_out(thief)


def test_another_site_cannot_sign_a_victim_in_as_the_thief() -> None:
    thief = with_password()
    victim = inside(known(), origin="https://evil.example")
    before = dict(victim.cookies)

    assert victim.post(PATH, address=thief.email, password=RIGHT).status == 403
    assert victim.cookies == before


def test_a_found_open_session_cannot_change_the_password_without_knowing_it() -> None:
    patient = with_password()
    thief = inside(patient)

    for typed in ({}, {"current": ""}, {"current": "wrong"}):
        answer = thief.post(SETTINGS, password="umbrella quartz fennel canoe", **typed)
        assert answer.status == 400
    assert tried(patient, RIGHT)[0] == 303


def test_changing_the_password_throws_the_thief_out() -> None:
    patient = with_password()
    owner, thief = inside(patient), inside(patient)

    answer = owner.post(SETTINGS, password="umbrella quartz fennel canoe", current=RIGHT)

    assert answer.status == 303
    assert is_out(thief)
    assert not is_out(owner)


@pytest.mark.parametrize(
    "password", ["password1234567", "aaaaaaaaaaaaaaaaaaaa", "123456789012345", "short", "x" * 129]
)
def test_a_password_that_is_guessed_first_cannot_be_set(password: str) -> None:
    patient = known()

    assert inside(patient).post(SETTINGS, password=password).status == 400
    assert passwords.of(patient.patient_id) is None


def test_the_password_comes_back_on_no_page_and_in_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    patient = with_password()
    browser = a_browser()

    page = browser.post(PATH, address=patient.email, password="a secret that was mistyped")

    assert "mistyped" not in page.text + caplog.text
    assert "mistyped" not in str([row.attribute_values for row in SessionRow.scan()])


def test_a_refused_password_is_in_the_owners_trail() -> None:
    patient = with_password()

    tried(patient, "wrong")

    assert "wrong-password" in reasons(patient)
    assert sessions.listed(patient.patient_id) == []
