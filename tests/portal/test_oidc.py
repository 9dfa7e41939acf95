"""The door to sign-in servers, as the rooms use it: what is discovered, kept and checked."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from infra.local.ehr_profiles import EPIC, OLD, STAFF
from infra.local.ehr_sign_in import EhrSignIn, Reply
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.builders import a_patient
from tests.clock import held
from tests.sign_in.hospital import CALLBACK, at_hospital, hospital, parts_of, pressed, publishes

from portal import identity_providers, oidc
from portal.identity_providers import Fault, Provider, Quirks, Refused
from portal.oidc import Finished

pytestmark = pytest.mark.usefixtures("portal")

BROWSER = "hash-of-a-cookie"


@pytest.fixture
def ehr(portal: None) -> Iterator[EhrSignIn]:  # noqa: ARG001
    with hospital() as found:
        yield found


def a_provider(ehr: EhrSignIn, **facts: Any) -> Provider:
    dull = {
        "name": "staff",
        "kind": "oidc",
        "base": f"{ehr.url}{STAFF.issuer}",
        "client_id": "portal",
        "scopes": ("openid", "profile"),
    }
    return Provider.model_validate(dull | facts)


def a_nurse(ehr: EhrSignIn, **claims: Any) -> str:
    said = {"roles": ["nurse"], "acr": "urn:two", "amr": ["pwd", "mfa"]} | claims
    patient = a_patient()
    return at_hospital(ehr, patient, sub="nurse", claims=tuple(said.items()))


def finished(provider: Provider, sub: str) -> Finished:
    left = oidc.begin(provider, CALLBACK, "staff", "bound", BROWSER)
    back = parts_of(pressed(left.url, sub))
    return oidc.finish(back["state"], back["code"], BROWSER, back.get("iss", ""))


def fault(provider: Provider, sub: str) -> Fault:
    with pytest.raises(Refused) as refused:
        finished(provider, sub)
    assert refused.value.provider in (provider.name, "")
    return refused.value.fault


def test_staff_come_back_with_what_their_server_says_of_them(ehr: EhrSignIn) -> None:
    found = finished(a_provider(ehr), a_nurse(ehr))

    assert found.claims["roles"] == ["nurse"]
    assert found.claims["amr"] == ["pwd", "mfa"]
    assert (found.purpose, found.bound_to) == ("staff", "bound")
    assert found.provider == a_provider(ehr)


def test_nothing_of_it_shows_in_a_trace(ehr: EhrSignIn) -> None:
    left = oidc.begin(a_provider(ehr), CALLBACK, "staff", "", BROWSER)
    back = parts_of(pressed(left.url, a_nurse(ehr)))
    found = oidc.finish(back["state"], back["code"], BROWSER, back["iss"])

    for secret in (left.state, found.token["access_token"], found.claims["nonce"], "nurse"):
        assert secret not in repr(left)
        assert secret not in repr(found)


def test_it_is_asked_with_no_audience_unless_there_is_one(ehr: EhrSignIn) -> None:
    plain = oidc.begin(a_provider(ehr), CALLBACK, "staff", "", BROWSER)
    named = oidc.begin(a_provider(ehr, aud="https://api"), CALLBACK, "staff", "", BROWSER)

    assert "aud" not in parts_of(plain.url)
    assert parts_of(named.url)["aud"] == "https://api"


def test_no_parameter_is_said_twice(ehr: EhrSignIn) -> None:
    provider = a_provider(ehr, quirks=Quirks(parameters={"prompt": "login", "max_age": "60"}))

    names = [
        name
        for name, _ in parse_qsl(
            urlsplit(oidc.begin(provider, CALLBACK, "staff", "", BROWSER).url).query
        )
    ]

    assert sorted(names) == sorted(set(names))
    assert {"prompt", "max_age"} <= set(names)


def test_whoever_asked_for_a_recent_sign_in_gets_one(ehr: EhrSignIn) -> None:
    provider = a_provider(ehr, quirks=Quirks(parameters={"max_age": "60"}))
    moment = int(time.time())

    assert finished(provider, a_nurse(ehr, auth_time=moment - 30)).claims["sub"] == "nurse"
    for stale in (moment - 200, None, "now"):
        assert fault(provider, a_nurse(ehr, auth_time=stale)) is Fault.ID_TOKEN


def test_even_a_recent_one_of_no_age_at_all(ehr: EhrSignIn) -> None:
    provider = a_provider(ehr, quirks=Quirks(parameters={"max_age": "0"}))

    assert fault(provider, a_nurse(ehr, auth_time=int(time.time()) - 90)) is Fault.ID_TOKEN


def test_our_clock_is_the_one_that_counts(ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    left = oidc.begin(a_provider(ehr), CALLBACK, "staff", "", BROWSER)
    back = parts_of(pressed(left.url, a_nurse(ehr)))
    clock.advance(seconds=-120)

    with pytest.raises(Refused) as refused:
        oidc.finish(back["state"], back["code"], BROWSER, back["iss"])

    assert refused.value.fault is Fault.ID_TOKEN, "it was issued in our future"


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (ECKey.generate_key("P-256", auto_kid=True), "ES256"),
        (ECKey.generate_key("P-384", auto_kid=True), "ES384"),
    ],
    ids=lambda each: str(each)[:5],
)
def test_a_server_may_sign_with_any_public_key_algorithm_it_publishes(
    key: Any, alg: str, ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ehr, "published_keys", lambda: [key.as_dict(private=False)])
    monkeypatch.setattr(
        ehr,
        "id_token",
        lambda grant, _: jwt.encode(
            {"alg": alg, "kid": key.kid}, ehr.claims(grant), key, algorithms=[alg]
        ),
    )
    provider = a_provider(ehr, quirks=Quirks(algorithms=(alg,)))

    assert finished(provider, a_nurse(ehr)).claims["sub"] == "nurse"
    identity_providers.forget()
    assert fault(a_provider(ehr), a_nurse(ehr)) is Fault.ID_TOKEN, "it publishes RS256 alone"


def test_one_key_without_a_name_is_enough(ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    nameless = {k: v for k, v in ehr.key.as_dict(private=False).items() if k != "kid"}
    sealing = {**ECKey.generate_key("P-256").as_dict(private=False), "use": "enc"}
    monkeypatch.setattr(ehr, "published_keys", lambda: [sealing, nameless])
    monkeypatch.setattr(
        ehr, "id_token", lambda grant, _: jwt.encode({"alg": "RS256"}, ehr.claims(grant), ehr.key)
    )

    assert finished(a_provider(ehr), a_nurse(ehr)).claims["sub"] == "nurse"


def test_certificates_in_the_header_do_no_harm(
    ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = {"alg": "RS256", "kid": ehr.key.kid, "x5c": ["A" * 2000], "tenant": "7"}
    monkeypatch.setattr(
        ehr, "id_token", lambda grant, _: signed_with(header, ehr.claims(grant), ehr)
    )

    assert finished(a_provider(ehr), a_nurse(ehr)).claims["sub"] == "nurse"


def signed_with(header: dict[str, Any], claims: dict[str, Any], ehr: EhrSignIn) -> str:
    from joserfc.jws import JWSRegistry

    registry = JWSRegistry(strict_check_header=False)
    registry.max_header_length = 8_192
    return jwt.encode(header, claims, ehr.key, registry=registry)


def test_what_a_server_publishes_is_asked_for_once_in_ten_minutes(
    ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    true = ehr.answer

    def answer(method: str, path: str, sent: dict[str, str], headers: Any) -> Reply:
        asked.append(path)
        return true(method, path, sent, headers)

    monkeypatch.setattr(ehr, "answer", answer)
    for _ in range(3):
        oidc.begin(a_provider(ehr), CALLBACK, "staff", "", BROWSER)

    assert len(asked) == 1

    identity_providers.forget()
    monkeypatch.setattr(identity_providers, "CACHE_SECONDS", 0)
    for _ in range(2):
        oidc.begin(a_provider(ehr), CALLBACK, "staff", "", BROWSER)
    assert len(asked) == 3


def test_a_server_that_says_it_is_another_is_not_asked(
    ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenID Discovery 1.0, 4.3: else one could stand in for any other."""
    publishes(ehr, monkeypatch, "/openid-configuration", issuer="https://login.example.org")

    assert fault(a_provider(ehr), "nobody") is Fault.ISSUER


