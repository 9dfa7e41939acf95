"""What a push asks for, read from whatever JSON comes."""

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import (
    fhir,
    fhir_checks,
    fhir_documents,
    fhir_notifications,
    fhir_patients,
    fhir_subjects,
)
from portal import fhir_requests as requests
from portal.errors import Reason
from portal.fhir_outcomes import Refused
from portal.fhir_requests import BATCH, TRANSACTION, Push
from portal.senders import Sender, SendsAs

SENDER = Sender(name="any", sends_as=(SendsAs(),))
WORDS = ["resourceType", "Bundle", "transaction", "batch", "history", "entry", "request", "method"]
WORDS += ["PUT", "POST", "DELETE", "url", "Patient/1", "Observation", "resource", "id", "1", "type"]
WORDS += ["Parameters", "parameter", "name", "handshake", "subject", "reference", "ifNoneExist"]
TEXTS = st.sampled_from(WORDS) | st.text(max_size=8)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
JSON = st.recursive(
    LEAVES,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(TEXTS, part, max_size=5),
    max_leaves=25,
)

VALID: dict[str, Any] = {
    "resourceType": "Bundle",
    "type": "batch",
    "meta": {"tag": [{"code": "x"}]},
    "entry": [
        {
            "fullUrl": "urn:uuid:p",
            "resource": {
                "resourceType": "Patient",
                "id": "p",
                "identifier": [{"system": "urn:m", "value": "1", "assigner": {"display": "M"}}],
                "name": [{"family": "Okafor", "given": ["Ada"], "use": "official"}],
                "birthDate": "1985-05-06",
            },
            "request": {"method": "PUT", "url": "Patient/p", "ifMatch": 'W/"1"'},
        },
        {
            "fullUrl": "urn:uuid:o",
            "resource": {
                "resourceType": "Observation",
                "status": "final",
                "code": {"coding": [{"code": "1"}]},
                "subject": {"reference": "urn:uuid:p", "identifier": {"value": "1"}},
                "valueQuantity": {"value": 5},
            },
            "request": {"method": "POST", "url": "Observation", "ifNoneExist": "_id=1"},
        },
        {
            "resource": {
                "resourceType": "Appointment",
                "status": "booked",
                "participant": [{"status": "accepted", "actor": {"reference": "Patient/p"}}],
            },
            "request": {"method": "POST", "url": "Appointment"},
        },
    ],
}


