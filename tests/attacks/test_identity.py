"""Attacks on showing who one is, and on setting up a first factor with it."""

from datetime import date

import pytest
from tests.attacks.scenes import PROOF, by_link, known, sees_no_chart
from tests.builders import a_link_session, a_patient, an_app
from tests.clock import held
from tests.visitors import a_browser

from portal import factors, sessions, user_accounts
from portal.methods import Confidence


def test_a_mailbox_thief_cannot_guess_at_the_records_past_the_factor() -> None:
    """The page asks for the factor first; the form behind it must, too."""
    patient = a_patient()
    an_app(patient)
    thief = by_link(patient)

    right = thief.post(PROOF, born_on="1980-02-03", identifier=patient.identifiers[0][1])
    wrong = by_link(patient).post(PROOF, born_on="1980-02-04", identifier="T0")

    assert user_accounts.of(patient.patient_id).confidence < Confidence.PROOFED
    assert right.status == wrong.status


def test_the_identity_is_no_second_factor() -> None:
    """A relative who reads the mail knows birth date and record number."""
    patient = known()
    an_app(patient)
    relative = by_link(patient)

    relative.post(PROOF, born_on="1980-02-03", identifier=patient.identifiers[0][1])

    assert sees_no_chart(relative)
    assert "/sign-in/step" in relative.get("/settings/security").location


def test_the_identity_does_not_let_a_thief_add_a_factor_beside_the_owners() -> None:
    patient = known()
    an_app(patient)
    thief = by_link(patient)

    thief.post(PROOF, born_on="1980-02-03", identifier=patient.identifiers[0][1])

    for path in ("/settings/security/totp", "/settings/security/phone"):
        assert thief.post(path, phone="+15555550177").status == 403
    assert len(factors.of(patient.patient_id)) == 1


def test_a_session_that_could_begin_cannot_once_the_owner_has_a_factor() -> None:
    patient = a_patient()
    thief = a_browser(cookies={"session": sessions.rise(a_link_session(patient), None)})
    assert thief.get("/settings/security/totp").status == 200

    an_app(patient)

    assert thief.post("/settings/security/totp").status == 403


def test_a_session_begun_long_ago_cannot_begin_when_the_last_factor_is_removed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    thief = a_browser(cookies={"session": sessions.rise(a_link_session(patient), None)})
    an_app(patient)
    for _ in range(3):
        clock.advance(minutes=11)
        thief.get("/")
    (only,) = factors.of(patient.patient_id)
    factors.remove(patient.patient_id, only)

    assert thief.post("/settings/security/totp").status == 403


@pytest.mark.parametrize(
    "fields",
    [
        {"born_on": "1980-02-03"},
        {"identifier": "{number}"},
        {"born_on": "1980-02-03", "identifier": "%"},
        {"born_on": "1980-02-03", "identifier": "*"},
        {"born_on": "1980-02-03", "identifier": "{number}' OR '1'='1"},
        {"born_on": "1980-02-03", "identifier": "RIVERBEND|{number}"},
        {"born_on": "0001-01-01", "identifier": "{number}"},
        {"born_on": "9999-12-31", "identifier": "{number}"},
    ],
    ids=["birth date only", "number only", "percent", "star", "SQL", "authority", "first", "last"],
)
def test_half_an_identity_is_none(fields: dict[str, str]) -> None:
    patient = a_patient()
    number = patient.identifiers[0][1]
    said = {name: value.replace("{number}", number) for name, value in fields.items()}

    assert by_link(patient).post(PROOF, **said).status == 400
    assert user_accounts.of(patient.patient_id).confidence < Confidence.PROOFED


def test_the_identity_of_another_patient_proves_nothing() -> None:
    """The thief's own record number and birth date, in the victim's session."""
    thief, victim = a_patient(birth_on=date(1975, 1, 1)), a_patient()

    answer = by_link(victim).post(PROOF, born_on="1975-01-01", identifier=thief.identifiers[0][1])

    assert answer.status == 400


def test_guesses_at_the_identity_in_many_sessions_share_five_tries() -> None:
    patient = a_patient()

    statuses = [
        by_link(patient).post(PROOF, born_on="1980-02-03", identifier=f"T{n}").status
        for n in range(6)
    ]

    assert statuses == [400] * 5 + [429]
