"""Adding a phone for codes by text message."""

import pytest
from tests.builders import a_patient, a_phone
from tests.client import Client
from tests.clock import held
from tests.settings.accounts import (
    PAGE,
    a_number,
    beginning,
    by_link,
    events,
    reachable,
    texted,
    told,
)
from tests.stores import sent_to
from tests.visitors import signed_in

from portal import factors, user_accounts
from portal.methods import Method
from portal.secrets_kept import hashed
from portal.tables import SessionRow

pytestmark = pytest.mark.usefixtures("portal")

BEGIN, CONFIRM = f"{PAGE}/phone", f"{PAGE}/phone/confirm"


def begun(browser: Client) -> str:
    """The number a code went to."""
    number = a_number()
    answer = browser.post(BEGIN, phone=number)
    assert (answer.status, answer.location) == (303, CONFIRM)
    return number


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_first_phone_opens_the_record() -> None:
    patient = reachable()
    browser = beginning(patient)
    before = browser.cookies["session"]

    number = begun(browser)
    assert f"ends in {number[-2:]}" in browser.get(CONFIRM).text
    answer = browser.post(CONFIRM, code=texted(number))

    assert (answer.status, answer.location) == (303, f"{PAGE}?done=begun")
    assert browser.cookies["session"] != before
    assert browser.get("/results").status == 200
    (factor,) = factors.of(patient.patient_id)
    assert (factor.kind, factor.name) == (Method.SMS_CODE, number[-2:])
    assert factor.secret == {"phone": number}
    assert "settings.factor-begun" in events(patient)
    assert "settings.factor-added" in events(patient)
    assert all("A way to sign in was added" in each for each in told(patient))


def test_the_phone_gets_a_code_at_the_next_sign_in() -> None:
    patient = a_patient()
    browser = beginning(patient)
    number = begun(browser)
    browser.post(CONFIRM, code=texted(number))

    again = by_link(patient)
    again.post("/sign-in/step/text")
    answer = again.post("/sign-in/step/code", method="sms-code", code=texted(number))

    assert answer.status == 303
    assert again.get("/results").status == 200


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("(212) 555-7301", "+12125557301"),
        ("212.555.7302", "+12125557302"),
        ("+1 212 555 7303", "+12125557303"),
        ("+44 20 7946 0958", "+442079460958"),
        ("\uff0b\uff14\uff14 20 7946 0959", "+442079460959"),  # full-width
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str, number: str) -> None:
    before = len(sent_to(number))

    assert signed_in(a_patient()).post(BEGIN, phone=typed).status == 303
    assert len(sent_to(number)) == before + 1


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12345",
        "+",
        "ana@example.org",
        "+0123456789",
        "+1234567890123456",
        "+1 212 555",
        "x" * 40,
    ],
)
def test_what_is_no_number_is_said_at_its_field(typed: str) -> None:
    patient = a_patient()

    answer = signed_in(patient).post(BEGIN, phone=typed)

    assert answer.status == 400
    assert "Check the number" in answer.text
    assert 'id="phone-error"' in answer.text
    assert "settings.factor-begun" not in events(patient)


def test_a_code_is_bound_to_its_session() -> None:
    patient = a_patient()
    browser, other = signed_in(patient), signed_in(patient)
    number = begun(browser)
    begun(other)

    assert other.post(CONFIRM, code=texted(number)).status == 400
    assert factors.of(patient.patient_id) == []
    assert browser.post(CONFIRM, code=texted(number)).status == 303


def test_a_code_is_bound_to_its_phone() -> None:
    """Who holds one phone cannot add another."""
    patient = a_patient()
    browser = signed_in(patient)
    mine = begun(browser)
    code = texted(mine)
    begun(browser)

    assert browser.post(CONFIRM, code=code).status == 400
    assert factors.of(patient.patient_id) == []


def test_a_code_of_the_second_step_adds_no_phone() -> None:
    """The newest code of this session is the one that counts, for the phone it went to."""
    patient = a_patient()
    known = a_phone(patient, a_number())
    browser = signed_in(patient)
    begun(browser)
    browser.post("/sign-in/step/text")

    assert browser.post(CONFIRM, code=texted(known)).status == 400


def test_after_five_wrong_tries_the_right_code_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = a_patient()
    browser = signed_in(patient)
    number = begun(browser)
    code = texted(number)

    for _ in range(5):
        refused = browser.post(CONFIRM, code=wrong(code))
        assert refused.status == 400
        assert "That code does not match" in refused.text
    assert browser.post(CONFIRM, code=code).status == 400
    assert factors.of(patient.patient_id) == []
    assert events(patient, refused=True).count("settings.factor-added") == 6
    assert "sign-in.many-refusals" in events(patient)


def test_a_code_is_worth_nothing_after_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    browser = beginning(patient)
    number = begun(browser)

    clock.advance(minutes=10, seconds=1)

    assert browser.post(CONFIRM, code=texted(number)).status == 400
    assert browser.get(CONFIRM).location == BEGIN
    assert factors.of(patient.patient_id) == []


def test_a_code_is_spent_once() -> None:
    patient = a_patient()
    browser = signed_in(patient)
    code = texted(begun(browser))

    assert [browser.post(CONFIRM, code=code).status for _ in range(2)] == [303, 400]
    assert user_accounts.of(patient.patient_id).factors == 1


def test_the_number_waits_sealed() -> None:
    browser = signed_in(a_patient())
    number = begun(browser)

    (row,) = SessionRow.query(f"setup#{hashed(browser.cookies['session'])}")
    assert number.encode() not in (row.sealed or b"")


def test_five_texts_a_quarter_of_an_hour_to_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    browser = signed_in(a_patient())

    answers = [browser.post(BEGIN, phone=a_number()).status for _ in range(6)]

    assert answers == [303] * 5 + [429]


def test_five_texts_a_quarter_of_an_hour_to_a_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for them."""
    held(monkeypatch)
    number = a_number()

    answers = [signed_in(a_patient()).post(BEGIN, phone=number).status for _ in range(6)]

    assert answers == [303] * 5 + [429]
    assert len(sent_to(number)) == 5


def test_a_new_phone_takes_the_place_of_the_old() -> None:
    patient = reachable()
    a_phone(patient, a_number())
    browser = signed_in(patient)
    page = browser.get(PAGE)
    assert "Use another phone" in page.text

    number = begun(browser)
    assert browser.post(CONFIRM, code=texted(number)).status == 303

    (factor,) = factors.of(patient.patient_id)
    assert factor.secret["phone"] == number
    assert user_accounts.of(patient.patient_id).factors == 1
    assert browser.get(PAGE).status == 200
    for each in told(patient):
        assert "was added" in each
        assert "was removed" in each


def test_who_came_by_text_message_is_offered_no_second_text_message() -> None:
    """Two messages to one phone are one way: it would open nothing."""
    patient = reachable()
    browser = beginning(patient, Method.PHONE_LINK)

    choices = browser.get(PAGE)
    assert f'href="{BEGIN}"' not in choices.text
    assert f'href="{PAGE}/totp"' in choices.text
    assert "Choose another way" in browser.get(BEGIN).text
    answer = browser.post(BEGIN, phone=a_number())

    assert answer.status == 400
    assert "Choose another way" in answer.text


def test_the_page_says_what_text_messages_are_worth() -> None:
    page = signed_in(a_patient()).get(BEGIN)

    assert "A passkey or an app is safer" in page.text
