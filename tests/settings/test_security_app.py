"""Adding an authenticator app."""

import re

import pytest
from pyotp import TOTP
from tests.builders import a_patient, a_phone, a_session
from tests.client import Client
from tests.clock import Clock, held
from tests.settings.accounts import PAGE, beginning, by_link, events, reachable, told
from tests.visitors import a_browser, an_app, signed_in

from portal import factors, sessions
from portal.methods import Method
from portal.secrets_kept import hashed
from portal.settings import settings
from portal.tables import SessionRow

pytestmark = pytest.mark.usefixtures("portal")

BEGIN, CONFIRM = f"{PAGE}/totp", f"{PAGE}/totp/confirm"


def begun(browser: Client) -> str:
    """The secret the page shows in groups of four."""
    answer = browser.post(BEGIN)
    assert (answer.status, answer.location) == (303, CONFIRM)
    shown = re.search(r'<code class="key"[^>]*>([A-Z2-7 ]+)</code>', browser.get(CONFIRM).text)
    assert shown
    assert all(len(group) == 4 for group in shown[1].split())
    return shown[1].replace(" ", "")


def code_of(secret: str, clock: Clock) -> str:
    return TOTP(secret).at(clock.moment)


def test_the_first_app_opens_the_record_and_gives_the_session_a_new_cookie(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    patient = reachable()
    browser = beginning(patient)
    assert browser.get("/results").status == 303
    before = browser.cookies["session"]

    secret = begun(browser)
    clock.advance(seconds=1)  # rows of one moment stand in no order
    answer = browser.post(CONFIRM, code=code_of(secret, clock), name="My phone")

    assert (answer.status, answer.location) == (303, f"{PAGE}?done=begun")
    assert browser.cookies["session"] != before
    assert sessions.live(before) is None
    assert browser.get("/results").status == 200
    page = browser.get(answer.location)
    assert "Your record is open" in page.text
    assert "My phone" in page.text
    clock.advance(seconds=1)
    trail = events(patient)
    assert trail.index("settings.factor-begun") < trail.index("settings.factor-added")
    assert all("A way to sign in was added" in each for each in told(patient))


def test_the_first_app_ends_other_sessions_and_keeps_the_risen_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    other, browser = by_link(patient), beginning(patient)

    browser.post(CONFIRM, code=code_of(begun(browser), clock))

    assert other.get("/").status == 303
    assert browser.get("/").status == 200


def test_the_picture_says_what_the_text_says_and_is_named() -> None:
    patient = a_patient()
    app = an_app(cookies={"session": a_session(patient)})
    view = app.post(BEGIN).json

    assert view["address"].startswith("otpauth://totp/")
    assert f"secret={view['secret']}" in view["address"]
    assert settings().portal_name.replace(" ", "%20") in view["address"]
    assert 'role="img"' in view["qr"]
    assert 'aria-label="QR code' in view["qr"]
    assert view["secret"] not in view["qr"]
    page = a_browser(cookies=app.cookies).get(CONFIRM)
    assert view["qr"] in page.text
    assert "style=" not in view["qr"]


def test_each_beginning_makes_a_new_secret_of_160_bits() -> None:
    app = an_app(cookies={"session": a_session(a_patient())})

    secrets = {app.post(BEGIN).json["secret"] for _ in range(5)}

    assert len(secrets) == 5
    assert {len(each) for each in secrets} == {32}


def test_a_waiting_secret_is_sealed_and_bound_to_its_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    browser, other = signed_in(patient), signed_in(patient)
    secret = begun(browser)

    (row,) = SessionRow.query(f"setup#{hashed(browser.cookies['session'])}")
    assert secret.encode() not in (row.sealed or b"")
    assert row.ends_at is not None
    assert (row.ends_at - clock.moment).total_seconds() <= 600
    assert other.get(CONFIRM).location == BEGIN
    assert other.post(CONFIRM, code=code_of(secret, clock)).status == 400
    assert factors.of(patient.patient_id) == []


def test_after_ten_minutes_one_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    browser = beginning(patient)
    secret = begun(browser)

    clock.advance(minutes=10, seconds=1)
    late = browser.post(CONFIRM, code=code_of(secret, clock))

    assert late.status == 400
    assert "Begin again" in late.text
    assert browser.get(CONFIRM).location == BEGIN
    assert factors.of(patient.patient_id) == []


def test_a_wrong_code_is_said_at_its_field_and_the_secret_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    browser = signed_in(patient)
    secret = begun(browser)
    wrong = f"{(int(code_of(secret, clock)) + 1) % 1_000_000:06d}"

    refused = browser.post(CONFIRM, code=wrong, name="Tablet")
    assert refused.status == 400
    assert "That code does not match" in refused.text
    assert 'value="Tablet"' in refused.text
    assert "settings.factor-added" in events(patient, refused=True)

    assert browser.post(CONFIRM, code=code_of(secret, clock)).status == 303


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "' or 1=1"])
def test_what_is_no_code_adds_nothing(typed: str) -> None:
    patient = a_patient()
    browser = signed_in(patient)
    begun(browser)

    assert browser.post(CONFIRM, code=typed).status == 400
    assert factors.of(patient.patient_id) == []


def test_a_code_with_spaces_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    browser = signed_in(a_patient())
    code = code_of(begun(browser), clock)

    assert browser.post(CONFIRM, code=f" {code[:3]} {code[3:]} ").status == 303


def test_the_code_that_added_the_app_is_refused_when_replayed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    browser = beginning(patient)
    secret = begun(browser)
    code = code_of(secret, clock)
    browser.post(CONFIRM, code=code)

    assert browser.post(CONFIRM, code=code).status == 400, "it is spent"
    assert len(factors.of(patient.patient_id)) == 1
    step = "/sign-in/step/code"
    assert by_link(patient).post(step, method="totp", code=code).status == 400
    clock.advance(seconds=30)
    again = by_link(patient)
    assert again.post(step, method="totp", code=code_of(secret, clock)).status == 303


def test_a_second_app_is_added_beside_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    browser = signed_in(patient)

    for name in ("Phone", "Tablet"):
        answer = browser.post(CONFIRM, code=code_of(begun(browser), clock), name=name)
        assert answer.location == f"{PAGE}?done=added"
        clock.advance(seconds=1)

    assert [each.name for each in factors.of(patient.patient_id, Method.TOTP)] == [
        "Phone",
        "Tablet",
    ]


def test_an_account_has_room_for_twenty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factors, "MOST", 1)
    patient = a_patient()
    a_phone(patient)
    browser = signed_in(patient)

    refused = browser.post(BEGIN)

    assert refused.status in {400}
    assert len(factors.of(patient.patient_id)) == 1


def test_codes_are_guessed_ten_times_a_quarter_of_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    browser = signed_in(a_patient())
    begun(browser)

    answers = [browser.post(CONFIRM, code="no code").status for _ in range(11)]

    assert answers == [400] * 10 + [429]


def test_many_wrong_codes_are_told_to_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = reachable()
    browser = signed_in(patient)
    begun(browser)

    for _ in range(5):
        browser.post(CONFIRM, code="no code")

    assert "sign-in.many-refusals" in events(patient)


def test_the_secret_is_kept_from_everybody_else() -> None:
    assert a_browser().get(CONFIRM).location.startswith("/sign-in")
    assert signed_in(a_patient()).get(CONFIRM).location == BEGIN
