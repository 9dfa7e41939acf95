"""Attacks on passkeys: replayed, borrowed, phished, copied, taken over, downgraded."""

from dataclasses import replace
from typing import Any

import pytest
from tests.attacks.scenes import by_link, events, inside, is_out, known, sees_no_chart
from tests.authenticator import (
    ADD,
    PRESENT,
    SIGN_IN,
    VERIFIED,
    Authenticator,
    a_passkey,
    options_for,
    raw,
    sent,
    text,
)
from tests.builders import an_app
from tests.client import Client, Response
from tests.clock import held
from tests.stores import PORTAL_URL
from tests.visitors import a_browser

from portal import challenges, desk, factors, passkey_rows, sessions
from portal.methods import Method


def stranger() -> Client:
    return a_browser(accept="application/json")


def owner_of(patient: Any) -> Client:
    return inside(patient, accept="application/json")


def shown(client: Client, phone: Authenticator, **more: str) -> Response:
    return sent(client, SIGN_IN, phone.assertion(options_for(client, SIGN_IN)) | more)


def test_a_passkey_does_open_for_its_owner() -> None:
    client = stranger()

    assert shown(client, a_passkey(known())).status == 200
    assert not is_out(a_browser(cookies=client.cookies))


def test_an_answer_that_was_overheard_opens_nothing_again() -> None:
    phone, client, thief = a_passkey(known()), stranger(), stranger()
    answer = phone.assertion(options_for(client, SIGN_IN))
    assert sent(client, SIGN_IN, answer).status == 200

    assert sent(thief, SIGN_IN, answer).status == 401
    assert thief.cookies == {}


def test_an_answer_is_worthless_after_a_wrong_answer_to_the_same_challenge() -> None:
    phone, client = a_passkey(known()), stranger()
    options = options_for(client, SIGN_IN)
    wrong = Authenticator(credential_id=phone.credential_id, handle=phone.handle)

    assert sent(client, SIGN_IN, wrong.assertion(options)).status == 401
    assert sent(client, SIGN_IN, phone.assertion(options)).status == 401


def test_a_challenge_of_the_thiefs_own_making_is_not_taken() -> None:
    phone, client = a_passkey(known()), stranger()
    options = options_for(client, SIGN_IN) | {"challenge": text(b"c" * 32)}

    assert sent(client, SIGN_IN, phone.assertion(options)).status == 401


def test_an_old_challenge_is_worthless(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    phone, client = a_passkey(known()), stranger()
    options = options_for(client, SIGN_IN)

    clock.advance(seconds=challenges.LIFE_SECONDS)

    assert sent(client, SIGN_IN, phone.assertion(options)).status == 401


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        f"{PORTAL_URL}.evil.example",
        PORTAL_URL.replace(":4566", ""),
        PORTAL_URL.replace("http:", "https:"),
        PORTAL_URL.replace("portal.", "p0rtal."),
        "",
        "null",
        "android:apk-key-hash:abc",
    ],
    ids=ascii,
)
def test_a_passkey_phished_by_another_site_opens_nothing(origin: str) -> None:
    phone, client = a_passkey(known()), stranger()
    phone.origin = origin

    assert shown(client, phone).status == 401


@pytest.mark.parametrize("host", ["evil.example", "localhost", "portal.localhost.evil", ""])
def test_a_passkey_of_another_host_opens_nothing(host: str) -> None:
    phone, client = a_passkey(known()), stranger()
    phone.host = host

    assert shown(client, phone).status == 401


@pytest.mark.parametrize("more", [{"crossOrigin": True}, {"type": "webauthn.create"}, {"type": ""}])
def test_an_answer_given_inside_another_page_or_for_another_purpose_is_not_taken(
    more: dict[str, Any],
) -> None:
    phone, client = a_passkey(known()), stranger()
    phone.more_client_data = more

    assert shown(client, phone).status == 401


@pytest.mark.parametrize("flags", [0, PRESENT, VERIFIED], ids=["none", "no finger", "nobody"])
def test_a_found_key_without_its_owners_finger_opens_nothing(flags: int) -> None:
    phone, client = a_passkey(known()), stranger()
    phone.flags = flags

    assert shown(client, phone).status == 401


def test_another_key_with_the_victims_credential_id_opens_nothing() -> None:
    phone, client = a_passkey(known()), stranger()
    forged = Authenticator(credential_id=phone.credential_id, handle=phone.handle, counter=900)

    assert shown(client, forged).status == 401
    assert shown(stranger(), phone).status == 200, "and the owner is not locked out by the try"


def test_ones_own_passkey_with_the_victims_handle_opens_neither_account() -> None:
    victim, thief = a_passkey(known()), a_passkey(known())

    assert shown(stranger(), thief, user_handle=victim.handle).status == 401


def test_ones_own_passkey_with_the_victims_credential_id_opens_neither_account() -> None:
    victim, thief = a_passkey(known()), a_passkey(known())

    assert shown(stranger(), thief, credential_id=text(victim.credential_id)).status == 401


def test_ones_own_passkey_does_not_lift_a_stolen_session() -> None:
    thief_phone = a_passkey(known())
    stolen = by_link(known(), accept="application/json")

    assert shown(stolen, thief_phone).status == 401
    assert sees_no_chart(a_browser(cookies=stolen.cookies))


