"""Attacks on the codes of an authenticator app: replayed, bent, borrowed, and its secret."""

import pytest
from tests.attacks.scenes import code_now, inside, known, tried
from tests.builders import an_app
from tests.clock import held

from portal import factors, totp
from portal.methods import Method


def test_a_code_seen_over_the_shoulder_opens_no_second_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    patient = known()
    code = code_now(an_app(patient))

    assert tried(patient, method="totp", code=code) == 303
    assert tried(patient, method="totp", code=code) == 400


def test_the_code_before_the_one_that_was_used_is_worthless(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Within the drift we allow, but older than what was shown."""
    held(monkeypatch)
    patient = known()
    secret = an_app(patient)

    assert tried(patient, method="totp", code=code_now(secret)) == 303
    assert tried(patient, method="totp", code=code_now(secret, -30)) == 400


def test_a_used_code_is_worthless_in_the_next_window_too(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = known()
    code = code_now(an_app(patient))

    assert tried(patient, method="totp", code=code) == 303
    clock.advance(seconds=30)
    assert tried(patient, method="totp", code=code) == 400


def test_a_code_of_ones_own_app_does_not_open_a_victims_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    thief, victim = known(), known()
    code = code_now(an_app(thief))
    an_app(victim)

    assert tried(victim, method="totp", code=code) == 400
    assert tried(thief, method="totp", code=code) == 303, "and it was not spent by the try"


def test_a_code_of_an_app_that_was_removed_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    stolen = an_app(patient)
    an_app(patient)
    first = factors.of(patient.patient_id, Method.TOTP)
    lost = next(each for each in first if each.secret["secret"] == stolen)
    factors.remove(patient.patient_id, lost)

    assert tried(patient, method="totp", code=code_now(stolen)) == 400


def test_an_apps_code_without_its_leading_zeros_is_another_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    patient = known()
    code = code_now(an_app(patient))

    for bent in (code[1:], f"0{code}", f"+{code}", f"{code}.0", f"0x{int(code):x}"):
        assert tried(patient, method="totp", code=bent) == 400


def test_digits_of_another_script_are_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    arabic = "".join(chr(0x0660 + int(digit)) for digit in code_now(an_app(patient)))

    assert tried(patient, method="totp", code=arabic) == 400


def test_two_codes_at_once_are_one_wrong_code(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    secret = an_app(patient)

    both = code_now(secret) + code_now(secret, 30)

    assert tried(patient, method="totp", code=both) == 400


def test_a_secret_that_waits_in_one_session_is_not_confirmed_from_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An app that the thief began must not be finished by the owner, nor the other way round."""
    held(monkeypatch)
    patient = known()
    an_app(patient)
    thief, owner = inside(patient, accept="application/json"), inside(patient)
    secret = thief.post("/settings/security/totp").json["secret"]

    answer = owner.post("/settings/security/totp/confirm", code=code_now(secret))

    assert answer.status == 400
    assert len(factors.of(patient.patient_id)) == 1


def test_the_code_that_confirmed_an_app_does_not_open_a_session_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    patient = known()
    owner = inside(patient, accept="application/json")
    secret = owner.post("/settings/security/totp").json["secret"]
    code = code_now(secret)
    assert owner.post("/settings/security/totp/confirm", code=code).status == 200

    assert tried(patient, method="totp", code=code) == 400


def test_a_secret_is_never_told_again_once_it_is_a_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    secret = an_app(patient)
    thief = inside(patient)
    pages = ("/settings/security", "/settings/security/totp", "/settings/security/totp/confirm")

    assert all(secret not in thief.get(path).text for path in pages)


def test_an_apps_secret_has_160_bits_of_its_own() -> None:
    made = {totp.new_secret() for _ in range(50)}

    assert len(made) == 50
    assert all(len(secret) == 32 for secret in made)
