"""The page of ways to sign in, remembered devices and sessions, and taking each of them away."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from pynamodb.exceptions import PutError
from pyotp import TOTP
from tests.builders import a_link_session, a_patient, a_phone, a_session, a_visitor
from tests.builders import an_app as an_authenticator
from tests.client import Client
from tests.clock import held
from tests.settings.accounts import (
    PAGE,
    a_number,
    beginning,
    by_link,
    elsewhere,
    events,
    factor_ids,
    is_in,
    reachable,
    session_id,
    texted,
    told,
)
from tests.visitors import a_browser, an_app, signed_in

from portal import devices, factors, links, passwords, recovery_codes, sessions, user_accounts
from portal.factors import Factor
from portal.methods import Confidence, Method
from portal.passkey_rows import lookup_row
from portal.patients import Patient
from portal.secrets_kept import hashed
from portal.tables import AuditRow, SessionRow

pytestmark = pytest.mark.usefixtures("portal")

A_PASSWORD = "umbrella quartz fennel canoe"


def remove_path(factor: Factor) -> str:
    return f"{PAGE}/factors/{factor.factor_id}/remove"


# ---- the page


def test_the_page_lists_ways_devices_and_sessions_in_plain_words() -> None:
    patient = a_patient()
    an_authenticator(patient)
    a_phone(patient, "+15555550187")
    factors.add(patient.patient_id, recovery_codes.factor(recovery_codes.new()))
    passwords.keep(patient.patient_id, A_PASSWORD)
    devices.remember(patient.patient_id, a_visitor(agent="Safari, iPad", country="CA"))
    link = links.new(patient.patient_id, hashed("a browser"))
    links.spend(link.token, a_visitor(agent="Firefox, Android", country="DE"), "")

    page = signed_in(patient).get(PAGE)

    assert page.status == 200
    for words in (
        "Authenticator app", "Code by text message", "ends in 87", "Recovery codes on paper",
        "10 codes left", "Password", "Added ", "Not used yet", "Safari, iPad", "Canada",
        "Firefox, Android", "Germany", "This device", "Sign out there", "Forget this device",
    ):  # fmt: skip
        assert words in page.text
    assert page.text.count(">This device<") == 1
    assert page.text.count("Sign out there") == 1
    assert "5555550187" not in page.text
    assert "settings.security-viewed" in events(patient)


def test_the_page_says_when_a_way_was_used_last(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
    secret = an_authenticator(patient)
    browser = by_link(patient)
    browser.post("/sign-in/step/code", method="totp", code=TOTP(secret).at(clock.moment))

    page = browser.get(PAGE)

    assert "Last used" in page.text
    assert "Not used yet" not in page.text


def test_the_app_gets_the_same_by_json() -> None:
    patient = a_patient()
    a_phone(patient)
    app = an_app(cookies={"session": a_session(patient)})

    view = app.get(PAGE).json

    (way,) = view["ways"]
    assert (way["kind"], way["used_at"]) == ("sms-code", "")
    assert view["may_change"] is True
    assert [each["is_this"] for each in view["sessions"]] == [True]


def test_names_that_look_like_markup_stay_text() -> None:
    patient = a_patient()
    factors.add(
        patient.patient_id, Factor(Method.TOTP, "<img src=x onerror=alert(1)>", {"secret": "A"})
    )

    page = signed_in(patient).get(PAGE)

    assert "<img" not in page.text
    assert "&lt;img" in page.text


def test_who_showed_no_factor_lately_sees_all_and_is_asked_before_a_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    a_phone(patient)
    browser = signed_in(patient)
    clock.advance(minutes=11)

    page = browser.get(PAGE)

    assert "Code by text message" in page.text
    assert "/sign-in/step?return_to=/settings/security" in page.text
    assert factor_ids(page) == []
    assert "/end" not in page.text
    asked = browser.get(f"{PAGE}/totp")
    assert asked.location == "/sign-in/step?return_to=%2Fsettings%2Fsecurity%2Ftotp"


def test_every_change_needs_a_factor_shown_minutes_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = reachable()
    a_phone(patient)
    (factor,) = factors.of(patient.patient_id)
    other, device = elsewhere(patient)
    browser = signed_in(patient)
    clock.advance(minutes=11)

    for path in (
        "totp", "totp/confirm", "phone", "phone/confirm", "recovery-codes", "password",
        f"factors/{factor.factor_id}/remove", "factors/password/remove",
        f"sessions/{session_id(other)}/end", f"devices/{hashed(device)}/forget",
        "sessions/others/end",
    ):  # fmt: skip
        answer = browser.post(f"{PAGE}/{path}", password=A_PASSWORD, confirm="yes")
        assert answer.status == 403, path
        assert "/sign-in/step" in answer.text

    assert [each.kind for each in factors.of(patient.patient_id)] == [Method.SMS_CODE]
    assert passwords.of(patient.patient_id) is None
    assert devices.is_remembered(patient.patient_id, device)


def test_a_link_alone_does_not_open_the_page() -> None:
    patient = a_patient()
    a_phone(patient)

    answer = by_link(patient).get(PAGE)

    assert (answer.status, answer.location) == (
        303,
        "/sign-in/step?return_to=%2Fsettings%2Fsecurity",
    )


def test_who_begins_sees_three_ways_to_choose_from_and_nothing_else() -> None:
    page = beginning(a_patient()).get(PAGE)

    assert page.status == 200
    assert "Choose your second step" in page.text
    for path in ("totp", "phone"):
        assert f'href="{PAGE}/{path}"' in page.text
    assert f'action="{PAGE}/passkey"' in page.text
    for words in (
        "Where you are signed in",
        "recovery-codes",
        f"{PAGE}/password",
        "/end",
        "/forget",
    ):
        assert words not in page.text


def test_who_begins_may_set_up_a_second_step_and_change_nothing_else() -> None:
    patient = a_patient()
    other = by_link(patient)
    device = devices.remember(patient.patient_id, a_visitor())
    passwords.keep(patient.patient_id, A_PASSWORD)
    browser = beginning(patient)

    for path in (
        "recovery-codes", "password", "factors/password/remove",
        f"sessions/{session_id(other)}/end", f"devices/{hashed(device)}/forget",
        "sessions/others/end",
    ):  # fmt: skip
        answer = browser.post(f"{PAGE}/{path}", password=A_PASSWORD, current=A_PASSWORD)
        assert answer.status == 403, path

    assert factors.of(patient.patient_id) == []
    assert is_in(other)
    assert devices.is_remembered(patient.patient_id, device)
    assert passwords.of(patient.patient_id)


# ---- what every change does


def add_app(browser: Client, _patient: Patient) -> str:
    browser.post(f"{PAGE}/totp")
    app = an_app(cookies=browser.cookies)
    secret = app.get(f"{PAGE}/totp/confirm").json["secret"]
    assert browser.post(f"{PAGE}/totp/confirm", code=TOTP(secret).now()).status == 303
    return "A way to sign in was added"


def add_phone(browser: Client, _patient: Patient) -> str:
    number = a_number()
    browser.post(f"{PAGE}/phone", phone=number)
    assert browser.post(f"{PAGE}/phone/confirm", code=texted(number)).status == 303
    return "A way to sign in was added"


def make_codes(browser: Client, _patient: Patient) -> str:
    assert browser.post(f"{PAGE}/recovery-codes").status == 200
    return "New recovery codes were made"


def set_password(browser: Client, _patient: Patient) -> str:
    assert browser.post(f"{PAGE}/password", password=A_PASSWORD).status == 303
    return "The password of your account was changed"


def remove_factor(browser: Client, patient: Patient) -> str:
    (factor,) = factors.of(patient.patient_id)
    assert browser.post(remove_path(factor), confirm="yes").status == 303
    return "A way to sign in was removed"


def remove_password(browser: Client, patient: Patient) -> str:
    passwords.keep(patient.patient_id, A_PASSWORD)
    assert browser.post(f"{PAGE}/factors/password/remove").status == 303
    return "A way to sign in was removed"


type Change = Callable[[Client, Patient], str]
CHANGES = [add_app, add_phone, make_codes, set_password, remove_factor, remove_password]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_ends_other_sessions_forgets_other_devices_and_is_told_twice(
    change: Change,
) -> None:
    patient = reachable()
    a_phone(patient, a_number())
    other, device = elsewhere(patient)
    here = devices.remember(patient.patient_id, a_visitor())
    browser = a_browser(cookies={"session": a_session(patient), "device": here})

    words = change(browser, patient)

    assert not is_in(other)
    assert is_in(browser)
    assert not devices.is_remembered(patient.patient_id, device)
    assert devices.is_remembered(patient.patient_id, here)
    by_mail, by_text = told(patient)
    assert words in by_mail
    assert words in by_text


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_that_cannot_be_recorded_is_not_made(
    change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = reachable()
    a_phone(patient, a_number())
    browser = signed_in(patient)

    def down(*_: object) -> None:
        raise PutError

    before = kept(patient)
    with monkeypatch.context() as patch:
        patch.setattr(AuditRow, "save", down)
        with pytest.raises((AssertionError, KeyError, IndexError)):  # nothing to go on with
            change(browser, patient)

    if change is not remove_password:  # it sets one first
        assert kept(patient) == before
    assert is_in(browser)


def kept(patient: Patient) -> set[str]:
    rows = user_accounts.rows(patient.patient_id, "factor#")
    return {row.sk for row in rows} | ({"password"} if passwords.of(patient.patient_id) else set())


# ---- removing


def test_one_of_two_is_removed_with_one_press_and_opens_nothing_any_more() -> None:
    patient = a_patient()
    secret = an_authenticator(patient)
    a_phone(patient)
    app_factor = factors.of(patient.patient_id, Method.TOTP)[0]
    browser = signed_in(patient)

    page = browser.get(remove_path(app_factor))
    answer = browser.post(remove_path(app_factor))

    assert "last second step" not in page.text
    assert (answer.status, answer.location) == (303, f"{PAGE}?done=removed")
    assert "Removed." in browser.get(answer.location).text
    assert [each.kind for each in factors.of(patient.patient_id)] == [Method.SMS_CODE]
    assert user_accounts.of(patient.patient_id).factors == 1
    code = TOTP(secret).now()
    assert by_link(patient).post("/sign-in/step/code", method="totp", code=code).status == 400
    assert "settings.factor-removed" in events(patient)


@pytest.mark.parametrize("has_paper", [False, True])
def test_the_last_second_step_is_removed_after_a_warning_only(has_paper: bool) -> None:
    """Codes on paper are no second step to live with."""
    patient = a_patient()
    a_phone(patient)
    if has_paper:
        factors.add(patient.patient_id, recovery_codes.factor(recovery_codes.new()))
    factor = factors.of(patient.patient_id, Method.SMS_CODE)[0]
    browser = signed_in(patient)

    warned = browser.get(remove_path(factor))
    refused = browser.post(remove_path(factor))
    assert "This is your last second step" in warned.text
    assert refused.status == 400
    assert "This is your last second step" in refused.text
    assert 'name="confirm" value="yes"' in refused.text
    assert factors.find(patient.patient_id, factor.factor_id)

    assert browser.post(remove_path(factor), confirm="yes").status == 303
    assert factors.find(patient.patient_id, factor.factor_id) is None


def test_the_app_is_told_of_the_last_one_by_json() -> None:
    patient = a_patient()
    a_phone(patient)
    (factor,) = factors.of(patient.patient_id)

    answer = an_app(cookies={"session": a_session(patient)}).post(remove_path(factor))

    assert answer.status == 400
    assert "confirm" in answer.json["errors"]


def test_without_a_second_step_a_link_opens_the_record_no_more() -> None:
    patient = a_patient()
    a_phone(patient)
    (factor,) = factors.of(patient.patient_id)
    signed_in(patient).post(remove_path(factor), confirm="yes")

    browser = by_link(patient)

    assert browser.get("/results").location.startswith("/sign-in/step")
    assert "Tell us two things" in browser.get("/sign-in/step").text


def test_a_passkey_goes_with_the_row_that_finds_it() -> None:
    patient = a_patient()
    a_phone(patient)
    secret = {"credential_id": f"id-{patient.patient_id}", "public_key": "AA", "transports": []}
    passkey = Factor(Method.PASSKEY, "Safari, iPhone", secret)
    finder = lookup_row(passkey, patient.patient_id)
    factors.add(patient.patient_id, passkey, finder)

    assert signed_in(patient).post(remove_path(passkey)).status == 303

    assert factors.find(patient.patient_id, passkey.factor_id) is None
    assert SessionRow.find(finder.pk, finder.sk) is None


def test_removing_twice_at_once_removes_one_and_counts_one() -> None:
    patient = a_patient()
    a_phone(patient)
    an_authenticator(patient)
    factor = factors.of(patient.patient_id, Method.TOTP)[0]
    cookie = a_session(patient)
    browsers = [a_browser(cookies={"session": cookie}) for _ in range(2)]

    def pressed(browser: Client) -> int:
        return browser.post(remove_path(factor)).status

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(pressed, browsers))

    assert answers == [303, 404]
    assert user_accounts.of(patient.patient_id).factors == 1
    assert [each.kind for each in factors.of(patient.patient_id)] == [Method.SMS_CODE]


# ---- other patients' ids


def test_ids_of_another_patient_are_missing_and_the_try_is_recorded() -> None:
    owner, thief = a_patient(), a_patient()
    a_phone(owner)
    (factor,) = factors.of(owner.patient_id)
    theirs, device = elsewhere(owner)
    browser = signed_in(thief)

    for method, path in (
        ("GET", f"factors/{factor.factor_id}/remove"),
        ("POST", f"factors/{factor.factor_id}/remove"),
        ("POST", "factors/password/remove"),
        ("POST", f"sessions/{session_id(theirs)}/end"),
        ("POST", f"devices/{hashed(device)}/forget"),
    ):
        answer = (
            browser.get(f"{PAGE}/{path}")
            if method == "GET"
            else browser.post(f"{PAGE}/{path}", confirm="yes")
        )
        assert answer.status == 404, path

    assert factors.find(owner.patient_id, factor.factor_id)
    assert is_in(theirs)
    assert devices.is_remembered(owner.patient_id, device)
    refused = events(thief, refused=True)
    assert refused.count("settings.factor-removed") == 3
    assert refused.count("settings.session-ended") == 1
    assert refused.count("settings.device-forgotten") == 1


@pytest.mark.parametrize("odd", ["x", "0" * 31, "0" * 65, "account", "..%2f", "A" * 32])
@pytest.mark.parametrize("path", ["factors/{}/remove", "sessions/{}/end", "devices/{}/forget"])
def test_a_malformed_id_is_missing_too(path: str, odd: str) -> None:
    assert signed_in(a_patient()).post(f"{PAGE}/{path.format(odd)}").status == 404


# ---- sessions and devices


def test_signing_out_there_ends_that_session_and_no_other() -> None:
    patient = a_patient()
    here, there, third = (signed_in(patient) for _ in range(3))

    answer = here.post(f"{PAGE}/sessions/{session_id(there)}/end")

    assert (answer.status, answer.location) == (303, f"{PAGE}?done=signed-out")
    assert "That device is signed out" in here.get(answer.location).text
    assert [is_in(each) for each in (here, there, third)] == [True, False, True]
    assert "settings.session-ended" in events(patient)


def test_signing_out_there_twice_is_missing_the_second_time() -> None:
    patient = a_patient()
    here, there = signed_in(patient), signed_in(patient)
    path = f"{PAGE}/sessions/{session_id(there)}/end"

    assert [here.post(path).status for _ in range(2)] == [303, 404]


def test_ending_ones_own_session_is_signing_out() -> None:
    browser = signed_in(a_patient())
    cookies = dict(browser.cookies)

    answer = browser.post(f"{PAGE}/sessions/{session_id(browser)}/end")

    assert (answer.status, answer.location) == (303, "/signed-out")
    assert "session" not in browser.cookies
    assert not is_in(a_browser(cookies=cookies))


def test_a_forgotten_device_must_show_a_second_step_again() -> None:
    patient = a_patient()
    user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
    a_phone(patient)
    device = devices.remember(patient.patient_id, a_visitor())

    answer = signed_in(patient).post(f"{PAGE}/devices/{hashed(device)}/forget")

    assert (answer.status, answer.location) == (303, f"{PAGE}?done=forgotten")
    link = links.new(patient.patient_id, hashed("a browser"))
    cookie = links.spend(link.token, a_visitor(device_cookie=device), "").cookie
    assert a_browser(cookies={"session": cookie}).get("/results").status == 303
    assert "settings.device-forgotten" in events(patient)


def test_forgetting_this_device_takes_its_cookie() -> None:
    patient = a_patient()
    device = devices.remember(patient.patient_id, a_visitor())
    browser = a_browser(cookies={"session": a_session(patient), "device": device})

    page = browser.get(PAGE)
    browser.post(f"{PAGE}/devices/{hashed(device)}/forget")

    assert page.text.count(">This device<") == 2
    assert "device" not in browser.cookies


def test_ended_and_idle_sessions_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    signed_in(patient)
    clock.advance(minutes=16)
    ended = signed_in(patient)
    sessions.end(ended.cookies["session"])

    page = signed_in(patient).get(PAGE)

    assert len(re.findall(r'id="session-\d+"', page.text)) == 1


def test_the_newest_twenty_sessions_are_listed_and_this_one_is_always_among_them() -> None:
    patient = a_patient()
    this = signed_in(patient)
    for _ in range(21):
        signed_in(patient)

    page = this.get(PAGE)
    view = an_app(cookies=this.cookies).get(PAGE).json

    assert len(re.findall(r'id="session-\d+"', page.text)) == 20
    assert page.text.count(">This device<") == 1
    assert "And 2 more." in page.text
    assert (len(view["sessions"]), view["more_sessions"]) == (20, 2)


def test_signing_out_everywhere_else_ends_all_but_this_one() -> None:
    patient, other = a_patient(), a_patient()
    here, *there = (signed_in(patient) for _ in range(3))
    theirs = signed_in(other)
    assert f'action="{PAGE}/sessions/others/end"' in here.get(PAGE).text

    answer = here.post(f"{PAGE}/sessions/others/end")

    assert answer.location == f"{PAGE}?done=others-signed-out"
    page = here.get(answer.location).text
    assert "You are signed out on every other device." in page
    assert "/sessions/others/end" not in page
    assert [is_in(each) for each in (here, *there, theirs)] == [True, False, False, True]
    assert "settings.session-ended" in events(patient)


def test_the_page_leads_to_the_hospitals_one_can_sign_in_with() -> None:
    browser = signed_in(a_patient())

    assert 'href="/sign-in/hospitals"' in browser.get(PAGE).text
    assert browser.get("/sign-in/hospitals").status == 200


def test_a_notice_that_was_made_up_says_nothing() -> None:
    page = signed_in(a_patient()).get(f"{PAGE}?done=<script>")

    assert "banner fine" not in page.text


# ---- a code on paper, used twice at once


def test_one_recovery_code_typed_twice_at_once_opens_one_session() -> None:
    patient = a_patient()
    a_phone(patient)
    codes = an_app(cookies={"session": a_session(patient)}).post(f"{PAGE}/recovery-codes").json
    browsers = [a_browser(cookies={"session": a_link_session(patient)}) for _ in range(2)]

    def typed(browser: Client) -> int:
        code = codes["codes"][3]
        return browser.post("/sign-in/step/code", method="recovery-code", code=code).status

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(typed, browsers)) == [303, 400]
    (factor,) = factors.of(patient.patient_id, Method.RECOVERY_CODE)
    assert recovery_codes.left(factor) == 9
