"""What is recorded and logged, and what leaves the portal (ASVS V16; 164.312; 170.315(d))."""

import json
import socket
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from tests.architecture.sources import ROOT
from tests.builders import a_link_session, a_message, a_patient, a_session, released
from tests.client import Client, actions
from tests.clock import held
from tests.sign_in.mail import asked
from tests.stores import client
from tests.visitors import a_browser, an_app, nobodys_trail, signed_in

from portal import access, audit, failures, objects
from portal.access import Standing, Subject, Verdict
from portal.audit import Event, Outcome
from portal.granting import Relation
from portal.methods import Assurance, Confidence
from portal.patients import Patient
from portal.scopes import Scope
from portal.secrets_kept import hashed
from portal.tables import AuditRow

pytestmark = pytest.mark.usefixtures("portal")

FORM = "application/x-www-form-urlencoded"
PDF = "ED|PDF^Report^L||^application^PDF^Base64^JVBERi0xLjQK||||||F"


def rows_of(patient: Patient) -> list[tuple[str, str]]:
    return [(row.event, row.outcome) for row in audit.of_patient(patient.patient_id)]


def a_result_with_a_document(patient: Patient) -> tuple[str, str]:
    report_id = released(a_message(patient, PDF)).report_ids[0]
    card = signed_in(patient, accept="application/json").get(f"/results/{report_id}").json["card"]
    return report_id, card["documents"][0]["document_id"]


def test_each_look_at_a_record_and_each_refusal_is_one_row() -> None:
    patient, stranger = a_patient(), a_patient()
    report_id, document_id = a_result_with_a_document(patient)
    looks = {
        "/": "home.viewed",
        "/results": "results.listed",
        f"/results/{report_id}": "results.viewed",
        f"/results/{report_id}/documents/{document_id}": "results.document-viewed",
    }
    own, other = signed_in(patient), signed_in(stranger)
    weak = a_browser(cookies={"session": a_link_session(patient)})

    for path, event in looks.items():
        before = len(rows_of(patient))
        assert own.get(path).status == 200
        assert rows_of(patient)[before:] == [(event, "done")]
        if path != "/":
            weak.get(path)
            assert rows_of(patient)[before + 1 :] == [("access.refused", "refused")]
    counted = len(rows_of(patient)), len(rows_of(stranger))
    assert other.get(f"/results/{report_id}").status == 404
    assert (len(rows_of(patient)), len(rows_of(stranger))) == (counted[0], counted[1] + 1)
    assert rows_of(stranger)[-1] == ("results.viewed", "refused")


BY_LINK = Subject(Relation.SELF, None, "p", standing=Standing(Assurance.LINK, Confidence.PROOFED))
CLINICAL = [
    (action.method, action.path)
    for _, action in actions()
    if isinstance(action.needs, Scope)  # staff's are in tests/staff/test_roles.py
    and access.decided(BY_LINK, action.needs, at=datetime.now(UTC)) is not Verdict.YES
]


@pytest.mark.parametrize(("method", "path"), CLINICAL, ids=lambda part: part)
def test_a_session_by_link_alone_is_refused_whatever_needs_more(method: str, path: str) -> None:
    app = an_app(cookies={"session": a_link_session(a_patient())})
    url = path.replace("{token}", "A" * 22)
    for name in ("report_id", "document_id", "factor_id", "session_id", "device_id"):
        url = url.replace(f"{{{name}}}", "0" * 32)

    answer = app.send(method, url, b"{}", {"content-type": "application/json"})

    assert answer.status == 403
    assert answer.headers["content-type"] == "application/problem+json"


def test_clinical_routes_are_among_those() -> None:
    assert {("GET", "/results"), ("GET", "/results/{report_id}")} <= set(CLINICAL)


def a_visit() -> Patient:
    patient = a_patient()
    report_id = released(a_message(patient)).report_ids[0]
    browser, link = asked(patient.email)
    a_browser().post(f"/sign-in/{link.token}", code="000000")
    browser.post(f"/sign-in/{link.token}")
    both = a_browser(cookies={"session": a_session(patient)})
    for path in ("/", "/results", f"/results/{report_id}", f"/results/{'0' * 32}"):
        both.get(path)
    a_browser(origin="https://evil.example.net").post("/sign-out")
    both.post("/sign-out")
    return patient


def test_every_row_says_when_who_for_whom_what_why_and_how_it_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    clock.advance(days=3650)  # nobody's rows of that day are ours alone
    patient = a_visit()

    nobodys = list(AuditRow.query(f"nobody#{clock.moment:%Y-%m-%d}"))
    assert nobodys
    for row in (*audit.of_patient(patient.patient_id), *nobodys):
        moment = datetime.fromisoformat(row.sk.partition("#")[0])
        assert moment.utcoffset() == UTC.utcoffset(None)
        assert Event(row.event)
        assert Outcome(row.outcome)
        assert row.actor
        assert row.why
        assert row.request_id is not None
        is_nobodys = row.pk.startswith("nobody#")
        assert is_nobodys or row.acting_for == row.pk
    events = [event for event, _ in rows_of(patient)]
    assert {"sign-in.refused", "sign-in.signed-in", "results.viewed", "sign-out"} <= set(events)


