"""A third party that proofs identities, on the wire, and the embedded default without one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from tests.activate.openings import deliver, number, register
from tests.builders import a_patient
from tests.stores import client, queued, sent_to
from tests.visitors import a_browser, on_https

from portal.patients import Patient
from portal.settings import settings

pytestmark = pytest.mark.usefixtures("portal")


class ThirdParty:
    """Answers as it is told, and remembers what it was asked."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status, self.body = status, body
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []


@contextmanager
def answering(
    monkeypatch: pytest.MonkeyPatch, answer: Any, status: int = 200
) -> Iterator[ThirdParty]:
    third = ThirdParty(status, answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            third.asked.append((self.path, headers, json.loads(body)))
            self.send_response(third.status)
            self.send_header("Content-Length", str(len(third.body)))
            self.end_headers()
            self.wfile.write(third.body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with monkeypatch.context() as patch:
        patch.setenv("PROOFING_URL", f"http://127.0.0.1:{server.server_port}/proofings")
        settings.cache_clear()
        yield third
    settings.cache_clear()
    server.shutdown()
    server.server_close()
    thread.join()


def asked(patient: Patient) -> list[dict[str, str]]:
    """Registers, delivers, and returns what stays on the queue."""
    queued("SignInRequests")
    register(a_browser(), patient)
    failures: list[dict[str, str]] = deliver()["batchItemFailures"]
    return failures


def test_without_a_third_party_the_records_decide() -> None:
    patient = a_patient()

    assert asked(patient) == []

    assert settings().proofing_url == ""
    assert len(sent_to(patient.email)) == 1


def test_a_third_party_that_says_yes_lets_the_code_go_out(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()

    with answering(monkeypatch, {"decision": "proofed"}) as third:
        asked(patient)

    ((path, headers, body),) = third.asked
    assert path == "/proofings"
    assert headers["content-type"] == "application/json"
    assert headers["idempotency-key"] == "test-request"
    assert body == {
        "given": "Ana",
        "family": "Rivera",
        "birth_date": "1980-02-03",
        "address": patient.email,
    }
    assert len(sent_to(patient.email)) == 1


def test_a_third_party_that_says_no_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()

    with answering(monkeypatch, {"decision": "refused"}):
        assert asked(patient) == []

    assert sent_to(patient.email) == []


def test_it_is_not_asked_about_people_whom_the_records_do_not_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stranger = a_patient().model_copy(update={"given": "Eve"})

    with answering(monkeypatch, {"decision": "proofed"}) as third:
        asked(stranger)

    assert third.asked == []
    assert sent_to(stranger.email) == []


def test_it_is_never_told_the_record_number(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()

    with answering(monkeypatch, {"decision": "proofed"}) as third:
        asked(patient)

    assert number(patient) not in str(third.asked)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"decision": "proofed"}, 500),
        ({"decision": "proofed"}, 302),
        ({"decision": "maybe"}, 200),
        ({"decision": True}, 200),
        ({}, 200),
        (b"<html>", 200),
        (b"[" * 100_000, 200),
    ],
    ids=["500", "redirect", "maybe", "true", "empty", "html", "deep"],
)
def test_any_other_answer_is_none_and_the_request_is_tried_again(
    answer: Any, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = a_patient()

    with answering(monkeypatch, answer, status):
        assert asked(patient) == [{"itemIdentifier": "0"}]

    assert sent_to(patient.email) == []


def test_one_that_is_away_fails_closed_and_tells_the_log_no_name(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    patient = a_patient(given="Xiomara")
    with answering(monkeypatch, {}) as third:
        gone = settings().proofing_url
    monkeypatch.setenv("PROOFING_URL", gone)
    settings.cache_clear()

    failed = asked(patient)

    monkeypatch.undo()
    settings.cache_clear()
    assert failed == [{"itemIdentifier": "0"}]
    assert third.asked == []
    assert "Xiomara" not in "".join(capfd.readouterr())


def test_it_is_asked_with_the_token_of_the_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    client("ssm").put_parameter(
        Name="/portal/test/proofing/token", Value="s3cret", Type="SecureString", Overwrite=True
    )
    monkeypatch.setenv("PROOFING_TOKEN_PARAMETER", "/portal/test/proofing/token")

    with answering(monkeypatch, {"decision": "proofed"}) as third:
        asked(a_patient())

    assert third.asked[0][1]["authorization"] == "Bearer s3cret"


def test_names_never_leave_a_deployed_portal_in_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()
    queued("SignInRequests")
    register(a_browser(), patient)
    requests = queued("SignInRequests")

    with answering(monkeypatch, {"decision": "proofed"}) as third, on_https(monkeypatch):
        assert deliver(requests)["batchItemFailures"] == [{"itemIdentifier": "0"}]

    assert third.asked == []
