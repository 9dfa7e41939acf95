"""What people do with a link or code from the clinic."""

import json
from typing import Any

from functions.sign_in import send
from tests.client import Client, Response
from tests.stores import queued, sent_to
from tests.visitors import a_browser

from portal import activations, audit
from portal.activations import Activation, Kind
from portal.patients import Patient

STAFF = "staff#front-desk"
STEP = "/sign-in/step"


def given(patient: Patient, kind: Kind = Kind.DESK) -> Activation:
    return activations.new(patient.patient_id, kind, STAFF)


def born(patient: Patient) -> str:
    return patient.birth_on.isoformat()


def open_link(
    browser: Client, made: Activation, patient: Patient, identifier: str = ""
) -> Response:
    """As the patient themselves would."""
    fields = {"born_on": born(patient)} | ({"identifier": identifier} if identifier else {})
    return browser.post(f"/activate/{made.token}", **fields)


def type_code(browser: Client, made: Activation, patient: Patient) -> Response:
    return browser.post("/activate", code=made.code, born_on=born(patient))


def number(patient: Patient) -> str:
    return patient.identifiers[0][1]


def register(browser: Client, patient: Patient, **other: str) -> Response:
    """As the patient themselves would."""
    fields = {
        "given": patient.given,
        "family": patient.family,
        "born_on": born(patient),
        "identifier": number(patient),
        "address": patient.email or "ana.typed@example.org",
    }
    return browser.post("/activate/register", **(fields | other))


def deliver(requests: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Runs the sender as SQS would; returns its answer."""
    bodies = queued("SignInRequests") if requests is None else requests
    records = [
        {"messageId": str(count), "eventSource": "aws:sqs", "body": json.dumps(body)}
        for count, body in enumerate(bodies)
    ]
    answer: dict[str, Any] = send.handler({"Records": records}, None)
    return answer


def registered(patient: Patient, **other: str) -> tuple[Client, str]:
    """A browser that asked, and the code that was sent to the contact on file."""
    queued("SignInRequests")
    browser = a_browser()
    assert register(browser, patient, **other).status == 200
    deliver()
    return browser, code_in(sent_to(patient.phone or patient.email)[-1].text)


def code_in(text: str) -> str:
    return next(word.strip(".") for word in text.split() if word.strip(".").isdigit())


def events(patient: Patient) -> list[str]:
    return [row.event for row in audit.of_patient(patient.patient_id)]
