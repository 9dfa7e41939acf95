"""A hundred wrong codes in a row close one way to sign in (NIST SP 800-63B-4, 3.2.2)."""

import json
from functools import partial

import pytest
from pyotp import TOTP
from tests.attacks.racing import at_once
from tests.builders import a_link_session, a_phone
from tests.builders import an_app as an_authenticator
from tests.client import Client
from tests.clock import Clock, held
from tests.settings.accounts import PAGE, reachable, told
from tests.sign_in.test_step import CODE, TEXT, by_link, code_at, events, known, texted
from tests.stores import sent_to
from tests.visitors import an_app, signed_in

from portal import factors, recovery_codes, reviews, user_accounts
from portal.audit import Event
from portal.methods import Confidence, Method
from portal.patients import Patient
from portal.tables import CareRow

pytestmark = pytest.mark.usefixtures("portal")

FEW = 3
WRONG = "no code"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong codes close a factor, so that a test is short."""
    monkeypatch.setattr(factors, "MOST_WRONG", FEW)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return held(monkeypatch)


def tried(patient: Patient, code: str, method: str = "totp") -> int:
    return by_link(patient).post(CODE, method=method, code=code).status


def wrong(patient: Patient, times: int, method: str = "totp") -> None:
    for _ in range(times):
        assert tried(patient, WRONG, method) == 400


def closed_of(patient: Patient) -> list[Method]:
    return [each.kind for each in factors.of(patient.patient_id) if not each.is_open]


def test_a_hundred_wrong_codes_in_a_row_close_a_factor_however_slowly_they_come(
    clock: Clock,
) -> None:
    patient = known()
    secret = an_authenticator(patient)

    def tried(*codes: str) -> list[int]:
        clock.advance(minutes=16)
        app = an_app(cookies={"session": a_link_session(patient)})
        said = [json.dumps({"method": "totp", "code": code}).encode() for code in codes]
        kind = {"content-type": "application/json"}
        return [app.send("POST", CODE, body, kind).status for body in said]

    for _ in range(9):
        assert tried(*[WRONG] * 10) == [400] * 10
    assert tried(*[WRONG] * 9) == [400] * 9
    assert closed_of(patient) == []
    tried(WRONG)

    assert closed_of(patient) == [Method.TOTP]
    assert tried(code_at(secret, clock, 16 * 60)) == [400]


@pytest.mark.usefixtures("few")
def test_the_right_code_begins_the_count_again(clock: Clock) -> None:
    patient = known()
    secret = an_authenticator(patient)

    for _ in range(2):
        wrong(patient, FEW - 1)
        clock.advance(minutes=16)
        assert tried(patient, code_at(secret, clock)) == 303

    assert closed_of(patient) == []


@pytest.mark.usefixtures("few")
def test_the_right_code_of_a_text_begins_the_count_again(clock: Clock) -> None:
    patient = known()
    phone = a_phone(patient, "+15555550141")

    for _ in range(2):
        wrong(patient, FEW - 1, "sms-code")
        clock.advance(minutes=16)
        browser = by_link(patient)
        browser.post(TEXT)
        assert browser.post(CODE, method="sms-code", code=texted(phone)).status == 303

    (factor,) = factors.of(patient.patient_id)
    assert (factor.wrong, factor.used_at) == (0, clock.moment.timestamp())


@pytest.mark.usefixtures("few")
def test_a_closed_phone_is_sent_no_text_and_its_code_opens_nothing() -> None:
    patient = known()
    phone = a_phone(patient, "+15555550188")
    browser = by_link(patient)
    browser.post(TEXT)
    code = texted(phone)
    wrong(patient, FEW, "sms-code")

    assert browser.post(CODE, method="sms-code", code=code).status == 400
    assert browser.post(TEXT).status == 400
    assert len(sent_to(phone)) == 1


@pytest.mark.usefixtures("few")
def test_two_apps_are_guessed_at_together_and_a_right_code_of_one_costs_the_other_nothing(
    clock: Clock,
) -> None:
    """Whoever uses one app every day keeps the other in a drawer."""
    patient = known()
    daily, spare = an_authenticator(patient), an_authenticator(patient)

    for _ in range(FEW + 1):
        clock.advance(minutes=16)
        assert tried(patient, code_at(daily, clock)) == 303
    assert closed_of(patient) == []
    assert tried(patient, code_at(spare, clock)) == 303

    clock.advance(minutes=16)
    wrong(patient, FEW)
    assert closed_of(patient) == [Method.TOTP, Method.TOTP]


def test_guesses_at_the_same_moment_do_not_outrun_the_hundred(
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,  # noqa: ARG001
) -> None:
    monkeypatch.setattr(factors, "MOST_WRONG", 5)
    patient = known()
    an_authenticator(patient)
    looked: list[str] = []
    monkeypatch.setattr("portal.totp.matching_step", lambda _, code: looked.append(code))

    thieves = [by_link(patient) for _ in range(8)]

    def guess(thief: Client) -> int:
        return thief.post(CODE, method="totp", code="a guess").status

    assert set(at_once(*(partial(guess, each) for each in thieves))) == {400}
    assert len(looked) == 5
    assert events(patient).count(Event.FACTOR_CLOSED) == 1


@pytest.mark.usefixtures("few")
def test_what_is_closed_is_told_once_to_its_owner_and_to_staff() -> None:
    patient = reachable()
    user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
    an_authenticator(patient)

    wrong(patient, FEW + 2)

    assert events(patient).count(Event.FACTOR_CLOSED) == 1
    asked = CareRow.query(patient.patient_id, CareRow.sk.startswith(reviews.PREFIX))
    assert [row.reason for row in asked].count(Event.FACTOR_CLOSED) == 1
    assert all("We switched off that way to sign in" in text for text in told(patient))


@pytest.mark.usefixtures("few")
def test_the_page_says_what_is_closed_and_offers_the_rest() -> None:
    patient = known()
    an_authenticator(patient)
    a_phone(patient, "+15555550143")
    wrong(patient, FEW)

    page = by_link(patient).get("/sign-in/step")
    view = an_app(cookies={"session": a_link_session(patient)}).get("/sign-in/step").json

    assert "Codes from your app are switched off after too many wrong tries" in page.text
    assert 'value="totp"' not in page.text
    assert "Text me a code" in page.text
    assert (view["methods"], view["closed"]) == (["sms-code"], ["totp"])


@pytest.mark.usefixtures("few")
def test_who_has_nothing_but_what_is_closed_is_not_asked_for_birth_dates() -> None:
    """Closing somebody's app must not open the way of who has none."""
    patient = known()
    an_authenticator(patient)
    wrong(patient, FEW)

    page = by_link(patient).get("/sign-in/step")

    assert 'action="/sign-in/step/proof"' not in page.text
    assert "Bring a photo ID" in page.text


