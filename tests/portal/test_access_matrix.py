"""Every action x who asks: the status each gets. A new route without a row here fails.

subjects: a visitor, the patient, another patient, and cookies that are ended, idle or forged.
A page that needs a session sends a browser to sign in (303); the app is told 401.
"""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from tests.builders import a_message, a_patient, a_phone, a_session, a_visitor, released
from tests.client import Client, actions
from tests.clock import held
from tests.family.ties import a_grant
from tests.visitors import a_browser

from portal import devices, factors, sessions
from portal.patients import Patient
from portal.scopes import NEEDED, Scope
from portal.secrets_kept import hashed

pytestmark = pytest.mark.usefixtures("portal")

SUBJECTS = ("visitor", "own", "other", "ended", "idle", "forged")

OPEN = (200,) * 6
NEEDS_SESSION = (401, 200, 200, 401, 401, 401)
OWN_RECORD = (401, 200, 404, 401, 401, 401)
UNKNOWN_TO_ALL = (401, 404, 404, 401, 401, 401)

MATRIX = {
    ("GET", "/"): NEEDS_SESSION,
    ("GET", "/openapi.json"): OPEN,
    ("GET", "/assets/{name}"): (404,) * 6,  # of no file
    ("GET", "/manifest.webmanifest"): OPEN,
    ("GET", "/service-worker.js"): OPEN,
    ("GET", "/{proxy+}"): (404,) * 6,
    ("GET", "/_components"): (404,) * 6,  # but in the demo
    ("GET", "/search"): NEEDS_SESSION,
    ("POST", "/search"): NEEDS_SESSION,
    ("GET", "/results"): NEEDS_SESSION,
    ("GET", "/results/{report_id}"): OWN_RECORD,
    ("GET", "/results/{report_id}/documents/{document_id}"): OWN_RECORD,
    ("GET", "/sign-in"): OPEN,
    ("POST", "/sign-in"): OPEN,
    ("GET", "/sign-in/{token}"): OPEN,
    ("POST", "/sign-in/{token}"): (401,) * 6,  # with a token of nobody's
    ("GET", "/activate"): OPEN,
    ("POST", "/activate"): (400,) * 6,  # with a code of nobody's, as the next
    ("GET", "/activate/{token}"): OPEN,
    ("POST", "/activate/{token}"): (401,) * 6,
    ("GET", "/activate/register"): OPEN,
    ("POST", "/activate/register"): (400,) * 6,  # with nothing typed
    ("POST", "/activate/register/code"): (400,) * 6,
    ("GET", "/sign-in/step"): NEEDS_SESSION,
    ("POST", "/sign-in/step/text"): (401, 200, 400, 401, 401, 401),  # one has a phone
    ("POST", "/sign-in/step/code"): (401, 400, 400, 401, 401, 401),
    ("POST", "/sign-in/step/proof"): (401, 400, 400, 401, 401, 401),
    ("POST", "/sign-in/stay"): NEEDS_SESSION,
    ("POST", "/sign-out"): NEEDS_SESSION,
    ("GET", "/signed-out"): OPEN,
    ("GET", "/sign-in/with"): OPEN,
    ("POST", "/sign-in/with/{organisation}"): (404,) * 6,  # to a hospital nobody knows
    ("GET", "/sign-in/callback"): (400,) * 6,  # from nowhere
    ("GET", "/sign-in/hospitals"): NEEDS_SESSION,
    ("POST", "/sign-in/hospitals/{organisation}"): UNKNOWN_TO_ALL,
    ("POST", "/sign-in/hospitals/{organisation}/remove"): UNKNOWN_TO_ALL,
    ("POST", "/settings/language"): OPEN,
    ("GET", "/settings/push"): NEEDS_SESSION,
    ("POST", "/settings/push"): (401, 400, 400, 401, 401, 401),  # with no subscription
    ("POST", "/settings/push/{device_id}/remove"): UNKNOWN_TO_ALL,  # of the other kind of device
    ("GET", "/settings/offline"): NEEDS_SESSION,
    ("POST", "/settings/offline"): NEEDS_SESSION,
    ("POST", "/settings/offline/key"): (401, 403, 403, 401, 401, 401),  # nobody said yes here
    ("GET", "/settings/offline/forms"): NEEDS_SESSION,
    ("GET", "/settings"): NEEDS_SESSION,
    ("GET", "/settings/language"): NEEDS_SESSION,
    ("POST", "/settings/time-zone"): NEEDS_SESSION,
    ("GET", "/settings/name"): NEEDS_SESSION,
    ("POST", "/settings/name"): NEEDS_SESSION,
    ("GET", "/settings/look"): NEEDS_SESSION,
    ("POST", "/settings/look"): NEEDS_SESSION,
    ("GET", "/settings/notices"): NEEDS_SESSION,
    ("POST", "/settings/notices/{topic}"): NEEDS_SESSION,
    ("POST", "/settings/quiet-hours"): NEEDS_SESSION,
    ("GET", "/settings/home"): NEEDS_SESSION,
    ("POST", "/settings/home"): NEEDS_SESSION,
    ("POST", "/settings/guide"): NEEDS_SESSION,
    ("GET", "/settings/contact"): NEEDS_SESSION,
    ("POST", "/settings/contact"): (401, 400, 400, 401, 401, 401),  # no address
    ("GET", "/settings/contact/confirm"): NEEDS_SESSION,
    ("POST", "/settings/contact/confirm"): (401, 400, 400, 401, 401, 401),  # nothing begun
    ("GET", "/settings/help"): OPEN,
    ("POST", "/settings/interpreter"): NEEDS_SESSION,
    ("GET", "/privacy"): NEEDS_SESSION,
    ("POST", "/privacy/consents/{purpose}"): NEEDS_SESSION,  # each for themselves
    ("GET", "/staff/sign-in"): OPEN,
    ("POST", "/staff/sign-in"): (503,) * 6,  # no provider is set up here
    ("GET", "/staff/callback"): (403,) * 6,  # from nowhere
    ("POST", "/sign-in/passkey/options"): OPEN,
    ("POST", "/sign-in/passkey"): (401,) * 6,  # with a passkey of nobody's
    ("POST", "/settings/security/passkey/options"): NEEDS_SESSION,
    ("POST", "/settings/security/passkey"): (401, 400, 400, 401, 401, 401),  # nothing made
    ("GET", "/sign-in/password"): OPEN,
    ("POST", "/sign-in/password"): (400,) * 6,  # with a password of nobody's
    ("GET", "/settings/security"): NEEDS_SESSION,
    ("POST", "/settings/security/sessions/{session_id}/end"): OWN_RECORD,
    ("POST", "/settings/security/devices/{device_id}/forget"): OWN_RECORD,
    ("GET", "/settings/security/factors/{factor_id}/remove"): OWN_RECORD,
    ("POST", "/settings/security/factors/{factor_id}/remove"): OWN_RECORD,
    ("GET", "/settings/security/totp"): NEEDS_SESSION,
    ("POST", "/settings/security/totp"): NEEDS_SESSION,
    ("GET", "/settings/security/totp/confirm"): NEEDS_SESSION,
    ("POST", "/settings/security/totp/confirm"): (401, 400, 400, 401, 401, 401),  # nothing begun
    ("GET", "/settings/security/phone"): NEEDS_SESSION,
    ("POST", "/settings/security/phone"): (401, 400, 400, 401, 401, 401),  # no number
    ("GET", "/settings/security/phone/confirm"): NEEDS_SESSION,
    ("POST", "/settings/security/phone/confirm"): (401, 400, 400, 401, 401, 401),  # nothing begun
    ("GET", "/settings/security/recovery-codes"): NEEDS_SESSION,
    ("POST", "/settings/security/recovery-codes"): NEEDS_SESSION,
    ("GET", "/settings/security/password"): NEEDS_SESSION,
    ("POST", "/settings/security/password"): (401, 400, 400, 401, 401, 401),  # too short
    ("GET", "/family"): NEEDS_SESSION,
    ("GET", "/family/invite"): NEEDS_SESSION,
    ("POST", "/family/invite"): (401, 400, 400, 401, 401, 401),  # with nothing typed
    ("GET", "/family/join/{token}"): OPEN,
    ("POST", "/family/join/{token}"): (400,) * 6,  # with a token of nobody's, as the next
    ("POST", "/family/join/{token}/accept"): (401, 400, 400, 401, 401, 401),
    ("GET", "/family/children"): NEEDS_SESSION,
    ("POST", "/family/children"): (401, 400, 400, 401, 401, 401),  # with nothing typed
    ("POST", "/family/grants/{grant_id}/notices"): UNKNOWN_TO_ALL,  # only its holder's
    ("GET", "/family/grants/{grant_id}"): OWN_RECORD,
    ("POST", "/family/grants/{grant_id}"): (401, 400, 404, 401, 401, 401),  # nothing ticked
    ("GET", "/family/grants/{grant_id}/revoke"): OWN_RECORD,
    ("POST", "/family/grants/{grant_id}/revoke"): OWN_RECORD,
    ("POST", "/family/preview"): UNKNOWN_TO_ALL,  # with a grant of nobody's, as the next
    ("POST", "/family/switch"): UNKNOWN_TO_ALL,
    ("POST", "/family/own"): NEEDS_SESSION,
    ("POST", "/ehr/hl7"): (401,) * 6,  # a sender's credential counts there, no session does
    ("POST", "/ehr/fhir"): (401,) * 6,
    ("POST", "/ehr/fhir/notifications"): (401,) * 6,
    ("GET", "/ehr/hl7"): (405,) * 6,
    ("PUT", "/ehr/hl7"): (405,) * 6,
    ("PATCH", "/ehr/hl7"): (405,) * 6,
    ("DELETE", "/ehr/hl7"): (405,) * 6,
}

