"""Attacks with a hospital's id_token and keys: what they say, and who signed."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from infra.local.ehr_profiles import EPIC
from infra.local.ehr_sign_in import EhrSignIn, Grant, Reply
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from tests.builders import a_patient
from tests.sign_in.hospital import KEY, SMART, at_hospital, claimed, is_refused, publishes, signs_in
from tests.visitors import a_browser, nobodys_trail

from portal import identity_providers

pytestmark = pytest.mark.usefixtures("portal")

type Patch = pytest.MonkeyPatch


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
    ids="+".join,
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
