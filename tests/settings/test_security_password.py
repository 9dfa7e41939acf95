"""Setting, changing and removing a password."""

import pytest
from tests.builders import a_patient, a_phone, a_session
from tests.clock import held
from tests.settings.accounts import PAGE, events, reachable, told
from tests.visitors import a_browser, an_app, signed_in

from portal import breached_passwords, passwords, user_accounts
from portal.patients import Patient
from portal.tables import SessionRow

pytestmark = pytest.mark.usefixtures("portal")

PATH = f"{PAGE}/password"
GOOD = "umbrella quartz fennel canoe"
OTHER = "walnut compass drizzle trombone"


def opens(patient: Patient, password: str) -> bool:
    browser = a_browser()
    answer = browser.post("/sign-in/password", address=patient.email, password=password)
    return answer.status == 303 and "session" in browser.cookies


def test_a_password_is_set_and_opens_a_session() -> None:
    patient = reachable()

    answer = signed_in(patient).post(PATH, password=GOOD)

    assert (answer.status, answer.location) == (303, f"{PAGE}?done=password")
    assert opens(patient, GOOD)
    assert not opens(patient, GOOD.upper())
    assert "settings.password-changed" in events(patient)
    assert all("The password of your account was changed" in each for each in told(patient))


def test_only_its_hash_is_kept_and_sealed() -> None:
    patient = a_patient()
    signed_in(patient).post(PATH, password=GOOD)

    row = SessionRow.find(user_accounts.pk(patient.patient_id), "password")
    assert row is not None
    assert b"argon2" not in (row.sealed or b"")
    kept = passwords.of(patient.patient_id)
    assert kept is not None
    assert kept.hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert "quartz" not in repr(kept)


def test_a_password_is_no_second_step_and_counts_as_none() -> None:
    """Else its owner could neither begin again nor get in, once the second step is gone."""
    patient = a_patient()
    a_phone(patient)
    signed_in(patient).post(PATH, password=GOOD)

    assert user_accounts.of(patient.patient_id).factors == 1


@pytest.mark.parametrize(
    ("password", "advice"),
    [
        ("", "at least 15"),
        ("umbrella quart", "at least 15"),
        ("x7" + "é" * 12, "at least 15"),
        ("kw9 " * 33, "at most 128"),
        ("passwordpassword", "too easy"),
        ("PASSWORD12345678", "too easy"),
        ("qwertyuiopasdfghjkl", "too easy"),
        ("aaaaaaaaaaaaaaaaaaaa", "too easy"),
        ("Ana.Rivera.03-02-1980", "too easy"),
        ("RiveraRivera1980", "too easy"),
        ("testclinicportal!", "too easy"),
        ("correct horse battery staple", "too easy"),
    ],
)
def test_a_bad_password_is_said_at_its_field_and_does_not_come_back(
    password: str, advice: str
) -> None:
    patient = a_patient()

    answer = signed_in(patient).post(PATH, password=password)

    assert answer.status == 400
    assert advice in answer.text
    assert 'id="password-error"' in answer.text
    assert len(password) < 5 or f'value="{password}"' not in answer.text
    assert passwords.of(patient.patient_id) is None
    assert "settings.password-changed" not in events(patient)


@pytest.mark.parametrize(
    "password",
    [
        "umbrella quartz fennel canoe",
        "zvkwqhxrtbnmplj",
        "849302756184039",
        "ÄÖÜ straße größe über",
        "пароль собака зонтик луна",
        "紫陽花と雨傘と古い自転車の鍵屋さん",
        "🌧️🦉🪗🧄🛶🪀🧵🎻🪺🫐🧊🪁🛷🥁🧲",
        "   spaces   count   too   ",
        "kw9%" * 3 + "qrz" + "x" * 113,
        "%00<script>&amp;\\'\"\u200d;--",
    ],
)
def test_any_signs_will_do_and_open_exactly_as_they_were_set(password: str) -> None:
    patient = a_patient()
    browser = signed_in(patient)
    assert browser.post(PATH, password=password).status == 303

    assert opens(patient, password)
    assert not opens(patient, password[:-1])
    assert not opens(patient, password + " ")


def test_one_spelling_of_what_looks_the_same() -> None:
    """An accent typed on its own, on another keyboard."""
    patient = a_patient()
    signed_in(patient).post(PATH, password="caf\u00e9 umbrella quartz fennel")

    assert opens(patient, "cafe\u0301 umbrella quartz fennel")


def test_changing_asks_for_the_one_of_now() -> None:
    patient = a_patient()
    browser = signed_in(patient)
    browser.post(PATH, password=GOOD)
    assert 'name="current"' in browser.get(PATH).text

    for current in ("", OTHER, GOOD[:-1]):
        refused = browser.post(PATH, password=OTHER, current=current)
        assert refused.status == 400
        assert "not your password of now" in refused.text
    assert events(patient, refused=True).count("settings.password-changed") == 3
    assert opens(patient, GOOD)

    assert browser.post(PATH, password=OTHER, current=GOOD).status == 303
    assert opens(patient, OTHER)
    assert not opens(patient, GOOD)


def test_who_forgot_it_removes_it_and_sets_a_new_one() -> None:
    patient = a_patient()
    a_phone(patient)
    browser = signed_in(patient)
    browser.post(PATH, password=GOOD)
    assert "/factors/password/remove" in browser.get(PATH).text

    removed = browser.post(f"{PAGE}/factors/password/remove")

    assert removed.location == f"{PAGE}?done=removed"
    assert not opens(patient, GOOD)
    assert browser.post(PATH, password=OTHER).status == 303
    assert opens(patient, OTHER)


def test_removing_what_is_not_there_is_missing() -> None:
    browser = signed_in(a_patient())

    assert browser.get(f"{PAGE}/factors/password/remove").status == 404
    assert browser.post(f"{PAGE}/factors/password/remove").status == 404


def test_a_leaked_password_is_refused_where_the_service_is_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient = a_patient()
    asked = []

    def is_leaked(password: str) -> bool:
        asked.append(password)
        return True

    monkeypatch.setattr(breached_passwords, "is_leaked", is_leaked)
    answer = signed_in(patient).post(PATH, password=GOOD)

    assert answer.status == 400
    assert "stolen from another website" in answer.text
    assert asked == [GOOD]


def test_the_field_lets_a_password_keeper_work() -> None:
    page = signed_in(a_patient()).get(PATH).text

    assert 'type="password"' in page
    assert 'autocomplete="new-password"' in page
    assert 'autocomplete="username"' in page
    assert "onpaste" not in page
    assert 'maxlength="128"' not in page, "nothing is cut off silently"


def test_guessing_the_one_of_now_is_throttled(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = a_patient()
    passwords.keep(patient.patient_id, GOOD)
    browser = signed_in(patient)

    answers = [browser.post(PATH, password=OTHER, current="wrong").status for _ in range(11)]

    assert answers == [400] * 10 + [429]


def test_a_locked_password_is_shown_as_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MOST_WRONG", 2)
    patient = a_patient()
    passwords.keep(patient.patient_id, GOOD)
    for _ in range(3):
        passwords.is_right(patient.patient_id, "wrong")

    page = signed_in(patient).get(PAGE)

    assert "Switched off after too many wrong tries" in page.text


def test_the_app_sets_one_by_json() -> None:
    patient = a_patient()
    app = an_app(cookies={"session": a_session(patient)})

    assert app.post(PATH, password="short").json["errors"].keys() == {"password"}
    assert app.post(PATH, password=GOOD).json == {
        "done": "password",
        "next": f"{PAGE}?done=password",
    }