_PATIENT = "/staff/patients/{patient_id}"
STAFFS = (  # no patient's session counts there; roles: tests/staff/test_roles.py
    ("GET", "/staff"),
    ("POST", "/staff/stay"),
    ("POST", "/staff/sign-out"),
    ("GET", "/staff/reviews/{review_id}"),
    ("POST", "/staff/reviews/{review_id}/take"),
    ("POST", "/staff/reviews/{review_id}/close"),
    ("GET", "/staff/people"),
    ("POST", "/staff/people/{subject_id}/sign-out"),
    ("POST", "/staff/patients"),
    ("GET", _PATIENT),
    ("POST", f"{_PATIENT}/activation"),
    ("GET", f"{_PATIENT}/recover"),
    ("POST", f"{_PATIENT}/recover"),
    ("GET", f"{_PATIENT}/break-glass"),
    ("POST", f"{_PATIENT}/break-glass"),
    ("POST", f"{_PATIENT}/break-glass/end"),
    ("GET", "/staff/proxies/{review_id}"),
    ("POST", "/staff/proxies/{review_id}"),
    ("GET", f"{_PATIENT}/proxies"),
    ("POST", f"{_PATIENT}/proxies/{{grant_id}}/suspend"),
    ("POST", f"{_PATIENT}/proxies/{{grant_id}}/lift"),
    ("GET", f"{_PATIENT}/results"),
    ("GET", f"{_PATIENT}/results/{{report_id}}"),
    ("GET", f"{_PATIENT}/labels"),
    ("GET", f"{_PATIENT}/results/{{report_id}}/labels"),
    ("POST", f"{_PATIENT}/results/{{report_id}}/labels"),
)
MATRIX |= dict.fromkeys(STAFFS, (401,) * 6)

