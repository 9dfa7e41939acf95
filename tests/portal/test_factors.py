"""Factors below the routes: how many an account takes, and that a session rises with what is added
or not at all."""

from collections.abc import Callable

import pytest
from pynamodb.exceptions import TransactWriteError
from tests.attacks.racing import at_once
from tests.builders import a_patient, a_phone, a_session

from portal import factors, sessions, user_accounts
from portal.errors import Conflict, SignInNeeded
from portal.factors import Factor
from portal.methods import Method
from portal.patients import Patient
from portal.secrets_kept import hashed

pytestmark = pytest.mark.usefixtures("portal")


def a_factor() -> Factor:
    return Factor(Method.TOTP, "", {"secret": "A"})


def full(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    a_phone(patient)
    monkeypatch.setattr(factors, "MOST", 1)


def kept(patient: Patient) -> tuple[int, int]:
    """How many rows, and how many the account counts."""
    counted = user_accounts.of(patient.patient_id).factors
    return len(factors.of(patient.patient_id)), counted


def test_many_added_at_once_are_never_more_than_an_account_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient = a_patient()
    a_phone(patient)
    monkeypatch.setattr(factors, "MOST", 3)

    def added() -> bool:
        try:
            factors.add(patient.patient_id, a_factor())
        except (factors.TooManyFactors, TransactWriteError):
            return False
        return True

    done = at_once(*[added] * 8)

    assert 1 <= sum(done) <= 2
    assert kept(patient) == (1 + sum(done), 1 + sum(done))


def test_one_too_many_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()
    full(patient, monkeypatch)

    with pytest.raises(Conflict):
        factors.add(patient.patient_id, a_factor())

    assert kept(patient) == (1, 1)


def test_a_session_rises_with_its_factor_under_a_new_cookie() -> None:
    patient = a_patient()
    cookie = a_session(patient)

    risen = factors.add_and_rise(cookie, patient.patient_id, a_factor())

    assert sessions.live(cookie) is None
    assert sessions.live(risen)
    assert kept(patient) == (1, 1)


def test_without_room_the_session_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()
    full(patient, monkeypatch)
    cookie = a_session(patient)

    with pytest.raises(SignInNeeded):
        factors.add_and_rise(cookie, patient.patient_id, a_factor())

    assert kept(patient) == (1, 1)
    assert [each.session_id for each in sessions.listed(patient.patient_id)] == [hashed(cookie)]


MEANWHILE: dict[str, Callable[[str, str], None]] = {
    "the session ends": lambda _, cookie: sessions.end(cookie),
    "all sessions end": lambda patient_id, _: sessions.end_all(patient_id),
}


@pytest.mark.parametrize("name", MEANWHILE)
def test_what_ends_at_the_last_moment_leaves_no_factor(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the session and the account were read, before anything is written."""
    patient = a_patient()
    cookie = a_session(patient)
    make = sessions._risen

    def ended_first(*given: object) -> object:
        MEANWHILE[name](patient.patient_id, cookie)
        return make(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(sessions, "_risen", ended_first)

    with pytest.raises(SignInNeeded):
        factors.add_and_rise(cookie, patient.patient_id, a_factor())

    assert kept(patient) == (0, 0)
    assert sessions.live(cookie) is None
    assert sessions.listed(patient.patient_id) == []
