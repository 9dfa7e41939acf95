"""Attacks on coming back from a hospital: the state, the code, and who says to answer."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import pytest
from infra.local.ehr_profiles import EPIC, Profile
from infra.local.ehr_sign_in import EhrSignIn
from tests.builders import a_patient
from tests.sign_in.hospital import (
    SMART,
    at_hospital,
    begun,
    changed,
    is_refused,
    parts_of,
    pressed,
    publishes,
    signs_in,
)
from tests.visitors import a_browser

from portal.tables import SessionRow

pytestmark = pytest.mark.usefixtures("portal")

type Patch = pytest.MonkeyPatch


# ---- the state ----------------------------------------------------------------------------------


def test_the_same_return_twice_signs_in_once(ehr: EhrSignIn) -> None:
    browser = a_browser()
    back = pressed(begun(browser), at_hospital(ehr, a_patient()))
    cookies = dict(browser.cookies)
    assert browser.get(back).status == 303

    again = a_browser(cookies=cookies)

    assert is_refused(again, again.get(back), "sso-state")


def test_of_twenty_returns_at_once_one_signs_in(ehr: EhrSignIn, monkeypatch: Patch) -> None:
    monkeypatch.setattr("portal.throttles.count", lambda *_: None)
    browser = a_browser()
    back = pressed(begun(browser), at_hospital(ehr, a_patient()))
    racers = [a_browser(cookies=dict(browser.cookies)) for _ in range(20)]

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda each: each.get(back).status, racers))

    assert statuses.count(303) == 1
    assert statuses.count(400) == 19


def test_a_return_in_another_browser_signs_nobody_in_there(ehr: EhrSignIn) -> None:
    """Login CSRF: the attacker's own return, opened by the victim."""
    attacker, victim = a_browser(), a_browser()
    back = pressed(begun(attacker), at_hospital(ehr, a_patient()))

    assert is_refused(victim, victim.get(back), "sso-state")

    begun(victim)  # with a cookie of another sign-in, too
    assert is_refused(victim, victim.get(back), "sso-state")
    assert attacker.get(back).status == 303, "and it costs the rightful browser nothing"


@pytest.mark.parametrize("state", ["", "A" * 43, "a" * 200, "' OR 1=1 --"])
def test_an_invented_state_is_refused(state: str, ehr: EhrSignIn) -> None:
    browser = a_browser()
    back = pressed(begun(browser), at_hospital(ehr, a_patient()))

    assert is_refused(browser, browser.get(changed(back, state=state)), "sso-state")


def test_a_state_longer_than_any_of_ours_is_refused_unread(ehr: EhrSignIn) -> None:
    browser = a_browser()
    back = pressed(begun(browser), at_hospital(ehr, a_patient()))

    assert browser.get(changed(back, state="a" * 201)).status == 400
    assert browser.get(changed(back, code="a" * 6001)).status == 400


def test_a_state_is_kept_as_a_hash_and_sealed(ehr: EhrSignIn) -> None:
    browser = a_browser()
    asked = parts_of(begun(browser))

    found = [row for row in SessionRow.scan() if row.pk.startswith("sso#")]
    kept = str([row.serialize() for row in found])
    for secret in (asked["state"], asked["nonce"], browser.cookies["browser"], ehr.url):
        assert secret not in kept
    assert f"sso#{sha256(asked['state'].encode()).hexdigest()}" in {row.pk for row in found}


def test_a_state_of_another_rooms_sign_in_opens_no_account(ehr: EhrSignIn) -> None:
    from portal import oidc, organisations
    from portal.secrets_kept import hashed

    browser = a_browser(cookies={"browser": "of-staff"})
    callback = ehr.clients["portal"].redirect_uri
    provider = organisations.with_id("epic-hospital").provider
    url = oidc.begin(provider, callback, "staff", "", hashed("of-staff")).url

    answer = browser.get(pressed(url, at_hospital(ehr, a_patient())))

    assert is_refused(browser, answer, "sso-state")


# ---- the code -----------------------------------------------------------------------------------


def test_a_stolen_code_is_worth_nothing_in_another_sign_in(ehr: EhrSignIn) -> None:
    """Code injection: PKCE binds a code to the verifier of the sign-in that asked for it."""
    victim, attacker = a_browser(), a_browser()
    stolen = parts_of(pressed(begun(victim), at_hospital(ehr, a_patient())))["code"]
    own = pressed(begun(attacker), at_hospital(ehr, a_patient()))

    assert is_refused(attacker, attacker.get(changed(own, code=stolen)), "sso-token")


def test_a_code_of_another_hospital_is_worth_nothing(ehr: EhrSignIn) -> None:
    browser, other = a_browser(), a_browser()
    sub = at_hospital(ehr, a_patient())
    stolen = parts_of(pressed(begun(other, "oracle-hospital"), sub))["code"]
    own = pressed(begun(browser), sub)

    assert is_refused(browser, browser.get(changed(own, code=stolen)), "sso-token")


