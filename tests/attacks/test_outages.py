"""When a store is down: nobody gets in, nothing is shown, and the answer says so and no more."""

import json
import logging
import re
from collections.abc import Callable
from functools import cache

import pytest
from tests.activate import openings
from tests.attacks.scenes import CODE, PROOF, TEXT, a_chart, a_sent_link, by_link, code_now, known
from tests.attacks.wire import down, forget, noted, stores
from tests.authenticator import SIGN_IN, a_passkey, options_for, sent
from tests.builders import a_patient, a_phone, a_visitor, an_app
from tests.client import Client, Response, actions
from tests.clock import held
from tests.settings.accounts import a_number
from tests.sign_in.test_step import texted
from tests.staff.colleagues import a_colleague
from tests.visitors import a_browser

from portal import devices, factors, passwords, recovery_codes, sessions, user_accounts
from portal.methods import Confidence, Method
from portal.patients import Patient
from portal.roles import Role

ROUTES = sorted({(each.method, each.path) for _, each in actions()})
BODIES: dict[str, dict[str, str]] = {
    "/sign-in": {"address": "nobody@example.org"},
    "/sign-in/password": {"address": "nobody@example.org", "password": "x"},
    "/sign-in/step/code": {"method": "totp", "code": "000000"},
    "/sign-in/step/proof": {"born_on": "1970-01-01", "identifier": "X"},
    "/settings/language": {"language": "es"},
    "/settings/security/phone": {"phone": "+12125550100"},
    "/settings/security/password": {"password": "too short"},
    "/activate": {"code": "AAAAA-AAAAA-AAAAA", "born_on": "1970-01-01"},
    "/activate/{token}": {"born_on": "1970-01-01"},
    "/activate/register": {
        "given": "A", "family": "B", "born_on": "1970-01-01", "identifier": "X",
        "address": "a@example.org",
    },
    "/activate/register/code": {"code": "000000"},
    "/staff/patients": {"number": "X"},
}  # fmt: skip
RIGHT = "correct horse battery staple"


@cache
def chart_owner() -> Patient:
    patient: Patient = a_chart().patient
    return patient


def insiders(path: str) -> Client:
    """Somebody who may do what the route does."""
    if path.startswith("/staff"):
        return a_colleague(*Role)
    cookie = sessions.open_with(chart_owner().patient_id, frozenset({Method.PASSKEY}), a_visitor())
    return a_browser(cookies={"session": cookie, "browser": "b" * 22})


def asked(client: Client, method: str, path: str) -> Response:
    ids = {
        "token": "A" * 22,
        "organisation": "no-hospital",
        "patient_id": chart_owner().patient_id,
        "session_id": "0" * 64,
        "device_id": "0" * 64,
        "review_id": f"{chart_owner().patient_id}-{'0' * 32}",
        "subject_id": f"staff-{'0' * 32}",
        "factor_id": "0" * 32,
        **a_chart().ids,
    }
    url = re.sub(r"\{(\w+)\+?\}", lambda name: ids.get(name[1], "nowhere"), path)
    kind = next(a for _, a in actions() if (a.method, a.path) == (method, path)).content_types[0]
    if method == "GET":
        return client.get(url)
    if "form" not in kind:
        body = b"{}" if "json" in kind else b"MSH|^~\\&|LAB|RIVERBEND"
        secret = {"content-type": kind, "authorization": "Bearer ehr_nobodys"}
        return client.send(method, url, body, secret)
    return client.post(url, **BODIES.get(path, {}))


def is_silent(answer: Response, logged: str) -> bool:
    """Neither what failed nor anything of a chart."""
    said = answer.text + json.dumps(answer.headers)
    assert "Traceback" not in said + logged
    for secret in ("aws.invalid", "EndpointConnection", "dynamodb", "botocore", "pynamodb"):
        assert secret not in said, secret
    for secret in ("Glucose", "JVBERi0", chart_owner().family, chart_owner().email):
        assert secret not in said, secret
    return True


