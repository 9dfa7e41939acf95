"""The step after the first: a second factor, or who they are."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from pyotp import TOTP
from tests.builders import a_link_session, a_patient, a_phone, a_visitor
from tests.builders import an_app as an_authenticator
from tests.client import Client
from tests.clock import Clock, held
from tests.stores import sent_to
from tests.visitors import a_browser, an_app

from portal import audit, devices, factors, recovery_codes, sessions, user_accounts
from portal.methods import Confidence, Method
from portal.patients import Patient
from portal.secrets_kept import hashed

pytestmark = pytest.mark.usefixtures("portal")

CODE, PROOF, TEXT = (f"/sign-in/step/{each}" for each in ("code", "proof", "text"))


def known(**facts: Any) -> Patient:
    """A patient whose identity was shown at some time."""
    patient = a_patient(**facts)
    user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
    return patient


def by_link(patient: Patient, **facts: Any) -> Client:
    return a_browser(cookies={"session": a_link_session(patient)}, **facts)


def events(patient: Patient) -> list[str]:
    return [row.event for row in audit.of_patient(patient.patient_id)]


def texted(phone: str) -> str:
    """The code of the newest text message."""
    found = re.search(r"code is (\d{6})\.", sent_to(phone)[-1].text)
    assert found
    return found[1]


def code_at(secret: str, clock: Clock, seconds: int = 0) -> str:
    return TOTP(secret).at(clock.moment + timedelta(seconds=seconds))


def test_a_page_that_needs_more_leads_to_the_step_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = known()
    secret = an_authenticator(patient)
    browser = by_link(patient)

    asked = browser.get("/results")
    assert (asked.status, asked.location) == (303, "/sign-in/step?return_to=%2Fresults")
    page = browser.get(asked.location)
    assert 'value="/results"' in page.text
    before = browser.cookies["session"]
    done = browser.post(CODE, method="totp", code=code_at(secret, clock), return_to="/results")

    assert (done.status, done.location) == (303, "/results")
    assert browser.cookies["session"] != before
    assert sessions.live(before) is None
    assert browser.get("/results").status == 200
    for each in ("sign-in.step-viewed", "sign-in.stepped-up", "results.listed"):
        assert each in events(patient)


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil", "javascript:0"]
)
def test_the_way_back_is_one_of_ours(to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = known()
    code = code_at(an_authenticator(patient), clock)

    done = by_link(patient).post(CODE, method="totp", code=code, return_to=to)

    assert done.location == "/"


@pytest.mark.parametrize(
    ("seconds", "status"), [(-30, 303), (0, 303), (30, 303), (-60, 400), (60, 400)]
)
def test_an_apps_clock_may_be_a_little_off(
    seconds: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = held(monkeypatch)
    patient = known()
    code = code_at(an_authenticator(patient), clock, seconds)

    assert by_link(patient).post(CODE, method="totp", code=code).status == status


def test_a_code_of_an_app_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = known()
    code = code_at(an_authenticator(patient), clock)

    assert by_link(patient).post(CODE, method="totp", code=code).status == 303
    assert by_link(patient).post(CODE, method="totp", code=code).status == 400


def test_a_code_sent_twice_at_once_opens_one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = known()
    code = code_at(an_authenticator(patient), clock)
    browsers = [by_link(patient) for _ in range(2)]

    def opened(browser: Client) -> bool:
        return browser.post(CODE, method="totp", code=code).status == 303

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(opened, browsers)) == [False, True]


def test_another_patients_app_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = known()
    an_authenticator(patient)
    code = code_at(an_authenticator(known()), clock)

    assert by_link(patient).post(CODE, method="totp", code=code).status == 400


@pytest.mark.parametrize("method", [m for m in Method if m not in (Method.TOTP, Method.SMS_CODE)])
def test_a_method_the_account_does_not_have_opens_nothing(method: Method) -> None:
    patient = known()
    an_authenticator(patient)

    answer = by_link(patient).post(CODE, method=method, code="123456")

    assert answer.status == 400
    assert events(patient)[-1] == "sign-in.step-refused"


def test_a_code_by_text_message(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    phone = a_phone(patient, "+15555550171")
    browser = by_link(patient)

    page = browser.post(TEXT, return_to="/results")

    assert "ends in 71" in page.text
    assert phone not in page.text
    code = texted(phone)
    other = by_link(patient)
    assert other.post(CODE, method="sms-code", code=code).status == 400, "of another session"
    done = browser.post(
        CODE, method="sms-code", code=f"{code[:3]} {code[3:]}", return_to="/results"
    )
    assert done.location == "/results"
    assert browser.post(CODE, method="sms-code", code=code).status == 400, "it counts once"


def test_a_link_and_a_code_to_the_same_phone_are_one_way_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    patient = known()
    phone = a_phone(patient, "+15555550172")
    cookie = sessions.open_with(patient.patient_id, frozenset({Method.PHONE_LINK}), a_visitor())
    browser = a_browser(cookies={"session": cookie})
    browser.post(TEXT)
    code = texted(phone)

    browser.post(CODE, method="sms-code", code=code)

    assert browser.get("/results").status == 303


def test_five_wrong_codes_burn_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    phone = a_phone(patient, "+15555550173")
    browser = by_link(patient)
    browser.post(TEXT)
    code = texted(phone)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    for _ in range(5):
        assert browser.post(CODE, method="sms-code", code=wrong).status == 400

    assert browser.post(CODE, method="sms-code", code=code).status == 400


def test_a_text_is_old_after_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = known()
    phone = a_phone(patient, "+15555550174")
    browser = by_link(patient)
    browser.post(TEXT)
    code = texted(phone)

    clock.advance(seconds=601)

    assert browser.post(CODE, method="sms-code", code=code).status == 400


def test_without_a_confirmed_phone_no_text_is_sent() -> None:
    patient = known(phone="+15555550175")
    an_authenticator(patient)

    assert by_link(patient).post(TEXT).status == 400
    assert sent_to("+15555550175") == []


def test_a_recovery_code_counts_once_and_the_owner_is_told() -> None:
    patient = known()
    codes = recovery_codes.new()
    factors.add(patient.patient_id, recovery_codes.factor(codes))
    spoken = codes[4].replace("-", " ").upper()

    assert by_link(patient).post(CODE, method="recovery-code", code=spoken).status == 303
    assert by_link(patient).post(CODE, method="recovery-code", code=codes[4]).status == 400
    assert by_link(patient).post(CODE, method="recovery-code", code=codes[0]).status == 303
    assert "sign-in.recovery-code-used" in events(patient)
    (factor,) = factors.of(patient.patient_id)
    assert recovery_codes.left(factor) == 8


def test_wrong_codes_are_throttled_recorded_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    an_authenticator(patient)
    browser = by_link(patient)

    statuses = [browser.post(CODE, method="totp", code="000000").status for _ in range(11)]

    assert statuses == [400] * 10 + [429]
    assert events(patient).count("sign-in.step-refused") == 10
    assert events(patient).count("sign-in.many-refusals") == 1


def test_a_remembered_device_needs_no_step_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = known()
    code = code_at(an_authenticator(patient), clock)
    browser = by_link(patient)

    browser.post(CODE, method="totp", code=code, remember="yes")

    (device,) = devices.of(patient.patient_id)
    assert device.device_id == hashed(browser.cookies["device"])
    assert "sign-in.device-remembered" in events(patient)


def test_who_has_no_factor_shows_who_they_are_first() -> None:
    patient = a_patient()
    browser = by_link(patient)

    page = browser.get("/sign-in/step")
    assert 'action="/sign-in/step/proof"' in page.text
    number = patient.identifiers[0][1]
    done = browser.post(PROOF, born_on="1980-02-03", identifier=f" {number.lower()} ")

    assert done.location == "/sign-in/step?return_to=%2F"
    assert user_accounts.of(patient.patient_id).confidence is Confidence.PROOFED
    assert "/settings/security" in browser.get(done.location).text
    assert browser.get("/results").status == 303, "still one factor"
    assert "sign-in.identity-shown" in events(patient)


@pytest.mark.parametrize(
    ("born_on", "identifier"),
    [("1980-02-04", None), ("", None), ("1980-02-03", "T99999"), ("1980-02-03", ""), ("", "")],
)
def test_both_must_be_what_the_clinic_has_on_file(born_on: str, identifier: str | None) -> None:
    patient = a_patient()
    number = patient.identifiers[0][1] if identifier is None else identifier
    app = an_app(cookies={"session": a_link_session(patient)})

    said = {"identifier": number} | ({"born_on": born_on} if born_on else {})
    body = json.dumps(said).encode()
    answer = app.send("POST", PROOF, body, {"content-type": "application/json"})

    assert answer.status == 400
    assert user_accounts.of(patient.patient_id).confidence is Confidence.ON_FILE


def test_who_has_a_factor_must_show_it_before_anything_else() -> None:
    """Whoever holds the mailbox only must not guess at birth dates."""
    patient = a_patient()
    an_authenticator(patient)

    page = by_link(patient).get("/sign-in/step")

    assert 'action="/sign-in/step/proof"' not in page.text
    assert 'value="totp"' in page.text


def test_guessing_at_an_identity_is_throttled() -> None:
    patient = a_patient()
    browser = by_link(patient)

    statuses = [browser.post(PROOF, born_on="1980-02-03", identifier="X").status for _ in range(6)]

    assert statuses == [400] * 5 + [429]


def test_staying_keeps_a_session_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    app = an_app(cookies={"session": a_link_session(a_patient())})

    for _ in range(3):
        clock.advance(minutes=14)
        answer = app.send("POST", "/sign-in/stay", b"{}", {"content-type": "application/json"})
        assert (answer.status, answer.json) == (200, {"seconds": 900})
    clock.advance(minutes=16)
    answer = app.send("POST", "/sign-in/stay", b"{}", {"content-type": "application/json"})
    assert answer.status == 401
