"""POST /ehr/fhir/notifications: FHIR topic subscriptions, as backported to R4 and R4B."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from tests import stores
from tests.builders import a_patient
from tests.client import Response
from tests.ehr.fhir_pushed import a_person, a_sender, about, issues, push, stored

from portal import arrivals, fhir, fhir_servers, objects, patients
from portal.fhir_outcomes import Refused
from portal.patients import Patient
from portal.senders import Sender, SendsAs
from portal.tables import AuditRow

pytestmark = pytest.mark.usefixtures("portal")

type Resource = dict[str, Any]

BASE = "https://ehr.example/fhir"
SUBSCRIPTION = f"{BASE}/Subscription/all"


@pytest.fixture
def token() -> str:
    return a_sender()


def status_r4(kind: str, *events: tuple[int, str]) -> Resource:
    parts = [
        {
            "name": "notification-event",
            "part": [
                {"name": "event-number", "valueString": str(number)},
                {"name": "timestamp", "valueInstant": "2026-03-01T09:00:00Z"},
                *([{"name": "focus", "valueReference": {"reference": focus}}] if focus else []),
            ],
        }
        for number, focus in events
    ]
    head = [
        {"name": "subscription", "valueReference": {"reference": SUBSCRIPTION}},
        {"name": "status", "valueCode": "active"},
        {"name": "type", "valueCode": kind},
    ]
    return {"resourceType": "Parameters", "parameter": [*head, *parts]}


def status_r4b(kind: str, *events: tuple[int, str]) -> Resource:
    told = [
        {"eventNumber": str(number), **({"focus": {"reference": focus}} if focus else {})}
        for number, focus in events
    ]
    return {
        "resourceType": "SubscriptionStatus",
        "status": "active",
        "type": kind,
        "subscription": {"reference": SUBSCRIPTION},
        **({"notificationEvent": told} if told else {}),
    }


def a_notification(status: Resource, *resources: Resource, **facts: Any) -> Resource:
    request = {"method": "GET", "url": f"{SUBSCRIPTION}/$status"}
    first = {"resource": status, "request": request, "response": {"status": "200"}}
    others = [
        {
            "fullUrl": f"{BASE}/{each['resourceType']}/{each['id']}",
            "resource": each,
            "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"},
            "response": {"status": "200"},
        }
        for each in resources
    ]
    return {"resourceType": "Bundle", "type": "history", "entry": [first, *others]} | facts


def a_condition(patient: Patient, named: str = "c1", text: str = "Asthma") -> Resource:
    return {
        "resourceType": "Condition",
        "id": named,
        "code": {"text": text},
        "subject": about(patient),
    }


def focus(resource: Resource) -> str:
    return f"{BASE}/{resource['resourceType']}/{resource['id']}"


def notify(body: Resource, token: str) -> Response:
    return push(body, token, "/ehr/fhir/notifications")


def audited(body: Resource) -> list[tuple[str, str]]:
    about = objects.raw_id(fhir.dumps(body).encode())
    return [(row.event, row.why.split()[-1]) for row in AuditRow.scan() if row.about == about]


@pytest.mark.parametrize("status", [status_r4, status_r4b])
@pytest.mark.parametrize("kind", ["handshake", "heartbeat", "query-status"])
def test_a_sign_of_life_is_answered_and_audited(kind: str, status: Any, token: str) -> None:
    body = a_notification(status(kind), timestamp="2026-03-01T09:00:00Z", id=token[-20:-10])
    stores.queued("LabMessages")

    response = notify(body, token)

    assert response.status == 200
    assert audited(body) == [("ehr.message-taken", kind)]
    assert stores.queued("LabMessages") == []


@pytest.mark.parametrize("status", [status_r4, status_r4b])
def test_a_full_resource_is_taken_as_an_update(status: Any, token: str) -> None:
    patient = a_patient()
    first, second = a_condition(patient), a_condition(patient, text="Eczema")

    one = notify(a_notification(status("event-notification", (1, focus(first))), first), token)
    two = notify(a_notification(status("event-notification", (2, focus(second))), second), token)

    assert (one.status, two.status) == (200, 200)
    assert issues(two)[0]["severity"] == "information"
    (found,) = stored(patient.patient_id, "Condition")
    assert found["code"]["text"] == "Eczema"


def test_the_same_event_in_another_notification_has_no_second_effect(token: str) -> None:
    patient = a_patient()
    told, status = a_condition(patient), status_r4("event-notification", (1, ""))
    stores.queued("LabMessages")

    notify(a_notification(status, told, timestamp="2026-03-01T09:00:00Z"), token)
    (version,) = (each["meta"]["versionId"] for each in stored(patient.patient_id, "Condition"))
    notify(a_notification(status, told, timestamp="2026-03-01T09:05:00Z"), token)

    (found,) = stored(patient.patient_id, "Condition")
    assert found["meta"]["versionId"] == version


def test_a_deletion_is_taken(token: str) -> None:
    patient = a_patient()
    told = a_condition(patient)
    notify(a_notification(status_r4("event-notification", (1, focus(told))), told), token)
    gone = a_notification(status_r4("event-notification", (2, focus(told))))
    gone["entry"].append(
        {"fullUrl": focus(told), "request": {"method": "DELETE", "url": "Condition/c1"}}
    )

    response = notify(gone, token)

    assert issues(response)[0]["severity"] == "information"
    assert stored(patient.patient_id, "Condition") == []


def test_a_notification_may_be_about_several_patients(token: str) -> None:
    one, other = a_patient(), a_patient()
    person = a_person()
    told = [a_condition(one, "1"), a_condition(other, "2"), person]

    response = notify(a_notification(status_r4("event-notification", (1, "")), *told), token)

    assert issues(response)[0]["severity"] == "information"
    for patient in (one, other):
        assert len(stored(patient.patient_id, "Condition")) == 1
    assert patients.id_by_identifier(*person["identifier"][0].values())


def test_what_waits_for_a_person_is_a_warning_and_the_rest_is_taken(token: str) -> None:
    patient = a_patient()
    unknown = a_condition(patient, "1") | {"subject": {"reference": "Patient/nobody"}}
    body = a_notification(
        status_r4("event-notification", (1, "")), unknown, a_condition(patient, "2")
    )

    response = notify(body, token)

    assert response.status == 200
    (issue,) = issues(response)
    assert (issue["severity"], issue["code"]) == ("warning", "not-found")
    assert len(stored(patient.patient_id, "Condition")) == 1
    raw_id = objects.raw_id(fhir.dumps(body).encode())
    assert arrivals.arrival(raw_id).state == arrivals.SPLIT


def test_a_gap_in_the_numbers_is_told(token: str) -> None:
    patient = a_patient()

    def told(number: int) -> list[Resource]:
        resource = a_condition(patient, f"g{number}")
        status = status_r4("event-notification", (number, focus(resource)))
        return issues(notify(a_notification(status, resource), token))

    assert told(1)[0]["severity"] == "information"
    assert told(3)[0]["code"] == "incomplete"
    assert told(2)[0]["severity"] == "information"
    assert told(4)[0]["severity"] == "information"


@pytest.mark.parametrize("events", [((1, f"{BASE}/Condition/9"),), ((1, ""),), ()])
def test_without_a_server_to_ask_the_resources_must_come_along(events: Any, token: str) -> None:
    response = notify(a_notification(status_r4("event-notification", *events)), token)

    assert response.status == 422
    assert "full-resource" in issues(response)[0]["diagnostics"]


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Bundle", "type": "history"},
        {"resourceType": "Bundle", "type": "batch", "entry": []},
        {"resourceType": "Bundle", "type": "history", "entry": [{"resource": a_person()}]},
        {"resourceType": "Patient"},
        a_notification(status_r4("shout")),
    ],
)
def test_what_is_no_notification_is_refused(body: Resource, token: str) -> None:
    response = notify(body, token)

    assert response.status == 400
    assert issues(response)


class Server(BaseHTTPRequestHandler):
    """An EHR's FHIR server with one Condition."""

    def do_GET(self) -> None:
        known = self.path == "/fhir/Condition/9" and self.headers["Authorization"] is None
        body = json.dumps({"resourceType": "Condition", "id": "9"}).encode()
        self.send_response(200 if known else 302 if self.path.endswith("/302") else 404)
        self.send_header("Location", "/fhir/Condition/9")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def server() -> Iterator[str]:
    found = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{found.server_port}/fhir"
    found.shutdown()
    found.server_close()


def a_sender_with(base: str) -> Sender:
    """The test's server has no certificate; a settings file must name https."""
    return Sender(name="x", sends_as=(SendsAs(),)).model_copy(update={"fhir_base": base})


def test_what_is_only_named_is_fetched_from_the_senders_server(server: str) -> None:
    (found,) = fhir_servers.fetched([f"{server}/Condition/9"], a_sender_with(server))

    assert found == {"resourceType": "Condition", "id": "9"}
    assert fhir_servers.fetched(["Condition/9"], a_sender_with(server)) == [found]


@pytest.mark.parametrize(
    ("reference", "status"),
    [
        ("https://elsewhere.example/fhir/Condition/9", 422),
        ("http://169.254.169.254/latest/meta-data", 422),
        ("Condition/../../secret", 422),
        ("Condition/9?_include=*", 422),
        ("Condition/404", 503),
        ("Condition/302", 503),
        ("Encounter/9", 503),
    ],
)
def test_nothing_else_is_ever_asked_for(reference: str, status: int, server: str) -> None:
    with pytest.raises(Refused) as refused:
        fhir_servers.fetched([reference], a_sender_with(server))

    assert refused.value.status == status
