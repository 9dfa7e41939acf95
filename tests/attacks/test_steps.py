"""Attacks on the second step itself, whatever the factor: guesses, claims, and other accounts."""

import pytest
from tests.attacks.racing import at_once
from tests.attacks.scenes import (
    CODE,
    PROOF,
    TEXT,
    by_link,
    code_now,
    events,
    is_out,
    known,
    papers_of,
    post_json,
    reasons,
    sees_no_chart,
    tried,
)
from tests.builders import an_app
from tests.clock import held
from tests.visitors import a_browser

from portal import sessions


@pytest.mark.parametrize(
    "method", ["device", "email-link", "desk-code", "sso", "sso-two-factor", "passkey", "password"]
)
def test_a_method_that_is_not_typed_cannot_be_claimed(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`device`, above all: it lifts, and needs no code anywhere."""
    held(monkeypatch)
    patient = known()
    code = code_now(an_app(patient))
    thief = by_link(patient)

    assert thief.post(CODE, method=method, code=code).status == 400
    assert sees_no_chart(thief)


@pytest.mark.parametrize("method", ["", "TOTP", "totp ", "totp|device", "admin", "*", "1"])
def test_a_method_that_does_not_exist_opens_nothing(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(monkeypatch)
    patient = known()
    code = code_now(an_app(patient))
    thief = by_link(patient)

    assert thief.post(CODE, method=method, code=code).status == 400
    assert sees_no_chart(thief)


@pytest.mark.parametrize("method", ["totp", "sms-code", "recovery-code"])
@pytest.mark.parametrize("code", ["", " ", "000000", "None", "0", "-1", "\u0660" * 6], ids=ascii)
def test_nothing_is_no_code_of_an_account_without_that_factor(method: str, code: str) -> None:
    patient = known()
    thief = by_link(patient)

    assert thief.post(CODE, method=method, code=code).status == 400
    assert sees_no_chart(thief)


@pytest.mark.parametrize("code", [None, True, 0, [], {}, ["000000"]], ids=repr)
def test_a_code_of_another_type_is_refused(code: object, monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    an_app(patient)
    thief = by_link(patient, accept="application/json")

    assert post_json(thief, CODE, {"method": "totp", "code": code}).status == 400


def test_guesses_in_many_sessions_share_the_accounts_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for a fresh link does not give ten more tries."""
    held(monkeypatch)
    patient = known()
    secret = an_app(patient)
    right = code_now(secret)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"

    statuses = [tried(patient, method="totp", code=wrong) for _ in range(11)]

    assert statuses == [400] * 10 + [429]
    assert tried(patient, method="totp", code=right) == 429


def test_guesses_by_other_methods_share_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    secret = an_app(patient)
    papers_of(patient)
    kinds = ("totp", "sms-code", "recovery-code")

    statuses = [tried(patient, method=kinds[n % 3], code="111111") for n in range(11)]

    assert statuses == [400] * 10 + [429]
    assert tried(patient, method="totp", code=code_now(secret)) == 429


def test_guesses_at_the_same_moment_do_not_outrun_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    patient = known()
    an_app(patient)
    thieves = [by_link(patient) for _ in range(4)]

    def guess(number: int) -> int:
        return thieves[number % 4].post(CODE, method="totp", code="00000x").status

    statuses = at_once(*(lambda number=number: guess(number) for number in range(16)))

    assert statuses.count(429) == 6
    assert 303 not in statuses


def test_a_throttled_thief_does_not_lock_other_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    victim, other = known(), known()
    an_app(victim)
    secret = an_app(other)
    for _ in range(11):
        tried(victim, method="totp", code="00000x")

    assert tried(other, method="totp", code=code_now(secret)) == 303


def test_a_wrong_code_asks_for_no_device_to_be_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    an_app(patient)
    thief = by_link(patient)

    thief.post(CODE, method="totp", code="00000x", remember="yes")

    assert "device" not in thief.cookies


def test_a_step_without_any_session_is_a_sign_in_page() -> None:
    patient = known()
    code = code_now(an_app(patient))

    for path in (CODE, PROOF, TEXT):
        answer = a_browser().post(path, method="totp", code=code, patient_id=patient.patient_id)
        assert answer.status == 401


@pytest.mark.parametrize(
    "name", ["patient_id", "subject_id", "session_cookie", "session", "account"]
)
def test_no_field_of_the_form_names_another_account(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(monkeypatch)
    thief, victim = known(), known()
    code = code_now(an_app(thief))
    browser = by_link(thief)

    browser.post(CODE, method="totp", code=code, **{name: victim.patient_id})

    session = sessions.live(browser.cookies["session"])
    assert session is not None
    assert session.patient_id == thief.patient_id


def test_refusals_are_in_the_owners_trail_and_the_fifth_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    patient = known()
    an_app(patient)
    for _ in range(5):
        tried(patient, method="totp", code="00000x")

    assert reasons(patient).count("totp") == 5
    assert "sign-in.many-refusals" in events(patient)


def test_a_wrong_step_leaves_the_session_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    an_app(patient)
    browser = by_link(patient)
    before = browser.cookies["session"]

    browser.post(CODE, method="totp", code="00000x")

    assert browser.cookies["session"] == before
    assert not is_out(browser)
