"""The wire formats of Web Push: RFC 8291's own example opens, and what we send opens and is signed
as the RFCs say."""

import base64
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from functions.push import web_push
from infra.local import push_catcher
from infra.local.push_catcher import Catcher, is_signed, opened
from tests.clock import held
from tests.push.told import ORIGIN, a_service

from portal import push
from portal.push_devices import Kind, PushDevice

pytestmark = pytest.mark.usefixtures("portal")

# RFC 8291, section 5 and appendix A
EXAMPLE = {
    "private": "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94",
    "public": (
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    ),
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    "body": (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWA"
        "mS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxs"
        "j_Qulcy4a-fN"
    ),
    "text": b"When I grow up, I want to be a watermelon",
}


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def example_key() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(raw(str(EXAMPLE["private"]))), ec.SECP256R1())


def test_the_catcher_opens_the_example_of_the_rfc() -> None:
    key = example_key()
    assert push_catcher.text(push_catcher.point_of(key.public_key())) == EXAMPLE["public"]

    assert opened(key, raw(str(EXAMPLE["auth"])), raw(str(EXAMPLE["body"]))) == EXAMPLE["text"]


def test_and_nothing_that_was_changed() -> None:
    body = bytearray(raw(str(EXAMPLE["body"])))
    body[-1] ^= 1

    with pytest.raises(InvalidTag):
        opened(example_key(), raw(str(EXAMPLE["auth"])), bytes(body))


def a_browser() -> tuple[Catcher, str, PushDevice]:
    catcher = Catcher(ORIGIN)
    said = catcher.subscription()
    (name,) = catcher.browsers
    return (
        catcher,
        name,
        PushDevice(Kind.WEB, said["endpoint"], "en", "", said["p256dh"], said["auth"]),
    )


def test_what_we_seal_the_browser_it_is_for_opens_and_no_other() -> None:
    catcher, name, device = a_browser()
    note = push.note("results", "en")
    browser, other = catcher.browsers[name], push_catcher.Browser()

    body = web_push.sealed(device, note)

    assert json.loads(opened(browser.key, browser.auth, body))["body"] == note.body
    with pytest.raises(InvalidTag):
        opened(other.key, other.auth, body)
    assert web_push.sealed(device, note) != body, "a fresh key and salt each time"
    assert note.body.encode() not in body


def test_a_request_is_signed_for_its_push_service_and_for_half_a_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, _, device = a_browser()
    with a_service(monkeypatch):
        headers = web_push.headers(device.address)

    assert is_signed(headers["Authorization"], ORIGIN)
    assert not is_signed(headers["Authorization"], "https://elsewhere.example")
    claims = claims_of(headers["Authorization"])
    assert claims["sub"] == "mailto:portal@example.org"
    assert headers["TTL"] == "86400"
    assert headers["Topic"] == "news"
    assert headers["Content-Encoding"] == "aes128gcm"


def claims_of(authorization: str) -> dict[str, Any]:
    token = authorization.partition("t=")[2].partition(",")[0]
    claims: dict[str, Any] = json.loads(raw(token.split(".")[1]))
    return claims


def test_a_signature_that_is_over_or_anothers_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, device = a_browser()
    clock = held(monkeypatch)
    clock.advance(hours=-13)
    with a_service(monkeypatch):
        old = web_push.headers(device.address)["Authorization"]
    assert not is_signed(old, ORIGIN)

    clock.advance(hours=13)
    with a_service(monkeypatch):
        good = web_push.headers(device.address)["Authorization"]
    point = push_catcher.point_of(push_catcher.Browser().key.public_key())
    forged = good.partition(",k=")[0] + ",k=" + push_catcher.text(point)
    assert is_signed(good, ORIGIN)
    assert not is_signed(forged, ORIGIN)
