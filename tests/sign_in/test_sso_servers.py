"""A hospital's server that is down, broken or hostile signs nobody in."""

from collections.abc import Callable
from typing import Any

import pytest
from infra.local.ehr_sign_in import Denied, EhrSignIn, Reply
from tests.builders import a_patient
from tests.sign_in.hospital import (
    SMART,
    at_hospital,
    begun,
    is_refused,
    pressed,
    publishes,
    signs_in,
)
from tests.visitors import a_browser, nobodys_trail

from portal import identity_providers, sso_links

pytestmark = pytest.mark.usefixtures("portal")

type Patch = pytest.MonkeyPatch


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
