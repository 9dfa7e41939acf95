"""Attacks on the second step: codes replayed, guessed, borrowed, and ways around it."""

from datetime import date

import pytest
from tests.attacks.racing import at_once
from tests.attacks.scenes import (
    CODE,
    PROOF,
    TEXT,
    by_link,
    code_now,
    events,
    inside,
    is_out,
    known,
    post_json,
    reasons,
    sees_no_chart,
)
from tests.builders import a_link_session, a_patient, a_phone, an_app
from tests.clock import held
from tests.sign_in.test_step import texted
from tests.stores import sent_to
from tests.visitors import a_browser

from portal import factors, recovery_codes, sessions, text_codes, totp, user_accounts
from portal.methods import Confidence, Method
from portal.patients import Patient
from portal.secrets_kept import hashed
from portal.tables import SessionRow


def papers_of(patient: Patient) -> list[str]:
    codes = recovery_codes.new()
    factors.add(patient.patient_id, recovery_codes.factor(codes))
    return codes


def tried(patient: Patient, **fields: str) -> int:
    return by_link(patient).post(CODE, **fields).status


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


def test_an_apps_secret_has_160_bits_of_its_own() -> None:
    made = {totp.new_secret() for _ in range(50)}

    assert len(made) == 50
    assert all(len(secret) == 32 for secret in made)