NOBODYS_GRANT = b'{"grant_id": "00000000000000000000000000000000"}'
BODIES = {
    "/family/join/{token}": (
        b'{"given": "Sam", "family": "Lee", "born_on": "1985-05-05", "code": "000000"}'
    ),
    "/family/switch": NOBODYS_GRANT,
    "/family/preview": NOBODYS_GRANT,
    "/activate": b'{"code": "AAAAA-AAAAA-AAAAA", "born_on": "1980-02-03"}',
    "/activate/{token}": b'{"born_on": "1980-02-03"}',
    "/sign-in": b'{"address": "nobody@example.org"}',
    "/settings/offline": b'{"keep": "yes"}',
    "/settings/language": b'{"language": "en"}',
    "/search": b'{"q": "glucose"}',
    "/settings/home": b'{"do": "up:results"}',
    "/settings/interpreter": b'{"language": "es", "how": "phone"}',
    "/privacy/consents/{purpose}": b'{"decision": "withdraw"}',
    "/sign-in/password": b'{"address": "nobody@example.org", "password": "a wrong one"}',
    "/settings/security/factors/{factor_id}/remove": b'{"confirm": "yes"}',
    "/sign-in/passkey": (
        b'{"credential_id": "AA", "client_data": "AA", "authenticator_data": "AA",'
        b' "signature": "AA", "user_handle": "AA"}'
    ),
    "/settings/security/passkey": (
        b'{"credential_id": "AA", "client_data": "AA", "attestation": "AA"}'
    ),
}