@pytest.mark.parametrize("code", ["", "invented"])
def test_no_code_or_an_invented_one_is_refused(code: str, ehr: EhrSignIn) -> None:
    browser = a_browser()
    back = pressed(begun(browser), at_hospital(ehr, a_patient()))

    assert is_refused(
        browser, browser.get(changed(back, code=code)), "sso-token" if code else "sso-denied"
    )


def test_a_request_stripped_of_its_challenge_gets_no_code(ehr: EhrSignIn) -> None:
    """PKCE downgrade on the way: the attacker drops the challenge to inject a code later."""
    browser = a_browser()
    url = begun(browser)
    stripped = changed(url, code_challenge="", code_challenge_method="")

    back = pressed(f"{ehr.url}{stripped}", at_hospital(ehr, a_patient()))

    assert parts_of(back)["error"] == "invalid_request"
    assert is_refused(browser, browser.get(back), "sso-denied")


@pytest.mark.parametrize("methods", [["plain"], []])
def test_a_server_that_takes_no_s256_is_not_asked(
    methods: list[str], ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    publishes(ehr, monkeypatch, SMART, code_challenge_methods_supported=methods)
    browser = a_browser()

    answer = browser.post("/sign-in/with/epic-hospital")

    assert answer.status == 503
    assert is_refused(browser, answer, "sso-server")


def test_the_code_goes_with_the_very_address_it_was_asked_for(
    ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    """Open redirect: nothing a visitor sends changes where a hospital sends people back to."""
    browser = a_browser()
    page = browser.send(
        "POST",
        "/sign-in/with/epic-hospital?redirect_uri=https://evil.example/",
        b"redirect_uri=https%3A%2F%2Fevil.example%2F&return_to=%2F%2Fevil.example",
        {
            "content-type": "application/x-www-form-urlencoded",
            "host": "evil.example",
            "x-forwarded-host": "evil.example",
        },
    )
    seen: list[str] = []
    true = ehr.token

    def token(profile: Profile, sent: dict[str, str], authorization: str) -> dict[str, Any]:
        seen.append(sent["redirect_uri"])
        return true(profile, sent, authorization)

    monkeypatch.setattr(ehr, "token", token)

    assert "evil.example" not in page.text
    signs_in(browser, at_hospital(ehr, a_patient()))
    assert seen == ["http://portal.localhost:4566/sign-in/callback"]


@pytest.mark.parametrize("extra", ["return_to=//evil.example", "next=https://evil.example"])
def test_a_return_leads_nowhere_but_into_the_portal(extra: str, ehr: EhrSignIn) -> None:
    browser = a_browser()
    back = pressed(begun(browser), at_hospital(ehr, a_patient()))

    assert browser.get(f"{back}&{extra}").location.startswith("/sign-in/step?")


# ---- which server answered ----------------------------------------------------------------------


def test_an_answer_that_names_another_server_is_refused(ehr: EhrSignIn) -> None:
    """Mix-up (RFC 9207): the code must not be sent to the server that we meant to ask."""
    browser = a_browser()
    back = pressed(begun(browser), at_hospital(ehr, a_patient()))

    answer = browser.get(changed(back, iss="https://evil.example"))

    assert is_refused(browser, answer, "sso-issuer")
    assert len(ehr.codes) == 1, "the code was sent nowhere"


def test_an_answer_without_the_name_its_server_promised_is_refused(
    ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    publishes(ehr, monkeypatch, SMART, authorization_response_iss_parameter_supported=True)
    browser = a_browser()
    back = pressed(begun(browser), at_hospital(ehr, a_patient()))

    assert is_refused(browser, browser.get(back), "sso-issuer")
    assert len(ehr.codes) == 1


def test_an_answer_with_the_promised_name_is_taken(ehr: EhrSignIn, monkeypatch: Patch) -> None:
    publishes(ehr, monkeypatch, SMART, authorization_response_iss_parameter_supported=True)
    browser = a_browser()
    back = pressed(begun(browser), at_hospital(ehr, a_patient()))

    assert browser.get(changed(back, iss=f"{ehr.url}{EPIC.issuer}")).status == 303


def test_a_server_that_is_another_by_the_time_of_the_return_is_not_asked(
    ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    """What it published when somebody left is what they come back to."""
    browser = a_browser()
    back = pressed(begun(browser), at_hospital(ehr, a_patient()))
    publishes(ehr, monkeypatch, SMART, token_endpoint="https://evil.example/token")

    assert browser.get(back).status == 303


# ---- too many -----------------------------------------------------------------------------------


def test_many_tries_from_one_place_are_slowed_down(ehr: EhrSignIn, monkeypatch: Patch) -> None:
    monkeypatch.setattr("functions.sign_in.sso.BEGINS_PER_SOURCE", 2)
    monkeypatch.setattr("functions.sign_in.sso.RETURNS_PER_SOURCE", 2)
    browser = a_browser()
    for _ in range(2):
        begun(browser)
        browser.get("/sign-in/callback")
    asked = len(ehr.codes)

    beginning, returning = (
        browser.post("/sign-in/with/epic-hospital"),
        browser.get("/sign-in/callback"),
    )

    assert (beginning.status, returning.status) == (429, 429)
    assert int(beginning.headers["retry-after"]) > 0
    assert len(ehr.codes) == asked
