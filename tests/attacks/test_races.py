"""Attacks by being quick: the same thing spent twice at once, or used while it is taken away."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.activate import openings
from tests.attacks.racing import at_once
from tests.attacks.scenes import (
    CODE,
    TEXT,
    a_sent_link,
    by_link,
    code_now,
    inside,
    is_out,
    known,
    sees_no_chart,
    spend,
)
from tests.authenticator import SIGN_IN, a_passkey, options_for, sent
from tests.builders import a_link_session, a_patient, a_phone, a_visitor, an_app
from tests.client import Client
from tests.clock import held
from tests.sign_in.test_step import texted
from tests.staff.colleagues import a_colleague, a_review, id_of, is_in
from tests.visitors import a_browser

from portal import (
    challenges,
    desk,
    devices,
    factors,
    links,
    passkeys,
    passwords,
    recovery_codes,
    session_rows,
    sessions,
    staff_people,
    totp,
    user_accounts,
)
from portal.roles import Role
from portal.secrets_kept import hashed

RIGHT = "correct horse battery staple"


def stepping(browser: Client, method: str, code: str) -> Callable[[], int]:
    return lambda: browser.post(CODE, method=method, code=code).status


def pressing(browser: Client, link: links.Link, code: str = "") -> Callable[[], int]:
    return lambda: spend(browser, link, code)


def test_a_link_and_its_code_pressed_by_strangers_at_once_open_one_session() -> None:
    patient = known()
    owner, link = a_sent_link(patient)
    strangers = [a_browser() for _ in range(7)]

    statuses = at_once(pressing(owner, link), *(pressing(s, link, link.code) for s in strangers))

    assert statuses.count(303) == 1
    assert len(sessions.listed(patient.patient_id)) == 1


def test_an_older_and_a_newer_link_pressed_at_once_open_one_session() -> None:
    patient = known()
    browser, older = a_sent_link(patient)
    newer = links.new(patient.patient_id, hashed(browser.cookies["browser"]))
    other = replace(browser, cookies=dict(browser.cookies))

    statuses = at_once(pressing(browser, older), pressing(other, newer))

    assert statuses[0] == 401
    assert len(sessions.listed(patient.patient_id)) == 1


@pytest.mark.parametrize("turn", range(3))
def test_a_link_pressed_while_all_sessions_are_ended_leaves_nobody_in(turn: int) -> None:  # noqa: ARG001
    """Whichever is first: after both, the thief is out or came in after the end, by a link that
    was still good. A link that was there before the end is not."""
    patient = known()
    thief, link = a_sent_link(patient)

    at_once(pressing(thief, link), lambda: sessions.end_all(patient.patient_id))

    assert is_out(thief) or sessions.listed(patient.patient_id) == []


@pytest.mark.parametrize("turn", range(3))
def test_a_link_pressed_while_the_account_is_closed_leaves_nobody_in(turn: int) -> None:  # noqa: ARG001
    patient = known()
    thief, link = a_sent_link(patient)

    at_once(pressing(thief, link), lambda: desk.close(patient.patient_id, "staff"))

    assert is_out(thief)


def test_one_code_of_an_app_in_eight_sessions_at_once_opens_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    patient = known()
    code = code_now(an_app(patient))
    browsers = [by_link(patient) for _ in range(8)]

    statuses = at_once(*(stepping(each, "totp", code) for each in browsers))

    assert statuses.count(303) == 1
    assert sum(not sees_no_chart(each) for each in browsers) == 1


def test_one_paper_code_in_eight_sessions_at_once_opens_one() -> None:
    patient = known()
    codes = recovery_codes.new()
    factors.add(patient.patient_id, recovery_codes.factor(codes))
    browsers = [by_link(patient) for _ in range(8)]

    statuses = at_once(*(stepping(each, "recovery-code", codes[0]) for each in browsers))

    assert statuses.count(303) == 1


def test_two_paper_codes_at_once_are_both_spent_or_still_good_but_never_doubled() -> None:
    patient = known()
    codes = recovery_codes.new()
    factors.add(patient.patient_id, recovery_codes.factor(codes))

    rights = at_once(
        *(lambda code=code: recovery_codes.is_right(patient.patient_id, code) for code in codes[:6])
    )
    later = [recovery_codes.is_right(patient.patient_id, code) for code in codes[:6]]

    assert [one + other for one, other in zip(rights, later, strict=True)] == [1] * 6


def test_one_text_code_sent_many_times_at_once_opens_one_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    patient = known()
    phone = a_phone(patient, "+15555550111")
    browser = by_link(patient)
    browser.post(TEXT)
    code = texted(phone)
    copies = [replace(browser, cookies=dict(browser.cookies)) for _ in range(8)]

    statuses = at_once(*(stepping(each, "sms-code", code) for each in copies))

    assert statuses.count(303) == 1
    assert len(sessions.listed(patient.patient_id)) == 1


def test_guesses_at_a_text_code_at_once_do_not_outrun_five_tries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    monkeypatch.setattr("functions.sign_in.step.CODES_PER_ACCOUNT", 1000)
    patient = known()
    phone = a_phone(patient, "+15555550112")
    browser = by_link(patient)
    browser.post(TEXT)
    right = texted(phone)
    copies = [replace(browser, cookies=dict(browser.cookies)) for _ in range(12)]

    at_once(*(stepping(each, "sms-code", "00000x") for each in copies))

    assert stepping(browser, "sms-code", right)() == 400


def test_one_activation_code_typed_by_many_at_once_opens_one_session() -> None:
    patient = a_patient()
    made = openings.given(patient)
    browsers = [a_browser() for _ in range(5)]

    answers = at_once(
        *(lambda each=each: openings.type_code(each, made, patient).status for each in browsers)
    )

    assert answers.count(303) == 1
    assert len(sessions.listed(patient.patient_id)) == 1


def test_an_activations_link_and_its_code_at_once_open_one_session() -> None:
    patient = a_patient()
    made = openings.given(patient)
    one, other = a_browser(), a_browser()

    statuses = at_once(
        lambda: openings.type_code(one, made, patient).status,
        lambda: openings.open_link(other, made, patient).status,
    )

    assert statuses.count(303) == 1
    assert len(sessions.listed(patient.patient_id)) == 1


def test_an_activation_used_while_a_newer_one_is_made_is_one_session_at_most() -> None:
    patient = a_patient()
    made, thief = openings.given(patient), a_browser()

    at_once(
        lambda: openings.open_link(thief, made, patient).status,
        lambda: openings.given(patient),
    )

    assert openings.open_link(a_browser(), made, patient).status == 401


def test_guesses_at_an_activation_at_once_do_not_outrun_five_tries() -> None:
    patient = a_patient()
    made = openings.given(patient)

    at_once(
        *(
            lambda: a_browser().post(f"/activate/{made.token}", born_on="1970-01-01").status
            for _ in range(12)
        )
    )

    assert openings.open_link(a_browser(), made, patient).status == 401


def test_a_registration_code_typed_by_many_at_once_opens_one_session() -> None:
    patient = a_patient()
    browser, code = openings.registered(patient)
    copies = [replace(browser, cookies=dict(browser.cookies)) for _ in range(5)]

    statuses = at_once(
        *(
            lambda each=each: each.post("/activate/register/code", code=code).status
            for each in copies
        )
    )

    assert statuses.count(303) == 1
    assert len(sessions.listed(patient.patient_id)) == 1


def test_one_answer_of_a_passkey_sent_many_times_at_once_opens_one_session() -> None:
    patient = known()
    phone = a_passkey(patient)
    apps = [a_browser(accept="application/json") for _ in range(8)]
    answer = phone.assertion(options_for(apps[0], SIGN_IN))
    before = len(sessions.listed(patient.patient_id))

    statuses = at_once(*(lambda app=app: sent(app, SIGN_IN, answer).status for app in apps))

    assert sorted(statuses) == [200] + [401] * 7
    assert len(sessions.listed(patient.patient_id)) == before + 1


def test_a_copied_passkey_used_at_the_same_moment_is_noticed() -> None:
    patient = known()
    phone = a_passkey(patient)
    copy = replace(phone)
    apps = [a_browser(accept="application/json") for _ in range(2)]
    answers = [
        each.assertion(options_for(app, SIGN_IN))
        for each, app in zip((phone, copy), apps, strict=True)
    ]

    statuses = at_once(
        *(
            lambda app=app, answer=answer: sent(app, SIGN_IN, answer).status
            for app, answer in zip(apps, answers, strict=True)
        )
    )

    assert statuses.count(200) <= 1


def test_a_challenge_is_spent_by_one_of_many() -> None:
    challenge = challenges.new("sign-in")

    spent = at_once(*(lambda: challenges.spend(challenge, "sign-in") for _ in range(8)))

    assert spent.count(True) == 1


def test_two_steps_at_once_leave_one_cookie(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    codes = [code_now(an_app(patient)) for _ in range(4)]
    cookie = a_link_session(patient)
    browsers = [a_browser(cookies={"session": cookie}) for _ in codes]

    at_once(*(stepping(b, "totp", code) for b, code in zip(browsers, codes, strict=True)))

    assert len(sessions.listed(patient.patient_id)) == 1
    assert is_out(a_browser(cookies={"session": cookie}))


@pytest.mark.parametrize("turn", range(3))
def test_a_step_while_all_sessions_are_ended_leaves_nobody_in(
    turn: int,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    patient = known()
    code = code_now(an_app(patient))
    thief = by_link(patient)

    at_once(stepping(thief, "totp", code), lambda: sessions.end_all(patient.patient_id))

    assert is_out(thief)


@pytest.mark.parametrize("turn", range(3))
def test_a_sign_out_while_pages_are_read_is_not_undone_by_them(
    turn: int,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each look marks the session as seen: that must not bring its row back."""
    clock = held(monkeypatch)
    owner = inside(known())
    readers = [a_browser(cookies=dict(owner.cookies)) for _ in range(6)]
    clock.advance(seconds=session_rows.TOUCH_SECONDS + 1)

    at_once(
        lambda: owner.post("/sign-out").status,
        *(lambda each=each: each.get("/").status for each in readers),
    )

    assert all(map(is_out, readers))


