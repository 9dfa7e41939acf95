"""Attacks on codes by text message and on paper: of another session, phone or account, or spent."""

import pytest
from tests.attacks.scenes import (
    CODE,
    TEXT,
    by_link,
    code_now,
    events,
    inside,
    known,
    papers_of,
    tried,
)
from tests.builders import a_phone, an_app
from tests.clock import held
from tests.sign_in.test_step import texted
from tests.stores import sent_to

from portal import factors, recovery_codes, text_codes
from portal.methods import Method
from portal.secrets_kept import hashed
from portal.tables import SessionRow


def test_a_text_to_the_thiefs_session_is_no_code_in_the_owners(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    patient = known()
    phone = a_phone(patient, "+15555550191")
    thief, owner = by_link(patient), by_link(patient)
    thief.post(TEXT)
    stolen = texted(phone)
    owner.post(TEXT)

    assert owner.post(CODE, method="sms-code", code=stolen).status == 400 or stolen == texted(phone)


def test_a_code_the_owner_reads_out_does_not_work_in_the_callers_session_after_a_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    patient = known()
    phone = a_phone(patient, "+15555550192")
    thief = by_link(patient)
    thief.post(TEXT)
    first = texted(phone)
    thief.post(TEXT)
    if texted(phone) != first:
        assert thief.post(CODE, method="sms-code", code=first).status == 400


def test_a_text_code_does_not_survive_a_change_of_the_phone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SIM swap: what was sent to the old number is nothing for the new one."""
    held(monkeypatch)
    patient = known()
    phone = a_phone(patient, "+15555550193")
    thief = by_link(patient)
    thief.post(TEXT)
    code = texted(phone)
    (old,) = factors.of(patient.patient_id, Method.SMS_CODE)
    factors.remove(patient.patient_id, old)
    a_phone(patient, "+15555550194")

    assert thief.post(CODE, method="sms-code", code=code).status == 400


def test_a_text_code_of_a_removed_phone_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    phone = a_phone(patient, "+15555550195")
    an_app(patient)
    thief = by_link(patient)
    thief.post(TEXT)
    (old,) = factors.of(patient.patient_id, Method.SMS_CODE)
    factors.remove(patient.patient_id, old)

    assert thief.post(CODE, method="sms-code", code=texted(phone)).status == 400


def test_a_text_code_is_no_apps_code_and_the_other_way_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    patient = known()
    phone = a_phone(patient, "+15555550196")
    secret = an_app(patient)
    thief = by_link(patient)
    thief.post(TEXT)

    assert thief.post(CODE, method="totp", code=texted(phone)).status == 400
    assert thief.post(CODE, method="sms-code", code=code_now(secret)).status == 400


def test_the_text_goes_to_the_confirmed_phone_whatever_the_form_says() -> None:
    patient = known()
    phone = a_phone(patient, "+15555550197")
    thief = by_link(patient)

    thief.post(TEXT, phone="+15555559999", to="+15555559999", return_to="/")

    assert sent_to("+15555559999") == []
    assert len(sent_to(phone)) == 1


def test_a_phone_cannot_be_made_to_ring_all_night() -> None:
    patient = known()
    a_phone(patient, "+15555550198")

    statuses = [by_link(patient).post(TEXT).status for _ in range(7)]

    assert statuses == [200] * 5 + [429] * 2


def test_a_new_phone_is_confirmed_by_its_own_code_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thief names the phone they hold after the code went to another."""
    held(monkeypatch)
    patient = known()
    owner = inside(patient)
    owner.post("/settings/security/phone", phone="+15555550161")
    first = texted("+15555550161")
    owner.post("/settings/security/phone", phone="+15555550162")

    if texted("+15555550162") != first:
        answer = owner.post("/settings/security/phone/confirm", code=first)
        assert answer.status == 400
    assert factors.of(patient.patient_id, Method.SMS_CODE) == []


def test_text_codes_of_the_table_are_no_codes() -> None:
    """Whoever reads the table finds a hash bound to session and phone."""
    patient = known()
    phone = a_phone(patient, "+15555550163")
    browser = by_link(patient)
    browser.post(TEXT)
    session_id = hashed(browser.cookies["session"])
    row = SessionRow.get(f"text-code#{session_id}", "code")

    assert not text_codes.is_right(session_id, phone, row.code or "")
    assert row.code != hashed(texted(phone))


def test_a_paper_code_of_another_account_opens_nothing() -> None:
    thief, victim = known(), known()
    own = papers_of(thief)
    papers_of(victim)

    assert tried(victim, method="recovery-code", code=own[0]) == 400
    assert tried(thief, method="recovery-code", code=own[0]) == 303


@pytest.mark.parametrize(
    "bend",
    [
        lambda c: c[:-1],
        lambda c: c + "a",
        lambda c: c[:4] * 4,
        lambda c: c[5:] + c[:5],
        lambda c: c[::-1],
    ],
    ids=["short", "long", "a group", "turned", "backwards"],
)
def test_a_part_of_a_paper_code_is_no_code(bend: object) -> None:
    patient = known()
    code = papers_of(patient)[0]
    bent = bend(code)  # type: ignore[operator]

    assert tried(patient, method="recovery-code", code=bent) == 400


def test_the_kept_hash_of_a_paper_code_is_no_code() -> None:
    patient = known()
    papers_of(patient)
    (factor,) = factors.of(patient.patient_id)

    assert tried(patient, method="recovery-code", code=factor.secret["hashes"][0]) == 400


def test_a_spent_paper_code_stays_spent_when_written_differently() -> None:
    patient = known()
    code = papers_of(patient)[3]
    assert tried(patient, method="recovery-code", code=code) == 303

    for again in (code.upper(), code.replace("-", ""), f" {code} ", code.replace("-", "\t")):
        assert tried(patient, method="recovery-code", code=again) == 400


def test_all_paper_codes_are_spent_after_ten() -> None:
    patient = known()
    codes = papers_of(patient)
    for code in codes:
        assert recovery_codes.is_right(patient.patient_id, code)

    assert not any(recovery_codes.is_right(patient.patient_id, code) for code in codes)


def test_a_used_paper_code_is_told_to_the_owner() -> None:
    patient = known()

    tried(patient, method="recovery-code", code=papers_of(patient)[0])

    assert "sign-in.recovery-code-used" in events(patient)
