"""Attacks on signing in with a hospital, each shown to fail: nobody is signed in by it."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from infra.local.ehr_profiles import EPIC, Profile
from infra.local.ehr_sign_in import Denied, EhrSignIn, Grant, Reply
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from tests.builders import a_patient
from tests.client import Client, Response
from tests.sign_in.hospital import (
    KEY,
    at_hospital,
    begun,
    changed,
    hospital,
    parts_of,
    pressed,
    publishes,
    signs_in,
)
from tests.visitors import a_browser, nobodys_trail

from portal import identity_providers, patients, sso_links
from portal.patients import Patient
from portal.tables import SessionRow

pytestmark = pytest.mark.usefixtures("portal")

type Patch = pytest.MonkeyPatch
SMART = "/smart-configuration"


@pytest.fixture
def ehr(portal: None) -> Iterator[EhrSignIn]:  # noqa: ARG001
    with hospital() as found:
        yield found


def is_refused(browser: Client, answer: Response, why: str) -> bool:
    """Without a session, with a page that says what to do, and a row of the trail."""
    assert answer.status >= 400, answer.location
    assert "session" not in browser.cookies
    row = nobodys_trail(browser)[-1]
    assert (row.event, row.outcome, row.why) == ("sign-in.refused", "refused", why)
    return True


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


# ---- the id_token -------------------------------------------------------------------------------


def claimed(ehr: EhrSignIn, monkeypatch: Patch, **claims: Any) -> None:
    """The server says this of everybody; None leaves a claim out."""
    true = ehr.claims

    def told(grant: Grant) -> dict[str, Any]:
        return {k: v for k, v in (true(grant) | claims).items() if v is not None}

    monkeypatch.setattr(ehr, "claims", told)


NOW = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ""},
        {"aud": "another-app"},
        {"aud": ["another-app"]},
        {"aud": ["portal", "another-app"]},
        {"aud": ["portal", "another-app"], "azp": "another-app"},
        {"aud": "another-app", "azp": "portal"},
        {"aud": None},
        {"azp": "another-app"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": NOW - 3600},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": float("inf")},
        {"iat": NOW + 3600},
        {"iat": None},
        {"nbf": NOW + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"amr": "mfa"},
    ],
    ids=str,
)
def test_a_token_that_says_the_wrong_thing_signs_nobody_in(
    claims: dict[str, Any], ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    claimed(ehr, monkeypatch, **claims)
    browser = a_browser()

    answer = signs_in(browser, at_hospital(ehr, a_patient()))

    assert answer.status == 403
    assert is_refused(browser, answer, "sso-id-token")


def test_a_token_for_us_among_others_names_us_as_its_party(
    ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    claimed(ehr, monkeypatch, aud=["portal", "another-app"], azp="portal")

    assert signs_in(a_browser(), at_hospital(ehr, a_patient())).status == 303


def forged(make: Callable[[dict[str, Any]], str]) -> Callable[[EhrSignIn, Grant, str], str]:
    """An id_token of right claims, signed otherwise."""

    def id_token(ehr: EhrSignIn, grant: Grant, access_token: str) -> str:
        half = sha256(access_token.encode()).digest()[:16]
        at_hash = urlsafe_b64encode(half).decode().rstrip("=")
        return make(ehr.claims(grant) | {"at_hash": at_hash})

    return id_token


def part(document: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def signed(claims: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": KEY.kid} | header, claims, key)


def with_public_key(claims: dict[str, Any]) -> str:
    """The classic: an HMAC with the public key as its secret."""
    secret = OctKey.import_key(KEY.as_pem(private=False))
    return signed(claims, secret, alg="HS256")


OTHER = RSAKey.generate_key(2048)
FORGERIES: dict[str, Callable[[dict[str, Any]], str]] = {
    "alg none": lambda said: f"{part({'alg': 'none', 'kid': KEY.kid})}.{part(said)}.",
    "alg None": lambda said: f"{part({'alg': 'None'})}.{part(said)}.",
    "no alg": lambda said: f"{part({'kid': KEY.kid})}.{part(said)}.",
    "HS256 with the public key": with_public_key,
    "HS256 with the client id": lambda said: signed(
        said, OctKey.import_key("portal" * 8), alg="HS256"
    ),
    "another's key under its kid": lambda said: signed(said, OTHER),
    "a key of the token's own": lambda said: signed(said, OTHER, jwk=OTHER.as_dict(private=False)),
    "a key set of the token's own": lambda said: signed(
        said, OTHER, jku="https://evil.example/keys", kid="theirs"
    ),
    "an unknown kid": lambda said: signed(said, OTHER, kid="unknown"),
    "a kid that is a path": lambda said: signed(said, OTHER, kid="../../dev/null"),
    "an algorithm not published": lambda said: signed(said, alg="PS256"),
    "an access token": lambda said: signed(said, typ="at+jwt"),
    "a logout token": lambda said: signed(said, typ="logout+jwt"),
    "a critical header nobody knows": lambda said: signed(said, crit=["exp"], exp=1),
    "changed claims": lambda said: tampered(signed(said), said | {"sub": "somebody-else"}),
    "no signature": lambda said: signed(said).rpartition(".")[0] + ".",
    "two dots only": lambda _: "..",
    "no token": lambda _: "not-a-token",
    "half a megabyte": lambda said: signed(said | {"more": "x" * 400_000}),
}


def tampered(token: str, claims: dict[str, Any]) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{part(claims)}.{signature}"


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("name", FORGERIES)
def test_a_token_that_is_not_signed_by_the_hospital_signs_nobody_in(
    name: str, ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    make = forged(FORGERIES[name])
    monkeypatch.setattr(ehr, "id_token", lambda grant, token: make(ehr, grant, token))
    browser = a_browser()

    answer = signs_in(browser, at_hospital(ehr, a_patient()))

    assert answer.status in (403, 503)
    assert is_refused(browser, answer, nobodys_trail(browser)[-1].why)
    assert nobodys_trail(browser)[-1].why in {"sso-id-token", "sso-down"}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("alg", ["PS256", "RS512"])
def test_an_algorithm_that_is_not_published_is_refused_with_the_right_key_too(
    alg: str, ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    bare = {k: v for k, v in KEY.as_dict(private=False).items() if k not in ("alg", "use")}
    monkeypatch.setattr(ehr, "published_keys", lambda: [bare])
    make = forged(
        lambda said: jwt.encode({"alg": alg, "kid": KEY.kid}, said, KEY, algorithms=[alg])
    )
    monkeypatch.setattr(ehr, "id_token", lambda grant, token: make(ehr, grant, token))
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, at_hospital(ehr, a_patient())), "sso-id-token")


def test_a_token_for_another_access_token_signs_nobody_in(
    ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    """at_hash: an access token put in beside somebody else's id_token."""
    answer = ehr.token_answer
    monkeypatch.setattr(
        ehr, "token_answer", lambda grant, _: answer(grant, "one") | {"access_token": "other"}
    )
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, at_hospital(ehr, a_patient())), "sso-id-token")


