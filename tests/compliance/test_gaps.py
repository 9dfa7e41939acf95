"""Gaps we know of, as tests that fail today. Whoever closes one is told so here (xfail is strict):
take the mark off, and move its row in the TOML from `open` to `tests`."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pyotp import TOTP
from tests.architecture.sources import ROOT
from tests.architecture.template import functions, template
from tests.architecture.test_infrastructure import statements
from tests.builders import a_link_session, a_message, a_patient, released
from tests.builders import an_app as an_authenticator
from tests.clock import held
from tests.stores import client
from tests.visitors import an_app, nobodys_trail, signed_in

from portal import keys, objects, requests, user_accounts
from portal.methods import Confidence

gap = pytest.mark.xfail(strict=True, reason="a gap we know of")
PAGE = "ED|PDF^Report^L||^application^HTML^Base64^PGI+aGk8L2I+||||||F"
JSON = {"content-type": "application/json"}


@gap
@pytest.mark.parametrize("kind", ["MISSING_AUTHENTICATION_TOKEN", "DEFAULT_4XX", "DEFAULT_5XX"])
def test_what_the_front_answers_by_itself_carries_the_security_headers(kind: str) -> None:
    """ASVS V3.4.1, V3.4.3, V3.4.4, V3.4.6: every answer, also those no function sees."""
    answers = template()["Resources"]["Portal"]["Properties"]["GatewayResponses"]
    headers = {
        name.lower().removeprefix("gatewayresponse.header."): value
        for name, value in answers[kind].get("ResponseParameters", {}).get("Headers", {}).items()
    }

    assert "max-age=" in headers["strict-transport-security"]
    assert "nosniff" in headers["x-content-type-options"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "no-store" in headers["cache-control"]


@gap
def test_the_portal_answers_under_its_own_name_only() -> None:
    """ASVS V12.1.1: the default `execute-api` name takes TLS 1.0."""
    front = template()["Resources"]["Portal"]["Properties"]

    assert front["DisableExecuteApiEndpoint"] in (True, {"If": ["HasCertificate", True, False]})


@gap
@pytest.mark.usefixtures("portal")
def test_a_download_cannot_be_framed_and_does_not_move_addresses() -> None:
    """ASVS V3.4.3, V3.4.6."""
    patient = a_patient()
    report_id = released(a_message(patient, PAGE)).report_ids[0]
    card = signed_in(patient, accept="application/json").get(f"/results/{report_id}").json["card"]
    address = f"/results/{report_id}/documents/{card['documents'][0]['document_id']}"

    policy = signed_in(patient).get(address).headers["content-security-policy"]

    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy


@gap
@pytest.mark.usefixtures("portal")
def test_signing_out_clears_what_the_browser_keeps() -> None:
    """ASVS V14.3.1."""
    answer = signed_in(a_patient()).post("/sign-out")

    assert '"cache"' in answer.headers["clear-site-data"]
    assert '"storage"' in answer.headers["clear-site-data"]


@gap
def test_a_visitor_cannot_say_which_country_they_are_in() -> None:
    """ASVS V4.1.3: no edge stands before the API yet, so these headers are whoever's."""
    event: dict[str, Any] = {
        "path": "/sign-in",
        "headers": {
            "CloudFront-Viewer-Country": "US",
            "CloudFront-Viewer-Latitude": "40.7",
            "CloudFront-Viewer-Longitude": "-74.0",
        },
        "requestContext": {"httpMethod": "GET", "identity": {"sourceIp": "192.0.2.9"}},
    }
    visitor = requests.request_of(event).visitor

    assert (visitor.country, visitor.place) == ("", "")


@gap
@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("body", [b"{", b'{"address": {"$ne": ""}}', b"x" * 64_001])
def test_a_request_that_is_no_request_of_ours_is_recorded(body: bytes) -> None:
    """ASVS V16.3.3: attempts to get around the checks of what comes in."""
    app = an_app()

    assert app.send("POST", "/sign-in", body, JSON).status == 400

    assert [row.outcome for row in nobodys_trail(app)] == ["refused"]


@gap
@pytest.mark.usefixtures("portal")
def test_a_hundred_wrong_codes_in_a_row_close_a_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """NIST SP 800-63B-4, 3.2.2: for every authenticator, however slowly they come."""
    clock = held(monkeypatch)
    patient = a_patient()
    user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
    secret = an_authenticator(patient)

    def tried(*codes: str) -> list[int]:
        clock.advance(minutes=16)
        app = an_app(cookies={"session": a_link_session(patient)})
        said = [json.dumps({"method": "totp", "code": code}).encode() for code in codes]
        return [app.send("POST", "/sign-in/step/code", body, JSON).status for body in said]

    for _ in range(11):
        assert set(tried(*["not a code"] * 10)) <= {400, 429}
    code = TOTP(secret).at(clock.moment + timedelta(minutes=16))

    assert tried(code) != [200]


@gap
def test_a_function_reads_the_secrets_of_its_own_purpose_only() -> None:
    """ASVS V13.3.2: a sender's door need not know the secret of the staff's sign-in."""
    read = {
        name: str(statement["Resource"])
        for name, function in functions().items()
        for statement in statements(function)
        if "ssm:GetParameter" in statement["Action"]
    }

    assert len(read) > 1
    assert not [name for name, resource in read.items() if "parameter/portal/*" in resource]


@gap
@pytest.mark.usefixtures("portal")
def test_what_is_sealed_says_how() -> None:
    """ASVS V11.2.2: another cipher one day must be able to tell its rows from these."""
    assert len({keys.seal("p", "a", "x")[0] for _ in range(40)}) == 1


@gap
@pytest.mark.usefixtures("portal")
def test_a_kept_message_that_was_changed_is_not_read() -> None:
    """164.312(c): its name is its hash, and nobody asks."""
    raw = a_message(a_patient())
    name = objects.keep_raw(raw)
    client("s3").put_object(Bucket="raw-messages", Key=f"raw/{name}", Body=raw + b"NTE|1||x\r")
    objects.forget()

    assert objects.raw_id(objects.raw(name)[0]) == name


@gap
def test_the_locks_are_held_against_known_weaknesses() -> None:
    """ASVS V15.2.1: `make test` or a workflow of its own asks an advisory list."""
    said = (ROOT / "infra" / "local" / "check.py").read_text() + (ROOT / "Makefile").read_text()

    assert "audit" in said.lower()