def test_a_fhir_server_that_names_no_issuer_is_completed_by_its_openid_configuration(
    ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishes(ehr, monkeypatch, "/smart-configuration", jwks_uri=None)
    provider = a_provider(ehr, kind="smart", base=f"{ehr.url}{EPIC.fhir}")

    found = identity_providers.metadata(provider)

    assert found.jwks_uri == f"{ehr.url}{EPIC.jwks}"


@pytest.mark.parametrize(
    "statement",
    [
        {},
        {"rest": []},
        {"rest": "x"},
        {"rest": [{"security": {"extension": [{"url": "another"}]}}]},
        {
            "rest": [
                {
                    "security": {
                        "extension": [{"url": identity_providers.OAUTH_URIS, "extension": []}]
                    }
                }
            ]
        },
    ],
    ids=str,
)
def test_a_capability_statement_without_addresses_is_refused(
    statement: dict[str, Any], ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishes(ehr, monkeypatch, "/metadata", **{"rest": None, **statement})
    quirks = Quirks(issuer=f"{ehr.url}{OLD.issuer}", has_smart_configuration=False)
    provider = a_provider(ehr, kind="smart", base=f"{ehr.url}{OLD.fhir}", quirks=quirks)

    assert fault(provider, "nobody") is Fault.SERVER