def asked_for_keys(ehr: EhrSignIn, monkeypatch: Patch) -> list[str]:
    """Grows by one with each time the key set is asked for."""
    seen: list[str] = []
    true = ehr.answer

    def answer(method: str, path: str, sent: dict[str, str], headers: Any) -> Reply:
        seen.extend([path] if path == EPIC.jwks else [])
        return true(method, path, sent, headers)

    monkeypatch.setattr(ehr, "answer", answer)
    return seen


def test_new_keys_of_a_hospital_are_fetched_once(ehr: EhrSignIn, monkeypatch: Patch) -> None:
    asked = asked_for_keys(ehr, monkeypatch)
    signs_in(a_browser(), at_hospital(ehr, a_patient()))
    signs_in(a_browser(), at_hospital(ehr, a_patient()))
    assert len(asked) == 1, "the set is cached"

    monkeypatch.setattr(ehr, "key", RSAKey.generate_key(2048, auto_kid=True))

    for _ in range(2):
        assert signs_in(a_browser(), at_hospital(ehr, a_patient())).status == 303
    assert len(asked) == 2


def test_a_key_that_is_nowhere_is_asked_for_once_more_and_no_oftener(
    ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    asked = asked_for_keys(ehr, monkeypatch)
    make = forged(lambda said: signed(said, OTHER, kid="unknown"))
    monkeypatch.setattr(ehr, "id_token", lambda grant, token: make(ehr, grant, token))
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, at_hospital(ehr, a_patient())), "sso-id-token")
    assert len(asked) == 2


def test_a_withdrawn_key_is_refused_once_the_cached_set_has_run_out(
    ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    signs_in(a_browser(), at_hospital(ehr, a_patient()))
    monkeypatch.setattr(ehr, "published_keys", lambda: [OTHER.as_dict(private=False)])
    identity_providers.forget()
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, at_hospital(ehr, a_patient())), "sso-id-token")