@pytest.mark.parametrize("bytes_of", ["signature", "authenticator_data", "client_data"])
def test_one_changed_bit_makes_an_answer_worthless(bytes_of: str) -> None:
    phone, client = a_passkey(known()), stranger()
    answer = phone.assertion(options_for(client, SIGN_IN))
    changed = bytearray(raw(answer[bytes_of]))
    changed[-1] ^= 1

    assert sent(client, SIGN_IN, answer | {bytes_of: text(bytes(changed))}).status == 401


@pytest.mark.parametrize("field", ["signature", "authenticator_data", "client_data", "user_handle"])
@pytest.mark.parametrize("value", ["AA", "e30", "A" * 19999], ids=["a null", "an object", "long"])
def test_nonsense_in_an_answer_is_a_refusal_and_no_error(field: str, value: str) -> None:
    phone, client = a_passkey(known()), stranger()

    assert shown(client, phone, **{field: value}).status == 401


def test_a_copy_that_counts_behind_the_original_is_refused_and_told() -> None:
    patient = known()
    phone = a_passkey(patient)
    copy = replace(phone)
    for _ in range(2):
        assert shown(stranger(), phone).status == 200

    assert shown(stranger(), copy).status == 401
    assert any("copied" in each for each in events(patient))


def test_a_removed_passkey_opens_nothing() -> None:
    patient = known()
    phone = a_passkey(patient)
    (factor,) = factors.of(patient.patient_id)
    factors.remove(patient.patient_id, factor, passkey_rows.lookup_row(factor))

    assert shown(stranger(), phone).status == 401


def test_a_passkey_whose_lookup_was_left_behind_opens_nothing() -> None:
    patient = known()
    phone = a_passkey(patient)
    (factor,) = factors.of(patient.patient_id)
    factors.remove(patient.patient_id, factor)

    assert shown(stranger(), phone).status == 401


def test_a_passkey_of_a_closed_account_opens_nothing() -> None:
    patient = known()
    phone = a_passkey(patient)
    desk.close(patient.patient_id, made_by="staff")

    assert shown(stranger(), phone).status == 401


def test_the_victims_passkey_cannot_be_taken_over_into_the_thiefs_account() -> None:
    """Credential ids are public: registering one again must not move it."""
    victim, thief = known(), known()
    phone = a_passkey(victim)
    browser = owner_of(thief)
    stolen = Authenticator(credential_id=phone.credential_id)

    answer = sent(browser, ADD, stolen.attestation(options_for(browser, ADD)))

    assert answer.status == 400
    client = stranger()
    assert shown(client, phone).status == 200
    session = sessions.live(client.cookies["session"])
    assert session is not None
    assert session.patient_id == victim.patient_id


def test_a_challenge_for_adding_does_not_sign_in_and_the_other_way_round() -> None:
    patient = known()
    phone = a_passkey(patient)
    browser = owner_of(patient)
    for_adding, for_signing = options_for(browser, ADD), options_for(browser, SIGN_IN)
    mixed = for_adding | {"challenge": for_signing["challenge"]}

    assert sent(stranger(), SIGN_IN, phone.assertion(for_adding)).status == 401
    assert sent(browser, ADD, Authenticator().attestation(mixed)).status == 400


def test_a_passkey_begun_in_the_thiefs_session_cannot_be_finished_in_the_victims() -> None:
    """Else the victim's click adds the thief's key to the victim's account."""
    victim, thief = owner_of(known()), owner_of(known())
    made = Authenticator().attestation(options_for(thief, ADD))

    assert sent(victim, ADD, made).status == 400


def test_another_site_cannot_add_a_passkey() -> None:
    patient = known()
    browser = owner_of(patient)
    made = Authenticator().attestation(options_for(browser, ADD))
    browser.origin = "https://evil.example"

    assert sent(browser, ADD, made).status == 403
    assert factors.of(patient.patient_id) == []


def test_a_session_by_link_adds_no_passkey_beside_the_owners_factor() -> None:
    patient = known()
    an_app(patient)
    thief = by_link(patient, accept="application/json")

    assert sent(thief, f"{ADD}/options", {}).status == 403


@pytest.mark.parametrize("flags", [0, PRESENT, VERIFIED])
def test_a_key_that_verifies_nobody_cannot_be_added(flags: int) -> None:
    browser = owner_of(known())

    made = Authenticator(flags=flags).attestation(options_for(browser, ADD))

    assert sent(browser, ADD, made).status == 400


@pytest.mark.parametrize("fmt", ["fido-u2f", "android-safetynet", "tpm", "apple", "evil"])
def test_an_attestation_nobody_asked_for_is_not_taken(fmt: str) -> None:
    browser = owner_of(known())

    made = Authenticator().attestation(options_for(browser, ADD), fmt)

    assert sent(browser, ADD, made).status == 400


def test_a_passkey_signed_in_over_a_planted_cookie_gets_a_cookie_of_its_own() -> None:
    planted = "p" * 43
    client = a_browser(accept="application/json", cookies={"session": planted})

    assert shown(client, a_passkey(known())).status == 200

    assert client.cookies["session"] != planted
    assert sessions.live(planted) is None


def test_a_step_with_a_passkey_voids_the_cookie_before_it() -> None:
    patient = known()
    phone = a_passkey(patient)
    browser = by_link(patient, accept="application/json")
    before = browser.cookies["session"]

    assert shown(browser, phone).status == 200

    assert sessions.live(before) is None
    session = sessions.live(browser.cookies["session"])
    assert session is not None
    assert Method.PASSKEY in session.methods
