"""Invented FHIR resources and pushes of them, as an EHR's FHIR client sends them."""

import itertools
from collections.abc import Iterator
from typing import Any

from tests.client import Client, Response

from portal import credentials, fhir, fhir_pushes, patients, records
from portal.patients import Patient

FHIR = "application/fhir+json"
MRN = "urn:oid:1.2.36.146.595.217.0.1"
_count = itertools.count(1)
_names: dict[str, str] = {}  # by credential

type Resource = dict[str, Any]


def a_sender() -> str:
    """The credential of a sender of its own: ids are its own too."""
    name = f"EHR {next(_count)}"
    token = credentials.issue(name, facilities=[])
    _names[token] = name
    return token


def name_of(token: str) -> str:
    return _names[token]


def raw_id(body: Any, token: str) -> str:
    return fhir_pushes.raw_id_of(raw(body), _names[token])


def raw(body: Any) -> bytes:
    """`body` is bytes, or anything JSON can say."""
    return body if isinstance(body, bytes) else fhir.dumps(body).encode()


def push(body: Any, token: str, path: str = "/ehr/fhir", **headers: str) -> Response:
    sent = {"content-type": FHIR, "authorization": f"Bearer {token}"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Client(accept=FHIR, origin=None).send("POST", path, raw(body), sent)


def a_person(**facts: Any) -> Resource:
    """A Patient with a record number of its own."""
    number = next(_count)
    dull = {
        "resourceType": "Patient",
        "id": f"pat-{number}",
        "identifier": [{"system": MRN, "value": f"M{number:06d}"}],
        "name": [{"use": "official", "family": "Okafor", "given": ["Ada"]}],
        "birthDate": "1985-05-06",
        "gender": "female",
    }
    return {name: part for name, part in (dull | facts).items() if part is not None}


def about(patient: Patient) -> Resource:
    return {"reference": f"Patient/{patient.patient_id}"}


def an_observation(whose: Resource, value: str = "5.40", **facts: Any) -> Resource:
    dull = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7"}], "text": "Glucose"},
        "subject": whose,
        "effectiveDateTime": "2026-03-01T08:00:00Z",
        "issued": "2026-03-01T09:00:00Z",
        "valueQuantity": {"value": fhir.loads(value), "unit": "mmol/L"},
    }
    return {name: part for name, part in (dull | facts).items() if part is not None}


def entry(resource: Resource, method: str = "POST", url: str = "", **request: str) -> Resource:
    named = f"{resource['resourceType']}/{resource.get('id', '')}"
    url = url or (named if method == "PUT" else resource["resourceType"])
    made: Resource = {"resource": resource, "request": {"method": method, "url": url} | request}
    if method == "POST" and resource.get("id"):
        made["fullUrl"] = f"urn:uuid:{resource['id']}"
    return made


def bundle(*entries: Resource, kind: str = "transaction") -> Resource:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def stored(patient_id: str, kind: str) -> list[Resource]:
    patient = patients.current(patient_id)
    assert patient
    return records.resources(patient_id, kind, patient.mine)


def responses(response: Response) -> Iterator[Resource]:
    for each in fhir.loads(response.body)["entry"]:
        yield each["response"]


def statuses(response: Response) -> list[str]:
    return [each["status"].split()[0] for each in responses(response)]


def issues(response: Response) -> list[Resource]:
    outcome = response.json
    assert outcome["resourceType"] == "OperationOutcome"
    assert response.headers["content-type"].startswith(FHIR)
    found: list[Resource] = outcome["issue"]
    return found


def place(location: str) -> tuple[str, str, str]:
    """Type, id and version id; whoever lost a race may not be told of a version yet."""
    kind, named, *version = location.rpartition("/fhir/")[2].split("/")
    return kind, named, version[-1] if version else ""
