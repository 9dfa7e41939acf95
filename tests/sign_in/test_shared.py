"""A device that others use, too: nothing is remembered there, and the end clears it all."""

import pytest
from pyotp import TOTP
from tests.authenticator import a_passkey, options_for, sent
from tests.builders import a_link_session, a_patient, a_session
from tests.builders import an_app as an_authenticator
from tests.client import Client, Response
from tests.clock import held
from tests.sign_in.mail import deliver, newest
from tests.visitors import a_browser

from portal import devices, sessions
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")

ALL_OF_IT = '"cache", "cookies", "storage"'


def a_shared_session(patient: Patient) -> Client:
    return a_browser(cookies={"session": a_session(patient, is_shared=True), "shared": "yes"})


def is_shared(browser: Client) -> bool:
    session = sessions.live(browser.cookies["session"])
    assert session
    return session.is_shared


def asked_on_a_shared_device(patient: Patient) -> Client:
    browser = a_browser()
    assert browser.get("/sign-in?shared=yes").location == "/sign-in"
    assert browser.post("/sign-in", address=patient.email).location == "/sign-in?because=sent"
    deliver()
    return browser


def test_what_was_ticked_when_asking_holds_for_the_session_of_the_link() -> None:
    patient = a_patient()
    browser = asked_on_a_shared_device(patient)

    browser.post(f"/sign-in/{newest(patient.email).token}")

    assert is_shared(browser)


def test_a_link_opened_in_another_browser_asks_there() -> None:
    patient = a_patient()
    a_browser().post("/sign-in", address=patient.email)
    deliver()
    link, elsewhere = newest(patient.email), a_browser()

    assert 'name="shared"' in elsewhere.get(f"/sign-in/{link.token}").text
    elsewhere.post(f"/sign-in/{link.token}", code=link.code, shared="yes")

    assert is_shared(elsewhere)


def test_the_browser_is_told_not_to_remember_what_is_typed() -> None:
    usual, shared = a_browser(), a_browser(cookies={"shared": "yes"})

    for path in ("/sign-in", "/sign-in/password"):
        assert 'autocomplete="username' in usual.get(path).text
        assert 'autocomplete="username' not in shared.get(path).text
        assert 'autocomplete="off"' in shared.get(path).text


def test_without_it_a_session_is_as_before() -> None:
    patient = a_patient()
    browser = a_browser(cookies={"shared": "yes"})
    browser.get("/sign-in?shared=no")
    browser.post("/sign-in", address=patient.email)
    deliver()

    browser.post(f"/sign-in/{newest(patient.email).token}")

    assert not is_shared(browser)


def test_a_password_and_a_passkey_say_it_too() -> None:
    from portal import passwords

    patient, secret = a_patient(), "four plain words more"
    passwords.keep(patient.patient_id, secret)
    phone = a_passkey(patient)
    with_password, with_passkey = a_browser(), a_browser(accept="application/json")

    fields = {"address": patient.email, "password": secret, "shared": "yes"}
    with_password.post("/sign-in/password", **fields)
    answer = phone.assertion(options_for(with_passkey, "/sign-in/passkey"))
    sent(with_passkey, "/sign-in/passkey", answer | {"shared": "yes"})

    assert is_shared(with_password)
    assert is_shared(with_passkey)


def test_a_shared_device_is_not_remembered_even_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    secret = an_authenticator(patient)
    cookie = a_link_session(patient, is_shared=True)
    browser = a_browser(cookies={"session": cookie})
    assert 'name="remember"' not in browser.get("/sign-in/step").text

    fields = {"method": "totp", "code": TOTP(secret).at(clock.moment), "remember": "yes"}
    assert browser.post("/sign-in/step/code", **fields).status == 303

    assert is_shared(browser), "the step keeps what was said"
    assert "device" not in browser.cookies
    assert devices.of(patient.patient_id) == []


def test_the_sessions_cookies_end_with_the_browser() -> None:
    patient = a_patient()
    browser = asked_on_a_shared_device(patient)

    answer = browser.post(f"/sign-in/{newest(patient.email).token}", shared="yes")

    assert "max-age" not in kept(answer, "session").lower()
    assert "max-age" not in kept(answer, "shared").lower()


def kept(answer: Response, name: str) -> str:
    (found,) = [each for each in answer.set_cookies if each.startswith(f"{name}=")]
    return found


def test_signing_out_there_clears_cookies_as_well() -> None:
    browser = a_shared_session(a_patient())

    assert browser.post("/sign-out").headers["clear-site-data"] == ALL_OF_IT


def test_so_does_coming_back_after_the_session_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    browser = a_shared_session(a_patient())

    clock.advance(minutes=16)
    answer = browser.get("/results")

    assert answer.location == "/sign-in?because=idle"
    assert answer.headers["clear-site-data"] == ALL_OF_IT
