"""POST /ehr/fhir, as an EHR's FHIR client sees it: single resources, and HTTP itself."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests import stores
from tests.architecture.sources import ROOT
from tests.builders import a_patient
from tests.client import Client
from tests.ehr.fhir_pushed import (
    FHIR,
    MRN,
    a_person,
    a_sender,
    about,
    an_observation,
    bundle,
    entry,
    issues,
    name_of,
    place,
    push,
    raw,
    raw_id,
    stored,
)

from portal import arrivals, credentials, fhir_pushes, objects, quarantine
from portal.tables import AuditRow, CareRow

pytestmark = pytest.mark.usefixtures("portal")


@pytest.fixture
def token() -> str:
    return a_sender()


def test_a_resource_without_an_id_is_created(token: str) -> None:
    patient = a_patient()

    response = push(an_observation(about(patient)), token)

    assert response.status == 201
    kind, named, version = place(response.location)
    (found,) = stored(patient.patient_id, "Observation")
    assert (kind, named) == ("Observation", found["id"])
    assert response.headers["etag"] == f'W/"{version}"'
    assert found["meta"]["versionId"] == version
    assert found["subject"] == about(patient)
    assert response.headers["last-modified"].endswith("GMT")


def test_numbers_keep_their_digits(token: str) -> None:
    patient = a_patient()

    push(an_observation(about(patient), "5.40"), token)

    (found,) = stored(patient.patient_id, "Observation")
    assert str(found["valueQuantity"]["value"]) == "5.40"


def test_a_resource_with_an_id_is_created_once_and_then_updated(token: str) -> None:
    patient = a_patient()
    sent = an_observation(about(patient), id="glucose-1")

    first = push(sent, token)
    second = push(sent | {"status": "corrected"}, token)

    assert (first.status, second.status) == (201, 200)
    assert place(first.location)[:2] == place(second.location)[:2]
    (found,) = stored(patient.patient_id, "Observation")
    assert found["status"] == "corrected"


def test_an_update_says_all_there_is_to_say(token: str) -> None:
    patient = a_patient()
    push(an_observation(about(patient), id="x", note=[{"text": "haemolysed"}]), token)

    push(an_observation(about(patient), id="x"), token)

    (found,) = stored(patient.patient_id, "Observation")
    assert "note" not in found


def test_an_update_may_name_the_id_that_the_portal_gave(token: str) -> None:
    patient = a_patient()
    sent = an_observation(about(patient))
    named = place(push(sent, token).location)[1]

    response = push(sent | {"id": named, "status": "amended"}, token)

    assert (response.status, place(response.location)[1]) == (200, named)
    (found,) = stored(patient.patient_id, "Observation")
    assert found["status"] == "amended"


def test_another_senders_id_is_another_thing(token: str) -> None:
    patient, other = a_patient(), a_sender()
    sent = an_observation(about(patient), id="1")

    push(sent, token)
    response = push(sent | {"status": "amended"}, other)

    assert response.status == 201
    assert len(stored(patient.patient_id, "Observation")) == 2


def test_the_same_business_identifier_is_the_same_thing(token: str) -> None:
    patient = a_patient()
    sent = an_observation(about(patient), identifier=[{"system": "urn:lab", "value": "A1"}])

    first, second = push(sent, token), push(sent | {"status": "amended"}, token)

    assert (first.status, second.status) == (201, 200)
    assert len(stored(patient.patient_id, "Observation")) == 1


def test_two_tests_of_one_sample_share_its_number_and_are_two(token: str) -> None:
    patient, number = a_patient(), [{"system": "urn:lab", "value": "A2"}]
    sodium = {"coding": [{"system": "http://loinc.org", "code": "2951-2"}]}

    push(an_observation(about(patient), identifier=number), token)
    push(an_observation(about(patient), identifier=number, code=sodium), token)

    assert len(stored(patient.patient_id, "Observation")) == 2


def test_the_same_bytes_again_are_answered_the_same_and_change_nothing(token: str) -> None:
    patient = a_patient()
    sent = an_observation(about(patient))

    first, second = push(sent, token), push(sent, token)

    assert (first.status, first.location) == (second.status, second.location)
    assert first.headers["etag"] == second.headers["etag"]
    assert len(stored(patient.patient_id, "Observation")) == 1


def test_what_was_pushed_goes_to_the_queue_for_its_cards(token: str) -> None:
    raw = json.dumps(an_observation(about(a_patient()), "7") | {"valueQuantity": {"value": 7}})
    stores.queued("LabMessages")

    push(raw.encode(), token)

    assert stores.queued("LabMessages") == [{"raw_id": raw_id(raw.encode(), token)}]
    assert objects.raw(raw_id(raw.encode(), token))[0] == raw.encode()
    assert arrivals.arrival(raw_id(raw.encode(), token)).state == arrivals.RECEIVED


def test_if_match_lets_the_right_version_through_and_no_other(token: str) -> None:
    patient = a_patient()
    sent = an_observation(about(patient), id="m")
    etag = push(sent, token).headers["etag"]

    right = push(sent | {"status": "amended"}, token, if_match=etag)
    stale = push(sent | {"status": "cancelled"}, token, if_match=etag)
    wrong = push(sent | {"status": "cancelled"}, token, if_match='W/"1"')

    assert (right.status, stale.status, wrong.status) == (200, 412, 412)
    assert issues(stale)[0]["code"] == "conflict"
    (found,) = stored(patient.patient_id, "Observation")
    assert found["status"] == "amended"
    assert right.headers["etag"] == f'W/"{found["meta"]["versionId"]}"'


def test_a_failed_precondition_is_no_work_for_staff(token: str) -> None:
    sent = an_observation(about(a_patient()), id="nothing-to-do")

    push(sent, token, if_match='W/"1"')

    waiting = [row for row in quarantine.rows() if row.sender == name_of(token)]
    assert waiting == []


def test_if_match_on_what_is_not_there_fails(token: str) -> None:
    sent = an_observation(about(a_patient()), id="nowhere")

    assert push(sent, token, if_match='W/"1"').status == 412
    assert push(sent | {"status": "amended"}, token, if_match="*").status == 412
    assert push(sent, token, if_match="1").status == 400


def test_an_update_after_if_match_counts_whatever_the_senders_clock_says(token: str) -> None:
    patient = a_patient()
    sent = an_observation(about(patient), id="c", meta={"lastUpdated": "2031-01-01T00:00:00Z"})
    etag = push(sent, token).headers["etag"]

    push(sent | {"status": "amended", "meta": {}, "subject": about(patient)}, token, if_match=etag)
    fresh = sent | {"status": "amended"}
    fresh.pop("meta")
    push(fresh, token, if_match=etag)

    (found,) = stored(patient.patient_id, "Observation")
    assert found["status"] == "amended"


def test_of_two_updates_with_one_if_match_exactly_one_wins(token: str) -> None:
    patient = a_patient()
    sent = an_observation(about(patient), id="race")
    etag = push(sent, token).headers["etag"]
    versions = [sent | {"note": [{"text": f"by {n}"}]} for n in range(6)]

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda each: push(each, token, if_match=etag).status, versions))

    assert sorted(found) == [200, 412, 412, 412, 412, 412]
    (stands,) = stored(patient.patient_id, "Observation")
    assert stands["note"] == versions[found.index(200)]["note"]


def test_if_none_exist_creates_once(token: str) -> None:
    patient = a_patient()
    first = an_observation(about(patient), identifier=[{"system": "urn:n", "value": "once"}])
    second = first | {"status": "amended"}

    created = push(first, token, if_none_exist="identifier=urn:n|once")
    found = push(second, token, if_none_exist="identifier=urn:n|once")

    assert (created.status, found.status) == (201, 200)
    assert created.location == found.location
    (stands,) = stored(patient.patient_id, "Observation")
    assert stands["status"] == "final"


def test_of_racing_conditional_creates_one_creates_and_all_learn_its_id(token: str) -> None:
    patient = a_patient()
    sent = [an_observation(about(patient), note=[{"text": f"by {n}"}]) for n in range(6)]

    with ThreadPoolExecutor(6) as pool:
        found = list(
            pool.map(lambda each: push(each, token, if_none_exist="identifier=urn:n|race"), sent)
        )

    assert sorted(each.status for each in found) == [200] * 5 + [201]
    assert len({place(each.location)[1] for each in found}) == 1
    assert len(stored(patient.patient_id, "Observation")) == 1


@pytest.mark.parametrize(
    "query", ["code=1234", "identifier=a|b,c|d", "identifier=", "name=x&_id=1"]
)
def test_a_condition_that_cannot_be_searched_is_refused(query: str, token: str) -> None:
    response = push(an_observation(about(a_patient())), token, if_none_exist=query)

    assert response.status == 400
    assert issues(response)[0]["code"] == "not-supported"


def test_several_matches_of_a_condition_fail(token: str) -> None:
    patient, number = a_patient(), [{"system": "urn:n", "value": "many"}]
    push(an_observation(about(patient), identifier=number, id="1"), token)
    push(an_observation(about(patient), identifier=number, id="2"), token)

    response = push(
        an_observation(about(patient), identifier=number),
        token,
        if_none_exist="identifier=urn:n|many",
    )

    assert response.status == 412
    assert issues(response)[0]["code"] == "multiple-matches"


def test_a_resource_does_not_become_another_patients(token: str) -> None:
    one, other = a_patient(), a_patient()
    push(an_observation(about(one), id="mine"), token)

    response = push(an_observation(about(other), id="mine"), token)

    assert response.status == 409
    assert stored(other.patient_id, "Observation") == []


def test_it_is_audited_with_its_sender() -> None:
    token = credentials.issue("EHR A", facilities=[])
    raw = json.dumps(an_observation(about(a_patient())) | {"valueQuantity": {"value": 1}}).encode()

    push(raw, token)

    rows = [row for row in AuditRow.scan() if row.about == fhir_pushes.raw_id_of(raw, "EHR A")]
    assert [(row.event, row.why) for row in rows] == [("ehr.message-taken", "sender:EHR A")]


@pytest.mark.parametrize("authorization", ["", "Bearer ehr_wrong", "Basic YTpi"])
@pytest.mark.parametrize("path", ["/ehr/fhir", "/ehr/fhir/notifications"])
def test_without_a_credential_nothing_is_stored(path: str, authorization: str) -> None:
    raw = json.dumps(a_person()).encode()

    response = push(raw, "", path, authorization=authorization)

    assert (response.status, issues(response)[0]["code"]) == (401, "login")
    assert response.headers["www-authenticate"] == "Bearer"
    assert not stores.is_kept(objects.raw_id(raw))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "application/fhir+xml"}, 415),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": ""}, 415),
        ({"content-type": f"{FHIR}; fhirVersion=3.0"}, 415),
        ({"content-encoding": "gzip"}, 415),
        ({"accept": "application/fhir+xml"}, 406),
        ({"accept": "application/fhir+json;q=0"}, 406),
        ({"content-type": "application/json; charset=utf-8"}, 201),
        ({"content-type": f"{FHIR}; fhirVersion=4.0", "accept": "text/html, */*;q=0.1"}, 201),
    ],
)
def test_http_is_answered_in_fhir(headers: dict[str, str], status: int, token: str) -> None:
    sent = {"content-type": FHIR, "authorization": f"Bearer {token}"} | headers
    body = json.dumps(a_person()).encode()

    response = Client(accept=FHIR, origin=None).send("POST", "/ehr/fhir", body, sent)

    assert response.status == status
    assert issues(response)


def test_a_body_that_is_too_large_is_refused(token: str) -> None:
    response = push(b"{" + b" " * 5_000_000 + b"}", token)

    assert (response.status, issues(response)[0]["code"]) == (413, "too-long")


def test_prefer_minimal_is_answered_with_headers_alone(token: str) -> None:
    response = push(a_person(), token, prefer="return=minimal")

    assert (response.status, response.body) == (201, b"")
    assert place(response.location)[0] == "Patient"


@pytest.mark.parametrize("body", [b"", b"hello", b"<Patient/>", b"[]", b"MSH|^~\\&|"])
def test_what_is_no_json_object_is_refused_and_not_kept(body: bytes, token: str) -> None:
    response = push(body, token)

    assert response.status == 400
    assert not stores.is_kept(raw_id(body, token))


BAD_JSON = [
    b'{"resourceType": "Patient"',
    b'{"resourceType": 5}',
    b'{"resourceType": "Nothing"}',
    b'{"resourceType": "HumanName", "family": "x"}',
    b'{"resourceType": "Patient", "birthDate": "yesterday"}',
    b'{"resourceType": "Observation", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"resourceType": "Observation", "x": ' + b'{"a":' * 70 + b"1" + b"}" * 71,
    b'{"resourceType": "Observation", "valueInteger": ' + b"9" * 5_000 + b"}",
    b'{"resourceType": "Observation", "valueQuantity": {"value": 1e999999999}}',
    b'{"resourceType": "Observation", "valueQuantity": {"value": 1e99999999999999999999}}',
    b'{"resourceType": "Observation", "valueQuantity": {"value": NaN}}',
    b'{"resourceType": "Patient", "id": "\\ud800"}',
    b'{"resourceType": "Patient", "id": "\\u0000"}',
    b'{"resourceType": "Patient", "id": "\xff"}',
    b'{"resourceType": "Bundle", "type": "searchset"}',
    b'{"resourceType": "Bundle", "type": "transaction", "entry": {}}',
    b'{"resourceType": "Bundle", "type": "transaction", "entry": [1]}',
]


@pytest.mark.parametrize("body", BAD_JSON, ids=range(len(BAD_JSON)))
def test_what_cannot_be_used_waits_in_quarantine_with_its_reason(body: bytes, token: str) -> None:
    response = push(body, token)

    assert response.status in (400, 422)
    assert all(each["diagnostics"] for each in issues(response))
    row = CareRow.get(f"arrival#{raw_id(body, token)}", "arrival")
    assert row.state == arrivals.QUARANTINED
    assert row.reason
    assert row.detail


def test_headers_of_a_condition_cannot_smuggle_an_entry(token: str) -> None:
    body = b'{"resourceType": "Patient"}}, {"resource": {"resourceType": "Patient"}'

    response = push(body, token, if_none_exist=f"identifier={MRN}|1")

    assert response.status == 400


def test_a_byte_order_mark_is_no_obstacle(token: str) -> None:
    body = b"\xef\xbb\xbf" + json.dumps(a_person()).encode()

    assert push(body, token).status == 201
    assert push(body, token, if_none_exist=f"identifier={MRN}|M").status == 200


def test_refusals_never_quote_what_was_sent(token: str) -> None:
    sent = an_observation({"display": "Zebulon"}, status="Zebulon", note=[{"texts": "Zebulon"}])

    for body in (sent, bundle(entry(sent)), bundle(entry(sent), kind="batch")):
        assert "Zebulon" not in push(body, token).text


def test_the_room_starts_without_the_models_of_fhir_resources() -> None:
    script = "import sys, functions.ehr.app; print(*sys.modules)"
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'portal'}"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert not {"fhir", "boto3"} & {name.split(".")[0] for name in ran.stdout.split()}


def test_our_own_outage_is_a_503(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import EndpointConnectionError

    from portal import fhir_commits

    def down(*_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://store")

    monkeypatch.setattr(fhir_commits, "keep", down)

    assert push(an_observation(about(a_patient())), token).status == 503


@pytest.mark.parametrize("path", ["/ehr/fhir", "/ehr/fhir/notifications"])
def test_a_credential_held_to_facilities_needs_fhir_among_them(path: str) -> None:
    patient = a_patient()
    headers = {"content-type": "application/fhir+json"}
    body = raw(an_observation(about(patient)))
    client = Client(accept="*/*", origin=None)

    held = credentials.issue("A lab", facilities=["RIVERBEND"])
    refused = client.send("POST", path, body, headers | {"authorization": f"Bearer {held}"})

    assert refused.status == 403
    assert stored(patient.patient_id, "Observation") == []
    free = credentials.issue("An EHR", facilities=["RIVERBEND", "FHIR"])
    taken = client.send("POST", path, body, headers | {"authorization": f"Bearer {free}"})
    assert taken.status != 403
