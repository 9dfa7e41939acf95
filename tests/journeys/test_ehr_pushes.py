"""What an EHR pushes besides lab results, through the running stack with its own permissions."""

import http.client
import json
import uuid
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from infra.local.pushed import CARDED, FILED, SPLIT, push_to_queue
from infra.local.stack import Stack
from tests.journeys.people import finished

pytestmark = pytest.mark.journey

NOW = datetime.now(UTC).strftime("%Y%m%d%H%M%S+0000")
FHIR = "application/fhir+json"


def a_number() -> str:
    return f"N{uuid.uuid4().hex[:8].upper()}"


def er7(kind: str, number: str, *more: str) -> bytes:
    header = (
        f"MSH|^~\\&|EHR|RIVERBEND|PORTAL|RIVERBEND|{NOW}||{kind}|{uuid.uuid4().hex[:12]}|P|2.5.1"
    )
    pid = f"PID|1||{number}^^^RIVERBEND^MR||Moss^Tara||19900102|F"
    return ("\r".join([header, f"EVN||{NOW}", pid, *more]) + "\r").encode()


def an_oru(number: str, filler: str) -> bytes:
    obr = f"OBR|1|P{filler}|{filler}|24323-8^CMP^LN|||{NOW}|||||||||||||||{NOW}|||F"
    return er7("ORU^R01", number, obr, "OBX|1|NM|2345-7^Glucose^LN||98|mg/dL|70-99|N|||F")


def pushed(stack: Stack, raw: bytes) -> str:
    push_to_queue(stack.client("sqs"), stack.queue_url, raw)
    return finished(stack, raw).state


def post(stack: Stack, path: str, body: bytes, kind: str) -> tuple[int, bytes]:
    address = urlsplit(stack.endpoint_url)
    wire = http.client.HTTPConnection(address.hostname or "", address.port or 0, timeout=60)
    headers = {"Host": urlsplit(stack.portal_url).netloc, "Content-Type": kind}
    headers["Authorization"] = f"Bearer {stack.ehr_token}"
    with closing(wire):
        wire.request("POST", path, body, headers)
        answer = wire.getresponse()
        return answer.status, answer.read()


def test_a_result_waits_for_its_patient_and_goes_on_when_the_adt_comes(stack: Stack) -> None:
    number = a_number()
    result = an_oru(number, f"F{number}")
    assert pushed(stack, result) == "quarantined"

    assert pushed(stack, er7("ADT^A04", number, f"PV1|1|O|||||||||||||||||V{number}")) == FILED

    seen = finished(stack, result, CARDED)
    assert seen.state == CARDED


def test_a_merge_and_a_batch_are_taken(stack: Stack) -> None:
    number, old = a_number(), a_number()
    assert pushed(stack, er7("ADT^A28", number)) == FILED
    assert pushed(stack, er7("ADT^A40", number, f"MRG|{old}^^^RIVERBEND^MR")) == FILED

    first, second = an_oru(old, f"A{number}"), an_oru(number, f"B{number}")
    batch = b"BHS|^~\\&|EHR|RIVERBEND\r" + first + second + b"BTS|2\r"
    assert pushed(stack, batch) == SPLIT

    for each in (first, second):
        assert finished(stack, each.rstrip(b"\r"), CARDED).state == CARDED


def test_a_fhir_transaction_is_answered_and_filed(stack: Stack) -> None:
    number = a_number()
    status, body = post(stack, "/ehr/fhir", json.dumps(a_bundle(number)).encode(), FHIR)

    answer = json.loads(body)
    assert status == 200, answer
    assert answer["type"] == "transaction-response"
    assert [entry["response"]["status"][:3] for entry in answer["entry"]] == ["201", "201"]


def a_bundle(number: str) -> dict[str, Any]:
    system = "urn:riverbend"
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": system, "value": number}],
        "name": [{"family": "Moss", "given": ["Tara"]}],
        "birthDate": "1990-01-02",
    }
    condition = {
        "resourceType": "Condition",
        "identifier": [{"system": system, "value": f"C{number}"}],
        "code": {"text": "Asthma"},
        "subject": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"},
    }
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001",
                "resource": patient,
                "request": {"method": "POST", "url": "Patient"},
            },
            {"resource": condition, "request": {"method": "POST", "url": "Condition"}},
        ],
    }