def places(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all that is in it."""
    pairs = enumerate(part) if isinstance(part, list) else part.items()
    for name, each in pairs:
        yield (*path, name)
        if isinstance(each, dict | list):
            yield from places(each, (*path, name))


PLACES = list(places(VALID))


def with_another(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    made = copy.deepcopy(VALID)
    inner: Any = made
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return made


def read(body: bytes) -> Push | Refused:
    """As the room reads it."""
    try:
        push = fhir_checks.checked(requests.read(fhir_documents.read(body)))
        fhir_patients.whose(push, SENDER)
    except Refused as refusal:
        return refusal
    return push


def check(body: bytes) -> None:
    found = read(body)
    refusals = [found] if isinstance(found, Refused) else found.faults.values()
    for each in refusals:
        assert each.status in (400, 405, 412, 413, 422)
        assert all(issue.words for issue in each.issues)


@given(JSON)
def test_any_json_is_read_or_refused(part: Any) -> None:
    check(json.dumps(part).encode())
    check(json.dumps({"resourceType": "Bundle", "type": "batch", "entry": part}).encode())
    check(json.dumps({"resourceType": "Observation", "subject": part}).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    check(body)
    check(b'{"resourceType": "Patient", "id": ' + body + b"}")


@settings(max_examples=300)
@given(st.sampled_from(PLACES), JSON)
def test_a_bundle_with_one_part_wrong_is_read_or_refused(path: tuple[Any, ...], part: Any) -> None:
    check(json.dumps(with_another(path, part)).encode())


@given(JSON)
def test_any_json_is_a_notification_or_refused(part: Any) -> None:
    status = {"resource": {"resourceType": "Parameters", "parameter": part}}
    documents = (part, {"entry": part}, {"type": "history", "entry": [status, part]})
    for document in documents:
        body = document if isinstance(document, dict) else {}
        with suppress(Refused):
            for batch in fhir_notifications.batches(fhir_notifications.read(body)):
                check(batch)


def test_the_valid_bundle_of_these_tests_is_valid() -> None:
    push = read(json.dumps(VALID).encode())

    assert isinstance(push, Push)
    assert not push.faults
    assert [each.method for each in push.requests] == ["PUT", "POST", "POST"]


def test_one_resource_is_a_transaction_of_one() -> None:
    created = requests.read({"resourceType": "Patient"})
    updated = requests.read({"resourceType": "Patient", "id": "1"})

    assert [(each.kind, each.requests[0].method) for each in (created, updated)] == [
        (TRANSACTION, "POST"),
        (TRANSACTION, "PUT"),
    ]


def test_conditions_of_http_become_those_of_an_entry() -> None:
    body = b'{"resourceType": "Patient", "id": "1", "x": 5.40}'

    whole = requests.with_conditions(body, 'W/"a"', "")

    assert body in whole
    (request,) = requests.read(fhir_documents.read(whole)).requests
    assert (request.method, request.named, request.if_match) == ("PUT", "1", "a")
    assert requests.with_conditions(body, "", "") == body


def test_who_says_if_none_exist_creates_whatever_its_id() -> None:
    body = requests.with_conditions(b'{"resourceType": "Patient", "id": "1"}', "", "identifier=a|b")

    (request,) = requests.read(fhir_documents.read(body)).requests

    assert (request.method, request.named, request.query) == ("POST", "", "identifier=a|b")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"method": "PUT", "url": "Observation"}, 400),
        ({"method": "POST", "url": "Observation/1"}, 400),
        ({"method": "POST", "url": "Observation?identifier=a|b"}, 400),
        ({"method": "POST", "url": "Observation/_search"}, 400),
        ({"method": "POST", "url": "Observation/$validate"}, 400),
        ({"method": "POST", "url": "https://x.example/Observation"}, 400),
        ({"method": "POST", "url": "Observation", "ifMatch": 'W/"1"'}, 400),
        ({"method": "PUT", "url": "Observation/1", "ifNoneExist": "_id=1"}, 400),
        ({"method": "PUT", "url": "Observation/1", "ifMatch": "1"}, 400),
        ({"method": "PUT", "url": "Observation/1", "ifMatch": 1}, 400),
        ({"method": "PUT", "url": "Observation/1", "ifNoneMatch": "*"}, 400),
        ({"method": "DELETE", "url": "Condition?identifier=a|b"}, 400),
        ({"method": "GET", "url": "Observation/1"}, 405),
        ({"method": "PATCH", "url": "Observation/1"}, 405),
        ({"url": "Observation"}, 405),
        ({}, 405),
    ],
)
def test_parts_that_do_not_go_together_are_refused(sent: dict[str, Any], status: int) -> None:
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": sent}]}

    with pytest.raises(Refused) as refused:
        requests.read(bundle)

    assert refused.value.status == status
    assert refused.value.issues[0].place.startswith("Bundle.entry[0].request")


def test_a_transaction_is_refused_with_everything_that_is_wrong() -> None:
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [1, {"request": 2}]}

    with pytest.raises(Refused) as refused:
        requests.read(bundle)

    assert [each.place for each in refused.value.issues] == ["Bundle.entry[0]", "Bundle.entry[1]"]


def test_a_notification_is_a_batch_of_what_became_of_its_resources() -> None:
    told = {"resource": {"resourceType": "Condition", "id": "1"}, "request": {"method": "POST"}}
    gone = {"request": {"method": "DELETE", "url": "Condition/2"}}
    bundle = {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {}}, told, gone]}

    push = requests.read(bundle)

    assert push.kind == BATCH
    assert [(each.method, each.named) for each in push.requests] == [("PUT", "1"), ("DELETE", "2")]


def test_every_type_names_its_patient_as_fhir_says() -> None:
    from fhir.resources.R4B import get_fhir_model_class

    for kind, element in fhir_subjects.ELEMENTS.items():
        fields = get_fhir_model_class(kind).model_fields
        names = {field.alias or name for name, field in fields.items()}
        assert not element or element in names, kind
        assert element or not {"subject", "patient"} & names, kind


@pytest.mark.parametrize("text", ["1e61", "1e-61", "9" * 61, "0." + "1" * 61])
def test_a_number_longer_than_any_measurement_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        fhir_documents.read(f'{{"resourceType": "Observation", "x": {text}}}'.encode())

    assert refused.value.reason is Reason.INVALID_FHIR


def test_numbers_that_are_read_keep_their_digits() -> None:
    body = b'{"resourceType": "Observation", "x": [5.40, 0.000, 123456789012345678.10, 1e3]}'

    written = fhir.dumps(fhir_documents.read(body)["x"])

    assert written == "[5.40,0.000,123456789012345678.10,1000]"