def test_after_signing_out_everywhere_no_reader_sees_another_page() -> None:
    """The answer of the sign-out is the line: whoever asks after it is refused."""
    patient = known()
    owner = inside(patient)
    readers = [inside(patient) for _ in range(5)]

    owner.post("/sign-out", everywhere="yes")
    statuses = at_once(*(lambda each=each: each.get("/results").status for each in readers))

    assert set(statuses) == {303}


def test_a_factor_removed_in_the_middle_of_its_use_opens_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    patient = known()
    secret = an_app(patient)
    thief = by_link(patient)
    check = totp.matching_step

    def then_removed(kept: str, code: str) -> int | None:
        step = check(kept, code)
        for each in factors.of(patient.patient_id):
            factors.remove(patient.patient_id, each)
        return step

    monkeypatch.setattr(totp, "matching_step", then_removed)

    assert stepping(thief, "totp", code_now(secret))() == 400
    assert factors.of(patient.patient_id) == []


def test_a_passkey_removed_in_the_middle_of_its_use_opens_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient = known()
    phone = a_passkey(patient)
    app = a_browser(accept="application/json")
    note = passkeys.note_use

    def removed_first(patient_id: str, factor: factors.Factor, *more: int, **facts: bool) -> None:
        factors.remove(patient_id, factor)
        note(patient_id, factor, *more, **facts)

    monkeypatch.setattr(passkeys, "note_use", removed_first)

    assert sent(app, SIGN_IN, phone.assertion(options_for(app, SIGN_IN))).status == 401
    assert factors.of(patient.patient_id) == []


