"""Attacks on a hospital's sign-in, where it meets sessions and accounts. What the protocol itself
refuses (states, tokens, keys, mix-up) is in tests/sign_in/test_sso_returns.py,
_tokens.py, _records.py and _servers.py."""

from collections.abc import Iterator

import pytest
from infra.local.ehr_sign_in import EhrSignIn
from tests.attacks.scenes import inside, is_out, known, sees_no_chart
from tests.attacks.wire import down, stores
from tests.builders import a_patient, an_app
from tests.sign_in.hospital import (
    at_hospital,
    begun,
    connects,
    hospital,
    pressed,
    sent_to,
    signs_in,
)
from tests.visitors import a_browser

from portal import desk, factors, sessions, sso_links

EPIC = "epic-hospital"


@pytest.fixture(scope="module")
def ehr(aws: None) -> Iterator[EhrSignIn]:  # noqa: ARG001
    with hospital() as found:
        yield found


def test_a_hospitals_sign_in_does_not_get_around_the_owners_second_factor(ehr: EhrSignIn) -> None:
    """Whoever holds the password there, and nothing else."""
    patient = known()
    sub = at_hospital(ehr, patient)
    connects(inside(patient), sub)
    an_app(patient)
    thief = a_browser()

    assert signs_in(thief, sub).status == 303

    assert sees_no_chart(thief)
    assert thief.post("/settings/security/totp").status == 403


def test_a_hospitals_sign_in_does_not_take_over_an_account_in_use(ehr: EhrSignIn) -> None:
    patient = known()
    an_app(patient)
    thief = a_browser()

    assert signs_in(thief, at_hospital(ehr, patient)).status == 403
    assert "session" not in thief.cookies
    assert sso_links.of(patient.patient_id) == []


def test_a_return_begun_by_the_thief_signs_no_victim_in(ehr: EhrSignIn) -> None:
    """Login CSRF: the victim follows the thief's return."""
    thief_patient = a_patient()
    thief, victim = a_browser(), inside(known())
    before = dict(victim.cookies)
    back = pressed(begun(thief), at_hospital(ehr, thief_patient))

    assert victim.get(back).status == 400
    assert victim.cookies == before


def test_a_connection_begun_by_the_thief_is_not_finished_in_the_victims_session(
    ehr: EhrSignIn,
) -> None:
    """Else the thief's hospital account opens the victim's chart for ever."""
    thief_patient, victim_patient = known(), known()
    thief, victim = inside(thief_patient), inside(victim_patient)
    page = thief.post(f"/sign-in/hospitals/{EPIC}")
    back = pressed(sent_to(page), at_hospital(ehr, thief_patient))
    victim.cookies["browser"] = thief.cookies["browser"]

    assert victim.get(back).status == 400
    assert sso_links.of(victim_patient.patient_id) == []


def test_somebody_elses_hospital_account_cannot_be_connected(ehr: EhrSignIn) -> None:
    thief, victim = known(), known()

    answer = connects(inside(thief), at_hospital(ehr, victim))

    assert answer.status == 403
    assert sso_links.of(thief.patient_id) == []


def test_a_removed_hospital_opens_the_account_no_longer(ehr: EhrSignIn) -> None:
    patient = known()
    sub = at_hospital(ehr, patient)
    owner = inside(patient)
    connects(owner, sub)
    an_app(patient)
    assert owner.post(f"/sign-in/hospitals/{EPIC}/remove").status == 303
    thief = a_browser()

    assert signs_in(thief, sub).status == 403
    assert "session" not in thief.cookies


def test_connecting_a_hospital_throws_out_whoever_else_is_signed_in(ehr: EhrSignIn) -> None:
    patient = known()
    thief = inside(patient)

    assert connects(inside(patient), at_hospital(ehr, patient)).status == 303

    assert is_out(thief)


def test_a_hospitals_sign_in_opens_no_closed_account(ehr: EhrSignIn) -> None:
    patient = known()
    sub = at_hospital(ehr, patient)
    connects(inside(patient), sub)
    desk.close(patient.patient_id, made_by="staff")
    thief = a_browser()

    assert signs_in(thief, sub).status == 403
    assert "session" not in thief.cookies


def test_a_planted_cookie_is_not_the_session_a_hospital_opens(ehr: EhrSignIn) -> None:
    browser = a_browser(cookies={"session": "p" * 43})

    assert signs_in(browser, at_hospital(ehr, a_patient())).status == 303

    assert browser.cookies["session"] != "p" * 43
    assert sessions.live("p" * 43) is None


@pytest.mark.parametrize("store", ["sessions", "audit", "chart", "kms"])
def test_no_hospital_lets_anybody_in_while_a_store_is_down(ehr: EhrSignIn, store: str) -> None:
    browser = a_browser()
    back = pressed(begun(browser), at_hospital(ehr, a_patient()))

    with down(stores()[store]) as failed:
        answer = browser.get(back)

    assert failed
    assert answer.status == 503
    assert "session" not in browser.cookies


def test_without_the_trail_no_hospital_is_removed(ehr: EhrSignIn) -> None:
    patient = known()
    owner = inside(patient)
    connects(owner, at_hospital(ehr, patient))

    with down(stores()["audit"]):
        assert owner.post(f"/sign-in/hospitals/{EPIC}/remove").status == 503

    assert len(sso_links.of(patient.patient_id)) == 1


def test_without_the_trail_no_hospital_is_connected(ehr: EhrSignIn) -> None:
    patient = known()
    owner = inside(patient)
    page = owner.post(f"/sign-in/hospitals/{EPIC}")
    back = pressed(sent_to(page), at_hospital(ehr, patient))

    with down(stores()["audit"]):
        assert owner.get(back).status == 503

    assert sso_links.of(patient.patient_id) == []
    assert factors.of(patient.patient_id) == []