@pytest.mark.parametrize(
    "keys",
    [
        [],
        "keys",
        ["a key"],
        [{"kty": "oct", "k": "c2VjcmV0"}],
        [{"kty": "RSA", "n": "AQAB" * 40, "e": "AQAB"}],
        [{**KEY.as_dict(private=False), "use": "enc"}],
        [{"kty": "RSA"}],
        [{"kty": "EC", "crv": "P-0"}],
    ],
    ids=["none", "text", "texts", "secret", "short", "to-encrypt", "no-number", "no-curve"],
)
def test_keys_that_no_signature_may_be_checked_by_are_refused(
    keys: Any, ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(ehr, "published_keys", lambda: keys)
    browser = a_browser()

    answer = signs_in(browser, at_hospital(ehr, a_patient()))

    assert is_refused(browser, answer, nobodys_trail(browser)[-1].why)
    assert nobodys_trail(browser)[-1].why in {"sso-server", "sso-id-token"}


@pytest.mark.parametrize("algorithms", [["none"], ["HS256"], ["HS256", "none"], []])
def test_a_server_that_signs_with_nothing_we_take_is_not_asked(
    algorithms: list[str], ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    publishes(ehr, monkeypatch, SMART, id_token_signing_alg_values_supported=algorithms)
    browser = a_browser()

    assert is_refused(browser, browser.post("/sign-in/with/epic-hospital"), "sso-server")


# ---- whose record it is -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "facts",
    [
        {"born_on": date(1980, 2, 4)},
        {"family": "Other", "given": "Somebody"},
        {"given": "Bea"},
        {"mrn": "T-nobody"},
        {"mrn": ""},
    ],
    ids=str,
)
def test_a_record_that_does_not_agree_opens_none(facts: dict[str, Any], ehr: EhrSignIn) -> None:
    patient = a_patient()
    browser = a_browser()

    answer = signs_in(browser, at_hospital(ehr, patient, **facts))

    assert "We could not find your record" in answer.text
    assert is_refused(browser, answer, "sso-no-match")
    assert patient.given not in answer.text
    assert sso_links.of(patient.patient_id) == []


def test_the_answer_does_not_tell_whether_the_number_is_known(ehr: EhrSignIn) -> None:
    patient = a_patient()
    known = signs_in(a_browser(), at_hospital(ehr, patient, born_on=date(1999, 9, 9)))
    unknown = signs_in(a_browser(), at_hospital(ehr, patient, mrn="T-nobody"))

    assert (known.status, known.text) == (unknown.status, unknown.text)


def record(ehr: EhrSignIn, monkeypatch: Patch, **facts: Any) -> None:
    """The FHIR Patient with these elements; None leaves one out."""
    true = ehr.patient

    def patient(path: str, authorization: str) -> dict[str, Any]:
        found = true(path, authorization) | facts
        return {key: value for key, value in found.items() if value is not None}

    monkeypatch.setattr(ehr, "patient", patient)


@pytest.mark.parametrize(
    "facts",
    [
        {"birthDate": None},
        {"birthDate": "1980"},
        {"birthDate": 7},
        {"name": None},
        {"name": []},
        {"name": [{"use": "old", "family": "Rivera", "given": ["Ana"]}]},
        {"name": [{"text": "Ana Rivera"}]},
        {"name": "Ana Rivera"},
        {"identifier": None},
        {"identifier": "T00001"},
        {"identifier": [{"value": "T00001"}]},
        {"identifier": [{"system": "urn:oid:9.9.9", "value": "T00001"}]},
        {"active": False},
        {"deceasedBoolean": True},
        {"deceasedDateTime": "2026-01-01"},
        {"link": [{"type": "replaced-by", "other": {"reference": "Patient/2"}}]},
        {"id": "another"},
        {"resourceType": "Person"},
    ],
    ids=str,
)
def test_a_record_that_leaves_a_doubt_opens_none(
    facts: dict[str, Any], ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    record(ehr, monkeypatch, **facts)
    browser = a_browser()

    answer = signs_in(browser, at_hospital(ehr, a_patient()))

    assert is_refused(browser, answer, "sso-no-match")


def test_a_former_number_at_the_hospital_does_not_count(ehr: EhrSignIn, monkeypatch: Patch) -> None:
    patient = a_patient()
    number = {"use": "old", "system": EPIC.system, "value": patient.identifiers[0][1]}
    record(ehr, monkeypatch, identifier=[number])
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, at_hospital(ehr, patient)), "sso-no-match")