@pytest.fixture(autouse=True)
def _many_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.sign_in.app.ASKS_PER_ADDRESS", 1000)


def a_record() -> SimpleNamespace:
    """A patient, and a result of theirs with a document."""
    patient = a_patient()
    obx = "ED|PDF^Report^L||^application^PDF^Base64^JVBERi0xLjQK||||||F"
    report_id = released(a_message(patient, obx)).report_ids[0]
    app = Client(accept="application/json", cookies={"session": a_session(patient)})
    (document,) = app.get(f"/results/{report_id}").json["card"]["documents"]
    ids = {"report_id": report_id, "document_id": document["document_id"]}
    ids |= of_sign_in(patient, app)
    nobody = "0" * 32
    ids |= {"patient_id": patient.patient_id, "subject_id": f"staff-{nobody}"}
    ids |= {"grant_id": a_grant(patient, a_patient()).grant_id}
    ids |= {
        "review_id": f"{patient.patient_id}-{nobody}",
        "purpose": "research",
        "topic": "results",
    }
    return SimpleNamespace(patient=patient, ids=ids | {"token": "A" * 22, "proxy+": "nowhere"})


def of_sign_in(patient: Patient, app: Client) -> dict[str, str]:
    """A session, a remembered device and a factor of theirs."""
    device = devices.remember(patient.patient_id, a_visitor())
    a_phone(patient)
    (factor,) = factors.of(patient.patient_id)
    session_id = hashed(app.cookies["session"])
    return {"session_id": session_id, "device_id": hashed(device), "factor_id": factor.factor_id}


def subject(name: str, owner: Patient, monkeypatch: pytest.MonkeyPatch) -> Client:
    if name == "visitor":
        return a_browser()
    if name == "forged":
        return a_browser(cookies={"session": "A" * 43})
    cookie = a_session(owner if name in {"own", "ended", "idle"} else a_patient())
    if name == "ended":
        sessions.end(cookie)
    if name == "idle":
        held(monkeypatch).advance(minutes=16)
    return a_browser(cookies={"session": cookie})


def asked(client: Client, method: str, path: str, ids: dict[str, str]) -> int:
    url = path
    for name, value in ids.items():
        url = url.replace(f"{{{name}}}", value)
    kind = "x-application/hl7-v2+er7" if path == "/ehr/hl7" else "application/json"
    body = BODIES.get(path, b"MSH" if path == "/ehr/hl7" else b"{}") if method != "GET" else b""
    return client.send(method, url, body, {"content-type": kind}).status


def test_every_action_has_a_row_and_every_row_an_action() -> None:
    assert {(action.method, action.path) for _, action in actions()} == MATRIX.keys()


@pytest.mark.parametrize("name", SUBJECTS)
@pytest.mark.parametrize(("method", "path"), MATRIX, ids=lambda part: part)
def test_each_subject_gets_what_the_matrix_says(
    method: str, path: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = a_record()
    client = replace(subject(name, record.patient, monkeypatch), accept="application/json")

    status = asked(client, method, path, record.ids)

    assert status == MATRIX[method, path][SUBJECTS.index(name)]


@pytest.mark.parametrize("name", ["visitor", "ended", "idle", "forged"])
@pytest.mark.parametrize(
    "path", [path for (method, path), row in MATRIX.items() if method == "GET" and row[0] == 401]
)
def test_a_browser_without_a_live_session_is_sent_to_sign_in(
    path: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = a_record()

    assert asked(subject(name, record.patient, monkeypatch), "GET", path, record.ids) == 303


def test_the_actions_open_to_visitors_are_these() -> None:
    open_to_all = {(each.method, each.path) for _, each in actions() if each.needs is None}

    closed = set(STAFFS)
    assert open_to_all == {k for k, row in MATRIX.items() if row[0] == row[1]} - closed


def test_every_scope_says_how_sure_we_must_be() -> None:
    assert NEEDED.keys() == set(Scope)


@pytest.mark.parametrize("origin", ["https://evil.example.net", "null"])
@pytest.mark.parametrize("path", [path for method, path in MATRIX if method != "GET"])
def test_no_action_takes_a_form_of_another_site(path: str, origin: str) -> None:
    record = a_record()
    client = a_browser(origin=origin, cookies={"session": a_session(record.patient)})

    assert asked(client, "POST", path, record.ids) == 403
    assert client.get("/").status == 200, "it changed nothing"
