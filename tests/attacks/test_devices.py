"""Attacks on remembered devices: copied, forged, borrowed, outlived."""

import pytest
from tests.attacks.scenes import (
    CODE,
    a_sent_link,
    by_link,
    caller_of,
    code_now,
    inside,
    is_out,
    known,
    post_raw,
    sees_no_chart,
    spend,
)
from tests.builders import a_visitor, an_app
from tests.client import Client
from tests.clock import held
from tests.visitors import a_browser

from portal import desk, devices, factors, sessions, user_accounts
from portal.audit import Event
from portal.methods import Method
from portal.patients import Patient
from portal.secrets_kept import hashed
from portal.tables import SessionRow


def with_device(patient: Patient, device: str) -> Client:
    """Opens a fresh link in a browser that shows this device cookie."""
    browser, link = a_sent_link(patient)
    browser.cookies["device"] = device
    assert spend(browser, link) == 303
    return browser


def a_device(patient: Patient) -> str:
    return devices.remember(patient.patient_id, a_visitor(agent="Firefox, Android"))


def test_the_owners_device_does_spare_the_step() -> None:
    """What the thief is after."""
    patient = known()

    assert not sees_no_chart(with_device(patient, a_device(patient)))


def test_a_device_of_another_account_is_no_second_factor() -> None:
    thief, victim = known(), known()

    assert sees_no_chart(with_device(victim, a_device(thief)))


@pytest.mark.parametrize(
    "bend",
    [hashed, str.swapcase, lambda c: c[:-1], lambda c: f"device#{hashed(c)}", lambda _: "yes"],
    ids=["its hash", "other letters", "shorter", "its key", "a yes"],
)
def test_a_bent_device_cookie_is_no_device(bend: object) -> None:
    patient = known()
    bent = bend(a_device(patient))  # type: ignore[operator]

    assert sees_no_chart(with_device(patient, bent))


def test_the_id_in_the_list_of_devices_is_no_device() -> None:
    patient = known()
    a_device(patient)
    (listed,) = devices.of(patient.patient_id)

    assert sees_no_chart(with_device(patient, listed.device_id))


def test_a_device_alone_opens_nothing() -> None:
    """A stolen laptop without the mailbox."""
    device = a_device(known())

    assert is_out(a_browser(cookies={"device": device}))
    assert is_out(a_browser(cookies={"session": device, "device": device}))


def test_a_device_cookie_in_a_live_session_by_link_does_not_raise_it_by_itself() -> None:
    patient = known()
    an_app(patient)
    thief = by_link(patient)
    thief.cookies["device"] = a_device(patient)

    assert sees_no_chart(thief)


def test_a_device_is_not_fresh_enough_to_change_the_ways_to_sign_in() -> None:
    patient = known()
    an_app(patient)
    thief = with_device(patient, a_device(patient))

    assert "/sign-in/step" in thief.get("/settings/security/totp").location
    assert thief.post("/settings/security/phone", phone="+15555550151").status == 403
    assert thief.post("/settings/security/recovery-codes").status == 403


@pytest.mark.parametrize(
    "how", ["forgotten", "signed out everywhere", "closed", "a factor changed"]
)
def test_a_copied_device_cookie_dies_with_the_device(how: str) -> None:
    patient = known()
    device = a_device(patient)
    if how == "forgotten":
        devices.drop(patient.patient_id, hashed(device))
    elif how == "signed out everywhere":
        inside(patient).post("/sign-out", everywhere="yes")
    elif how == "closed":
        desk.close(patient.patient_id, made_by="staff")
        desk.reopen(patient.patient_id, made_by="staff")
    else:
        owner = inside(patient)
        caller = caller_of(owner, patient)
        factors.changed(caller, Event.FACTOR_ADDED)

    assert sees_no_chart(with_device(patient, device))


def test_a_device_is_forgotten_after_ninety_days_also_when_used_daily(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    patient = known()
    device = a_device(patient)
    for _ in range(9):
        clock.advance(days=10)
        devices.is_remembered(patient.patient_id, device)

    assert not devices.is_remembered(patient.patient_id, device)


def test_seeing_a_device_that_is_being_forgotten_does_not_bring_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient = known()
    device = a_device(patient)
    found = SessionRow.find

    def then_forgotten(pk: str, sk: str) -> SessionRow | None:
        row = found(pk, sk)
        if sk.startswith("device#"):
            SessionRow(pk, sk).delete()
        return row

    monkeypatch.setattr(SessionRow, "find", then_forgotten)

    assert not devices.is_remembered(patient.patient_id, device)
    assert devices.of(patient.patient_id) == []


def test_a_device_made_while_all_are_forgotten_is_void() -> None:
    patient = known()
    account = user_accounts.of(patient.patient_id)
    user_accounts.begin_again(patient.patient_id)
    device = a_device(patient)
    row = SessionRow.get(f"account#{patient.patient_id}", f"device#{hashed(device)}")
    row.update([SessionRow.generation.set(account.generation)])

    assert not devices.is_remembered(patient.patient_id, device)


def test_of_two_device_cookies_the_owners_is_not_searched_for() -> None:
    """Only the first counts: no trying of many in one request."""
    thief, victim = known(), known()
    browser, link = a_sent_link(victim)
    cookies = [f"browser={browser.cookies['browser']}", f"device={a_device(thief)}"]
    cookies += [f"device={a_device(victim)}"]
    stranger = a_browser()

    post_raw(stranger, f"/sign-in/{link.token}", "", cookie="; ".join(cookies))

    session = sessions.live(stranger.cookies["session"])
    assert session is not None
    assert Method.DEVICE not in session.methods


def test_a_device_named_like_a_script_is_shown_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    secret = an_app(patient)
    evil = '<script>alert(1)</script> Mozilla/5.0 (X11; Linux) Firefox/130.0 "><img src=x>'
    browser = by_link(patient)
    form = f"method=totp&code={code_now(secret)}&remember=yes"
    assert post_raw(browser, CODE, form, **{"user-agent": evil}).status == 303

    page = browser.get("/settings/security").text

    assert "alert(1)" not in page
    assert "<img" not in page


@pytest.mark.parametrize("remember", ["no", "YES", "1", "true", "yes "])
def test_a_device_is_remembered_for_a_plain_yes_only(
    remember: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(monkeypatch)
    patient = known()
    browser = by_link(patient)

    browser.post(CODE, method="totp", code=code_now(an_app(patient)), remember=remember)

    assert "device" not in browser.cookies
    assert devices.of(patient.patient_id) == []


def test_the_table_holds_no_device_cookie() -> None:
    device = a_device(known())

    assert not any(device in str(row.attribute_values) for row in SessionRow.scan())


def test_whoever_steals_a_device_cannot_hide_it_from_its_owner() -> None:
    patient = known()
    device = a_device(patient)
    thief = with_device(patient, device)
    thief.get("/results")

    assert [each.device_id for each in devices.of(patient.patient_id)] == [hashed(device)]
    assert thief.post(f"/settings/security/devices/{hashed(device)}/forget").status == 403