def test_numbers_of_two_patients_open_neither(ehr: EhrSignIn, monkeypatch: Patch) -> None:
    one, other = a_patient(), a_patient()
    numbers = [{"system": EPIC.system, "value": each.identifiers[0][1]} for each in (one, other)]
    record(ehr, monkeypatch, identifier=numbers)
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, at_hospital(ehr, one)), "sso-no-match")


def test_a_number_of_another_practice_is_somebody_elses(ehr: EhrSignIn, monkeypatch: Patch) -> None:
    """athenahealth: one server for all practices, and numbers that start again in each."""
    patient = a_patient()
    system = "https://fhir.athena.io/sid/ah-patient"
    for value in (patient.identifiers[0][1], f"a-1.E-{patient.identifiers[0][1]}"):
        record(ehr, monkeypatch, identifier=[{"system": system, "value": value}])
        browser = a_browser()
        answer = signs_in(browser, at_hospital(ehr, patient), "athena-hospital")
        assert is_refused(browser, answer, "sso-no-match")


def test_an_e_mail_address_matches_nobody(ehr: EhrSignIn, monkeypatch: Patch) -> None:
    patient = a_patient()
    email = [{"system": "email", "value": patient.email}]
    record(ehr, monkeypatch, telecom=email, identifier=[])
    claimed(ehr, monkeypatch, email=patient.email, email_verified=True)
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, at_hospital(ehr, patient)), "sso-no-match")


def test_a_parent_does_not_become_their_child(ehr: EhrSignIn) -> None:
    child = a_patient()
    at_hospital(ehr, child, sub="a-child")
    parent = at_hospital(ehr, a_patient(), opens="a-child")
    browser = a_browser()

    answer = signs_in(browser, parent)

    assert "Please choose your own record" in answer.text
    assert is_refused(browser, answer, "sso-not-self")
    assert sso_links.of(child.patient_id) == []


@pytest.mark.parametrize(
    "user",
    [None, "", 7, "RelatedPerson/{id}", "Practitioner/{id}", "Patient/another", "{id}", "Patient/"],
)
def test_whoever_is_not_the_patient_opens_no_record(
    user: Any, ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    sub = at_hospital(ehr, a_patient())
    said = user.format(id=sub) if isinstance(user, str) else user
    claimed(ehr, monkeypatch, fhirUser=said)
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, sub), "sso-not-self")


@pytest.mark.parametrize("patient_id", [None, 7, "", "../metadata", "a/b", "x" * 65, "a?b"])
def test_a_record_id_that_is_none_is_not_asked_for(
    patient_id: Any, ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    claimed(ehr, monkeypatch, fhirUser=f"Patient/{patient_id}")
    answer = ehr.token_answer
    monkeypatch.setattr(
        ehr, "token_answer", lambda grant, token: answer(grant, token) | {"patient": patient_id}
    )
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, at_hospital(ehr, a_patient())), "sso-not-self")


def test_an_account_that_opened_one_record_does_not_open_another_later(ehr: EhrSignIn) -> None:
    """The hospital moves the account to another of our patients: it still opens the first."""
    first, second = a_patient(), a_patient()
    sub = at_hospital(ehr, first)
    signs_in(a_browser(), sub)
    at_hospital(ehr, second, sub=sub)
    browser = a_browser()

    signs_in(browser, sub)

    assert [each.subject for each in sso_links.of(second.patient_id)] == []
    assert browser.get("/sign-in/step").status in (200, 303)
    assert len(sso_links.of(first.patient_id)) == 1


def test_the_same_sub_at_another_hospital_is_somebody_else(ehr: EhrSignIn) -> None:
    one, other = a_patient(), a_patient()
    signs_in(a_browser(), at_hospital(ehr, one, sub="user-1"))
    at_hospital(ehr, other, sub="user-1")

    signs_in(a_browser(), "user-1", "oracle-hospital")

    assert [each.organisation_id for each in sso_links.of(one.patient_id)] == ["epic-hospital"]
    assert [each.organisation_id for each in sso_links.of(other.patient_id)] == ["oracle-hospital"]


def died(patient: Patient) -> None:
    found = patients.with_id(patient.patient_id)
    assert found
    patients.rewrite(found.model_copy(update={"is_deceased": True}))


