"""Every action x who asks: the status each gets. A new route without a row here fails.

subjects: a visitor, the patient, another patient, and cookies that are ended, idle or forged.
A page that needs a session sends a browser to sign in (303); the app is told 401.
"""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from tests.builders import a_message, a_patient, a_session, released
from tests.client import Client, actions
from tests.clock import held
from tests.visitors import a_browser

from portal import sessions
from portal.access import NEEDED, Scope
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")

SUBJECTS = ("visitor", "own", "other", "ended", "idle", "forged")

OPEN = (200,) * 6
NEEDS_SESSION = (401, 200, 200, 401, 401, 401)
OWN_RECORD = (401, 200, 404, 401, 401, 401)

MATRIX = {
    ("GET", "/"): NEEDS_SESSION,
    ("GET", "/openapi.json"): OPEN,
    ("GET", "/{proxy+}"): (404,) * 6,
    ("GET", "/results"): NEEDS_SESSION,
    ("GET", "/results/{report_id}"): OWN_RECORD,
    ("GET", "/results/{report_id}/documents/{document_id}"): OWN_RECORD,
    ("GET", "/sign-in"): OPEN,
    ("POST", "/sign-in"): OPEN,
    ("GET", "/sign-in/{token}"): OPEN,
    ("POST", "/sign-in/{token}"): (401,) * 6,  # with a token of nobody's
    ("POST", "/sign-out"): NEEDS_SESSION,
    ("GET", "/signed-out"): OPEN,
    ("POST", "/settings/language"): OPEN,
    ("POST", "/ehr/hl7"): (401,) * 6,  # a sender's credential counts there, no session does
    ("POST", "/ehr/fhir"): (401,) * 6,
    ("POST", "/ehr/fhir/notifications"): (401,) * 6,
    ("GET", "/ehr/hl7"): (405,) * 6,
    ("PUT", "/ehr/hl7"): (405,) * 6,
    ("PATCH", "/ehr/hl7"): (405,) * 6,
    ("DELETE", "/ehr/hl7"): (405,) * 6,
}

BODIES = {
    "/sign-in": b'{"address": "nobody@example.org"}',
    "/settings/language": b'{"language": "en"}',
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
    return SimpleNamespace(patient=patient, ids=ids | {"token": "A" * 22, "proxy+": "nowhere"})


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

    assert open_to_all == {key for key, row in MATRIX.items() if row[0] == row[1]}


def test_every_scope_says_how_sure_we_must_be() -> None:
    assert NEEDED.keys() == set(Scope)


@pytest.mark.parametrize("origin", ["https://evil.example.net", "null"])
@pytest.mark.parametrize("path", [path for method, path in MATRIX if method != "GET"])
def test_no_action_takes_a_form_of_another_site(path: str, origin: str) -> None:
    record = a_record()
    client = a_browser(origin=origin, cookies={"session": a_session(record.patient)})

    assert asked(client, "POST", path, record.ids) == 403
    assert client.get("/").status == 200, "it changed nothing"