def test_a_factor_confirmed_many_times_at_once_is_one_factor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    patient = known()
    an_app(patient)
    owner = inside(patient, accept="application/json")
    secret = owner.post("/settings/security/totp").json["secret"]
    copies = [replace(owner, cookies=dict(owner.cookies)) for _ in range(4)]
    confirm = "/settings/security/totp/confirm"

    at_once(
        *(lambda each=each: each.post(confirm, code=code_now(secret)).status for each in copies)
    )

    assert len(factors.of(patient.patient_id)) == 2
    assert user_accounts.of(patient.patient_id).factors == 2


def test_a_factor_removed_many_times_at_once_is_counted_once() -> None:
    """The count decides who may begin: it must not fall below what there is."""
    patient = known()
    for _ in range(2):
        an_app(patient)
    gone = factors.of(patient.patient_id)[0]

    removed = at_once(*(lambda: factors.remove(patient.patient_id, gone) for _ in range(8)))

    assert removed.count(True) == 1
    assert user_accounts.of(patient.patient_id).factors == 1


def test_a_session_ended_while_its_factor_is_confirmed_leaves_no_factor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The owner ends the thief's session while the thief adds an app."""
    held(monkeypatch)
    patient = known()
    an_app(patient)
    thief = inside(patient, accept="application/json")
    secret = thief.post("/settings/security/totp").json["secret"]
    check = totp.matching_step

    def then_ended(kept: str, code: str) -> int | None:
        sessions.end(thief.cookies["session"])
        return check(kept, code)

    monkeypatch.setattr(totp, "matching_step", then_ended)

    answer = thief.post("/settings/security/totp/confirm", code=code_now(secret))

    assert answer.status == 401
    assert len(factors.of(patient.patient_id)) == 1