def test_nobody_signs_in_for_the_dead(ehr: EhrSignIn) -> None:
    known, unknown = a_patient(), a_patient()
    sub = at_hospital(ehr, known)
    signs_in(a_browser(), sub)
    died(known)
    died(unknown)

    for each in (sub, at_hospital(ehr, unknown)):
        browser = a_browser()
        assert is_refused(browser, signs_in(browser, each), "sso-no-match")


# ---- a server that misbehaves -------------------------------------------------------------------


def answers(ehr: EhrSignIn, monkeypatch: Patch, ending: str, reply: Callable[[], Reply]) -> None:
    """At addresses that end so."""
    true = ehr.answer

    def answer(method: str, path: str, sent: dict[str, str], headers: Any) -> Reply:
        return reply() if path.endswith(ending) else true(method, path, sent, headers)

    monkeypatch.setattr(ehr, "answer", answer)
    identity_providers.forget()


def down() -> Reply:
    raise Denied("we are down: database 10.0.0.7 <b>secret</b>", 503)


def endless() -> Reply:
    return Reply(b'{"a": "' + b"x" * 9_000_000 + b'"}')


def elsewhere() -> Reply:
    return Reply(b"{}", 307, location="http://127.0.0.1:1/token")


def no_json() -> Reply:
    return Reply(b"<html>sign in to the wifi</html>", 200, "text/html")


def a_list() -> Reply:
    return Reply.of([1, 2])


def deep() -> Reply:
    return Reply(b"[" * 200_000)


BROKEN = (down, endless, elsewhere, no_json, a_list, deep)


@pytest.mark.parametrize("reply", BROKEN, ids=lambda each: each.__name__)
def test_a_hospital_that_cannot_be_asked_is_a_page_that_says_so(
    reply: Callable[[], Reply], ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    answers(ehr, monkeypatch, SMART, reply)
    browser = a_browser()

    answer = browser.post("/sign-in/with/epic-hospital")

    assert answer.status == 503
    assert "We cannot reach your hospital right now" in answer.text
    assert "secret" not in answer.text
    assert "10.0.0.7" not in answer.text
    assert is_refused(browser, answer, "sso-down")


@pytest.mark.parametrize("ending", ["/token", "/OIDC", "Patient/user-1"])
@pytest.mark.parametrize("reply", BROKEN, ids=lambda each: each.__name__)
def test_a_hospital_that_breaks_off_signs_nobody_in(
    reply: Callable[[], Reply], ending: str, ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    patient = a_patient()
    browser = a_browser()
    back = pressed(begun(browser), at_hospital(ehr, patient, sub="user-1"))
    answers(ehr, monkeypatch, ending, reply)

    answer = browser.get(back)

    assert "secret" not in answer.text
    assert is_refused(browser, answer, nobodys_trail(browser)[-1].why)
    assert sso_links.of(patient.patient_id) == []


def test_a_hospital_that_is_gone_is_a_page_that_says_so(ehr: EhrSignIn, monkeypatch: Patch) -> None:
    publishes(ehr, monkeypatch, SMART, token_endpoint="http://127.0.0.1:1/token")
    browser = a_browser()

    answer = signs_in(browser, at_hospital(ehr, a_patient()))

    assert answer.status == 503
    assert is_refused(browser, answer, "sso-down")


@pytest.mark.parametrize(
    "document",
    [
        {"token_type": "mac"},
        {"token_type": None},
        {"access_token": None},
        {"access_token": ["a"]},
        {"id_token": None},
        {"id_token": 7},
    ],
    ids=str,
)
def test_half_an_answer_signs_nobody_in(
    document: dict[str, Any], ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    true = ehr.token_answer
    monkeypatch.setattr(ehr, "token_answer", lambda *args: true(*args) | document)
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, at_hospital(ehr, a_patient())), "sso-token")


@pytest.mark.parametrize(
    "url", ["https://169.254.169.254/latest/meta-data", "http://ehr.example.org/", "/token", 7]
)
@pytest.mark.parametrize("name", ["token_endpoint", "authorization_endpoint", "jwks_uri", "issuer"])
def test_an_address_that_is_not_plain_https_is_not_asked(
    name: str, url: Any, ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    """SSRF: what a server publishes must not lead us into our own network."""
    publishes(ehr, monkeypatch, SMART, **{name: url})
    browser = a_browser()

    assert is_refused(browser, browser.post("/sign-in/with/epic-hospital"), "sso-server")


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