@pytest.mark.usefixtures("few")
def test_codes_on_paper_are_too_long_to_guess_and_stay_open(clock: Clock) -> None:
    patient = known()
    an_authenticator(patient)
    codes = recovery_codes.new()
    factors.add(patient.patient_id, recovery_codes.factor(codes))
    wrong(patient, FEW)
    wrong(patient, FEW + 1, "recovery-code")
    clock.advance(minutes=16)

    assert tried(patient, codes[0], "recovery-code") == 303
    assert closed_of(patient) == [Method.TOTP]


@pytest.mark.usefixtures("few")
def test_its_owner_removes_it_and_sets_a_new_one(clock: Clock) -> None:
    patient = known()
    an_authenticator(patient)
    a_phone(patient, "+15555550144")
    wrong(patient, FEW)
    lost = factors.of(patient.patient_id, Method.TOTP)[0]
    owner = signed_in(patient)

    assert "Switched off after too many wrong tries" in owner.get(PAGE).text
    assert owner.post(f"{PAGE}/factors/{lost.factor_id}/remove").status == 303
    secret = an_authenticator(patient)
    clock.advance(minutes=16)

    assert tried(patient, TOTP(secret).at(clock.moment)) == 303


@pytest.mark.usefixtures("few")
def test_a_way_that_is_closed_is_no_second_step_to_live_with() -> None:
    patient = known()
    an_authenticator(patient)
    a_phone(patient, "+15555550145")
    wrong(patient, FEW)
    phone = factors.of(patient.patient_id, Method.SMS_CODE)[0]

    answer = signed_in(patient).post(f"{PAGE}/factors/{phone.factor_id}/remove")

    assert answer.status == 400
    assert "This is your last second step" in answer.text