def needed(method: str, path: str) -> list[str]:
    """The stores this route asks when all is well."""
    client = insiders(path)
    forget()
    with noted() as calls:
        asked(client, method, path)
    where = {each for call in calls for each in call.where}
    return [name for name, told in stores().items() if told in where]


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda part: part)
def test_no_route_shows_anything_or_lets_anybody_in(
    method: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Each store it asks, one after the other."""
    caplog.set_level(logging.DEBUG, "portal")
    for store in needed(method, path):
        client = insiders(path)
        before = dict(client.cookies)

        with down(stores()[store]) as failed:
            answer = asked(client, method, path)

        assert failed, store
        new = {name for name, value in client.cookies.items() if before.get(name) != value}
        assert not new & {"session", "staff", "device"}, store
        assert answer.status == 503 or 400 <= answer.status < 500, store
        assert is_silent(answer, caplog.text)


@pytest.mark.parametrize("store", ["sessions", "audit"])
@pytest.mark.parametrize(
    ("method", "path"),
    [(m, p) for m, p in ROUTES if {(a.method, a.path): a.needs for _, a in actions()}[m, p]],
    ids=lambda part: part,
)
def test_what_needs_a_session_is_unavailable_without_sessions_or_trail(
    method: str, path: str, store: str
) -> None:
    """Not a sign-in page, which would look like being signed out, and never the page itself."""
    client = insiders(path)

    with down(stores()[store]) as failed:
        answer = asked(client, method, path)

    is_refused = store == "audit" and answer.status in (400, 404)  # of nothing, or nobody's
    assert failed or is_refused
    assert answer.status == 503 or is_refused


def by_a_link() -> tuple[Client, Callable[[], Response]]:
    browser, link = a_sent_link(known())
    return browser, lambda: browser.post(f"/sign-in/{link.token}")


def by_a_code_of_a_link() -> tuple[Client, Callable[[], Response]]:
    _, link = a_sent_link(known())
    browser = a_browser()
    return browser, lambda: browser.post(f"/sign-in/{link.token}", code=link.code)


def by_a_password() -> tuple[Client, Callable[[], Response]]:
    patient = known()
    passwords.keep(patient.patient_id, RIGHT)
    fields = {"address": patient.email, "password": RIGHT}
    browser = a_browser()
    return browser, lambda: browser.post("/sign-in/password", **fields)


def by_a_passkey() -> tuple[Client, Callable[[], Response]]:
    phone = a_passkey(known())
    app = a_browser(accept="application/json")
    answer = phone.assertion(options_for(app, SIGN_IN))
    return app, lambda: sent(app, SIGN_IN, answer)


def by_an_app() -> tuple[Client, Callable[[], Response]]:
    patient = known()
    code = code_now(an_app(patient))
    browser = by_link(patient)
    return browser, lambda: browser.post(CODE, method="totp", code=code, remember="yes")


def by_a_paper() -> tuple[Client, Callable[[], Response]]:
    patient = known()
    codes = recovery_codes.new()
    factors.add(patient.patient_id, recovery_codes.factor(codes))
    browser = by_link(patient)
    return browser, lambda: browser.post(CODE, method="recovery-code", code=codes[0])


def by_a_text() -> tuple[Client, Callable[[], Response]]:
    patient = known()
    phone = a_phone(patient, a_number())
    browser = by_link(patient)
    browser.post(TEXT)
    code = texted(phone)
    return browser, lambda: browser.post(CODE, method="sms-code", code=code)


def by_the_records() -> tuple[Client, Callable[[], Response]]:
    patient = a_patient()
    browser = by_link(patient)
    said = {"born_on": "1980-02-03", "identifier": patient.identifiers[0][1]}
    return browser, lambda: browser.post(PROOF, **said)


def by_an_activation_link() -> tuple[Client, Callable[[], Response]]:
    patient = a_patient()
    made, browser = openings.given(patient), a_browser()
    return browser, lambda: openings.open_link(browser, made, patient)


def by_an_activation_code() -> tuple[Client, Callable[[], Response]]:
    patient = a_patient()
    made, browser = openings.given(patient), a_browser()
    return browser, lambda: openings.type_code(browser, made, patient)


def by_registering() -> tuple[Client, Callable[[], Response]]:
    browser, code = openings.registered(a_patient())
    return browser, lambda: browser.post("/activate/register/code", code=code)


WAYS = (
    by_a_link, by_a_code_of_a_link, by_a_password, by_a_passkey, by_an_app, by_a_paper, by_a_text,
    by_the_records, by_an_activation_link, by_an_activation_code, by_registering,
)  # fmt: skip


@pytest.mark.parametrize("store", ["sessions", "audit", "chart", "care", "kms"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nobody_gets_in_while_a_store_is_down(
    way: Callable[[], tuple[Client, Callable[[], Response]]],
    store: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch)
    browser, act = way()
    before = dict(browser.cookies)

    with down(stores()[store]) as failed:
        answer = act()

    if not failed:  # this way does not ask it
        return
    assert answer.status == 503 or 400 <= answer.status < 500
    assert browser.cookies == before
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_each_way_in_does_ask_sessions_and_trail(
    way: Callable[[], tuple[Client, Callable[[], Response]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the outages above are no empty promise; and each way works without one."""
    held(monkeypatch)
    for store in ("sessions", "audit"):
        _, act = way()
        with down(stores()[store]) as failed:
            act()
        assert failed, store
    browser, act = way()
    assert act().status in (200, 303)
    assert "session" in browser.cookies


def test_without_the_trail_no_identity_is_taken_as_shown() -> None:
    patient = a_patient()
    browser = by_link(patient)
    said = {"born_on": "1980-02-03", "identifier": patient.identifiers[0][1]}

    with down(stores()["audit"]):
        assert browser.post(PROOF, **said).status == 503

    assert user_accounts.of(patient.patient_id).confidence < Confidence.PROOFED


def test_without_the_trail_no_factor_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    owner = a_browser(
        accept="application/json",
        cookies={
            "session": sessions.open_with(
                patient.patient_id, frozenset({Method.PASSKEY}), a_visitor()
            )
        },
    )
    secret = owner.post("/settings/security/totp").json["secret"]

    with down(stores()["audit"]):
        answer = owner.post("/settings/security/totp/confirm", code=code_now(secret))

    assert answer.status == 503
    assert factors.of(patient.patient_id) == []


def test_without_the_trail_no_factor_is_removed() -> None:
    patient = known()
    an_app(patient)
    (factor,) = factors.of(patient.patient_id)
    cookie = sessions.open_with(patient.patient_id, frozenset({Method.PASSKEY}), a_visitor())
    owner = a_browser(cookies={"session": cookie})

    with down(stores()["audit"]):
        answer = owner.post(f"/settings/security/factors/{factor.factor_id}/remove", confirm="yes")

    assert answer.status == 503
    assert factors.of(patient.patient_id) == [factor]


def test_without_the_trail_no_device_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = known()
    code = code_now(an_app(patient))
    browser = by_link(patient)

    with down(stores()["audit"]):
        browser.post(CODE, method="totp", code=code, remember="yes")

    assert devices.of(patient.patient_id) == []
    assert "device" not in browser.cookies


def test_signing_out_works_without_the_trail() -> None:
    """The other way round: nobody stays signed in because the trail is down."""
    patient = known()
    cookie = sessions.open_with(patient.patient_id, frozenset({Method.PASSKEY}), a_visitor())
    owner = a_browser(cookies={"session": cookie})

    with down(stores()["audit"]):
        assert owner.post("/sign-out").status == 503

    assert sessions.live(cookie) is None


def test_an_outage_of_the_throttle_is_no_way_to_guess() -> None:
    patient = known()
    an_app(patient)
    thief = by_link(patient)

    with down(stores()["sessions"]):
        statuses = {thief.post(CODE, method="totp", code=f"{n:06d}").status for n in range(5)}

    assert statuses == {503}


def test_an_outage_is_a_page_with_a_telephone_in_words_and_a_request_id() -> None:
    with down(stores()["sessions"]):
        page = a_browser(cookies={"session": "x" * 43}).get("/results")

    assert page.status == 503
    assert "call your clinic" in page.text