def test_the_trail_of_signing_in_names_the_factor() -> None:
    patient = a_visit()

    (row,) = [r for r in audit.of_patient(patient.patient_id) if r.event == "sign-in.signed-in"]
    assert row.about == "email-link"


def test_a_log_line_is_one_object_with_its_time_in_utc(caplog: pytest.LogCaptureFixture) -> None:
    failures.log("request-failed", ValueError("secret"), "r\n2026-01-01 ERROR forged")

    text = failures.logger.registered_formatter.format(caplog.records[-1])
    line = json.loads(text)
    assert not {"\n", "\r"} & set(text)
    assert (line["level"], line["what"], line["error"]) == ("ERROR", "request-failed", "ValueError")
    assert line["request_id"].startswith("r\n"), "kept, and encoded"
    moment = datetime.strptime(line["timestamp"], "%Y-%m-%d %H:%M:%S,%f%z")
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 60
    assert "secret" not in text


NONE_OF_OURS = {
    "no JSON": ("POST", "/sign-in", b'{"zzyzx', "application/json"),
    "another type": ("POST", "/sign-in", b'{"address": {"zzyzx": ""}}', "application/json"),
    "too large": ("POST", "/sign-in", b"zzyzx" * 13_000, "application/json"),
    "too many fields": ("POST", "/sign-in", b"zzyzx=1&" * 300, FORM),
    "a file": ("POST", "/sign-in", b"<zzyzx/>", "application/xml"),
    "a malformed id": ("POST", "/sign-in/zzyzx", b"", FORM),
    "a malformed id to look at": ("GET", "/sign-in/zzyzx", b"", FORM),
}


@pytest.mark.parametrize("name", NONE_OF_OURS)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_request_that_is_none_of_ours_is_a_line_of_the_log_without_its_content(
    name: str, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A line, and no row: rows are kept for years, and strangers may send as many as they like."""
    method, path, body, kind = NONE_OF_OURS[name]
    visitor = a_browser(accept=accept)

    answer = visitor.send(method, path, body, {"content-type": kind})

    assert answer.status in (400, 404, 415)
    (line,) = [json.loads(failures.logger.registered_formatter.format(r)) for r in caplog.records]
    assert (line["message"], line["outcome"]) == ("input-refused", "refused")
    assert line["what"] in ("BadInput", "UnknownType", "NotFound")
    assert line["route"] == f"{method} {path.replace('zzyzx', '{token}')}"
    assert (line["source"], line["request_id"]) == (hashed(visitor.source)[:32], "test-request")
    assert "zzyzx" not in json.dumps(line)
    assert nobodys_trail(visitor) == []


def test_what_a_form_asks_to_be_corrected_is_no_line_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A slip is no attack: what the action itself finds wrong has its own row, where it matters."""
    assert a_browser().post("/sign-in", address="not an address").status == 400

    assert caplog.records == []


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Hosts a socket was opened to."""
    found: set[str] = set()
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        found.add(str(address[0]))
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    return found


def test_nobody_but_aws_is_called_on_a_patients_visit(called: set[str]) -> None:
    """Here AWS is the emulator on this machine."""
    from portal import aws, tables

    aws.client.cache_clear()
    tables.connection.cache_clear()
    a_visit()

    assert called
    assert called <= {"127.0.0.1", "::1"}


def test_a_kept_messages_name_is_its_hash_and_one_bit_tells() -> None:
    raw = a_message(a_patient())
    name = objects.keep_raw(raw)
    objects.forget()
    kept = client("s3").get_object(Bucket="raw-messages", Key=f"raw/{name}")["Body"].read()

    assert objects.raw_id(kept) == name
    assert objects.raw_id(bytes([kept[0] ^ 1]) + kept[1:]) != name


def test_no_result_is_made_to_wait() -> None:
    """45 CFR 171: where no rule says so, nothing between arrival and card is a delay."""
    text = (ROOT / "statemachines" / "release_lab_result.asl.yaml").read_text()
    states = yaml.safe_load(text)["States"].values()

    assert "Wait" not in {state["Type"] for state in states}
    for queue in ("LabMessages", "SignInRequests"):
        from tests.architecture.template import of_type

        assert "DelaySeconds" not in of_type("AWS::SQS::Queue")[queue]["Properties"]


def test_the_time_of_a_code_is_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    from email.utils import format_datetime

    from pyotp import TOTP
    from tests.builders import an_app as an_authenticator

    clock = held(monkeypatch)
    patient = a_patient()
    secret = an_authenticator(patient)
    clock_of_theirs = clock.moment.replace(year=clock.moment.year + 1)
    code = TOTP(secret).at(clock_of_theirs)
    browser: Client = an_app(cookies={"session": a_link_session(patient)})

    answer = browser.send(
        "POST",
        "/sign-in/step/code",
        json.dumps({"method": "totp", "code": code}).encode(),
        {
            "content-type": "application/json",
            "date": format_datetime(clock_of_theirs),
            "x-amz-date": clock_of_theirs.strftime("%Y%m%dT%H%M%SZ"),
        },
    )

    assert answer.status == 400