def test_everything_ended_while_a_factor_is_confirmed_leaves_no_factor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The owner signs out everywhere, or staff recovers the account, at that moment."""
    held(monkeypatch)
    patient = known()
    an_app(patient)
    thief = inside(patient, accept="application/json")
    secret = thief.post("/settings/security/totp").json["secret"]
    check = totp.matching_step

    def then_ended(kept: str, code: str) -> int | None:
        sessions.end_all(patient.patient_id)
        return check(kept, code)

    monkeypatch.setattr(totp, "matching_step", then_ended)

    thief.post("/settings/security/totp/confirm", code=code_now(secret))

    assert len(factors.of(patient.patient_id)) == 1


def test_a_device_forgotten_while_it_is_used_lifts_nothing_afterwards() -> None:
    patient = known()
    device = devices.remember(patient.patient_id, a_visitor())

    at_once(
        *(lambda: devices.is_remembered(patient.patient_id, device) for _ in range(5)),
        lambda: devices.drop(patient.patient_id, hashed(device)),
    )

    assert not devices.is_remembered(patient.patient_id, device)
    assert devices.of(patient.patient_id) == []


def test_wrong_passwords_at_once_are_all_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MOST_WRONG", 3)
    monkeypatch.setattr(passwords, "is_hash_of", lambda _kept, typed: typed == RIGHT)
    patient = known()
    passwords.keep(patient.patient_id, RIGHT)

    at_once(*(lambda: passwords.is_right(patient.patient_id, "wrong") for _ in range(6)))

    assert not passwords.is_right(patient.patient_id, RIGHT)


def test_a_password_used_while_it_is_removed_does_not_come_back() -> None:
    patient = known()
    passwords.keep(patient.patient_id, RIGHT)

    def use() -> bool:
        try:
            passwords.used(patient.patient_id, RIGHT)
        except Exception:
            return False
        return True

    at_once(use, lambda: passwords.remove(patient.patient_id))

    assert passwords.of(patient.patient_id) is None


def test_one_review_taken_by_two_at_once_is_ones() -> None:
    review_id = a_review(known())
    officers = [a_colleague(Role.PRIVACY_OFFICER) for _ in range(4)]

    statuses = at_once(
        *(
            lambda each=each: each.post(f"/staff/reviews/{review_id}/take").status
            for each in officers
        )
    )

    assert statuses.count(303) == 1


def test_staff_signed_out_while_they_read_are_out_afterwards() -> None:
    nurse = a_colleague(Role.NURSE)
    subject_id = id_of(nurse)
    copies = [a_browser(cookies=dict(nurse.cookies)) for _ in range(5)]

    at_once(
        lambda: staff_people.end_sessions(subject_id),
        *(lambda each=each: each.get("/staff").status for each in copies),
    )

    assert not any(map(is_in, copies))


def test_the_count_of_a_throttle_is_exact_under_twenty_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.sign_in.app.SPENDS_PER_SOURCE", 4)
    source = a_browser().source
    thieves = [a_browser() for _ in range(20)]
    for each in thieves:
        each.source = source

    statuses = at_once(
        *(lambda each=each: each.post(f"/sign-in/{'C' * 22}").status for each in thieves)
    )

    assert statuses.count(401) == 4
    assert statuses.count(429) == 16
