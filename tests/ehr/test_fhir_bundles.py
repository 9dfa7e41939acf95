"""POST /ehr/fhir with transactions and batches."""

from typing import Any

import pytest
from tests import stores
from tests.builders import a_patient
from tests.ehr.fhir_pushed import (
    MRN,
    a_person,
    a_sender,
    about,
    an_observation,
    bundle,
    entry,
    issues,
    place,
    push,
    raw_id,
    responses,
    statuses,
    stored,
)

from portal import (
    arrivals,
    fhir,
    fhir_bundles,
    objects,
    patients,
    record_versions,
    records,
    waiting,
)
from portal.people import Identifier
from portal.tables import CareRow

pytestmark = pytest.mark.usefixtures("portal")


@pytest.fixture
def token() -> str:
    return a_sender()


def patient_in(response: Any) -> str:
    kind, named, _ = place(next(responses(response))["location"])
    assert kind == "Patient"
    return named


def the_patient(person: dict[str, Any]) -> dict[str, str]:
    return {"reference": f"urn:uuid:{person['id']}"}


def test_a_transaction_answers_each_entry_in_its_order(token: str) -> None:
    person = a_person()
    visit = {
        "resourceType": "Encounter",
        "id": "v1",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": the_patient(person),
    }

    response = push(bundle(entry(person), entry(visit, "PUT")), token)

    assert response.status == 200
    assert response.json["type"] == "transaction-response"
    answers = list(responses(response))
    assert [each["status"] for each in answers] == ["201 Created", "201 Created"]
    assert [place(each["location"])[0] for each in answers] == ["Patient", "Encounter"]
    for each in answers:
        assert each["etag"] == f'W/"{place(each["location"])[2]}"'
        assert each["lastModified"]


def test_a_patient_resource_enrols_as_an_adt_does(token: str) -> None:
    person = a_person()

    response = push(bundle(entry(person), entry(an_observation(the_patient(person)))), token)

    patient = patients.with_id(patient_in(response))
    assert patient
    assert (patient.family, patient.given) == ("Okafor", "Ada")
    assert (MRN, person["identifier"][0]["value"]) in patient.identifiers
    assert not patient.email
    assert len(stored(patient.patient_id, "Observation")) == 1


def test_references_within_a_bundle_lead_to_the_new_ids(token: str) -> None:
    person = a_person()
    about_them = the_patient(person)
    doctor = {"resourceType": "Practitioner", "id": "d1", "name": [{"text": "Dr Raman"}]}
    sent = an_observation(
        about_them,
        id="o1",
        performer=[{"reference": "urn:uuid:d1"}, about_them],
        derivedFrom=[{"reference": "Observation/earlier"}],
        focus=[{"reference": "https://elsewhere.example/fhir/Device/1"}],
        note=[{"text": "x", "authorReference": {"reference": "Practitioner?identifier=npi|99"}}],
    )

    response = push(bundle(entry(person), entry(doctor), entry(sent)), token)

    (found,) = stored(patient_in(response), "Observation")
    (its_doctor,) = (each for each in responses(response) if "Practitioner" in each["location"])
    named = place(its_doctor["location"])[1]
    assert found["performer"][0]["reference"] == f"Practitioner/{named}"
    assert found["performer"][1]["type"] == "Patient"
    assert "reference" not in found["performer"][1]
    assert found["derivedFrom"][0]["reference"] != "Observation/earlier"
    assert found["focus"][0]["reference"] == "https://elsewhere.example/fhir/Device/1"
    author = found["note"][0]["authorReference"]
    assert author["identifier"] == {"value": "99", "system": "npi"}


def test_a_reference_by_the_senders_id_finds_what_comes_later(token: str) -> None:
    patient = a_patient()
    second = an_observation(about(patient), id="b", derivedFrom=[{"reference": "Observation/a"}])

    push(second, token)
    response = push(an_observation(about(patient), id="a"), token)

    (found,) = (each for each in stored(patient.patient_id, "Observation") if "derivedFrom" in each)
    kind, named, _ = place(response.location)
    assert found["derivedFrom"][0]["reference"] == f"{kind}/{named}"


def test_links_in_a_narrative_are_led_too(token: str) -> None:
    person = a_person()
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><a href="urn:uuid:o9">it</a></div>'
    sent = an_observation(the_patient(person), id="o9", text={"status": "generated", "div": div})

    response = push(bundle(entry(person), entry(sent)), token)

    (found,) = stored(patient_in(response), "Observation")
    assert f'href="Observation/{found["id"]}"' in found["text"]["div"]


BAD_ENTRIES: list[dict[str, Any]] = [
    {"status": "sent"},
    {"valueQuantity": {"value": "5"}},
    {"code": None},
    {"subject": None},
    {"performer": [{"reference": "urn:uuid:not-here"}]},
    {"unknownElement": "x"},
    {"subject": {"reference": "Group/1"}},
    {"subject": {"reference": "Patient/somebody-else"}},
    {"note": [{"authorReference": {"reference": "Practitioner?name=x"}}]},
]


@pytest.mark.parametrize("wrong", BAD_ENTRIES, ids=str)
def test_a_transaction_with_one_bad_entry_stores_nothing(wrong: dict[str, Any], token: str) -> None:
    person = a_person()
    good, bad = an_observation(the_patient(person)), an_observation(the_patient(person), **wrong)
    body = bundle(entry(person), entry(good), entry(bad))
    stores.queued("LabMessages")

    response = push(body, token)

    assert response.status in (400, 412, 422)
    assert any("Bundle.entry[2]" in each["expression"][0] for each in issues(response))
    value = person["identifier"][0]["value"]
    assert patients.id_by_identifier(MRN, value) is None
    assert stores.queued("LabMessages") == []
    row = CareRow.get(f"arrival#{raw_id(body, token)}", "arrival")
    assert row.state == arrivals.QUARANTINED
    assert stores.is_kept(raw_id(body, token))


@pytest.mark.parametrize("wrong", BAD_ENTRIES, ids=str)
def test_in_a_batch_each_entry_is_on_its_own(wrong: dict[str, Any], token: str) -> None:
    person = a_person()
    good, bad = an_observation(the_patient(person)), an_observation(the_patient(person), **wrong)

    response = push(bundle(entry(person), entry(bad), entry(good), kind="batch"), token)

    assert response.json["type"] == "batch-response"
    assert statuses(response)[0::2] == ["201", "201"]
    failure = list(responses(response))[1]
    assert failure["status"].split()[0] in ("400", "412", "422")
    assert failure["outcome"]["resourceType"] == "OperationOutcome"
    assert "location" not in failure
    assert len(stored(patient_in(response), "Observation")) == 1


def test_a_batch_without_a_good_entry_waits_in_quarantine(token: str) -> None:
    body = bundle(entry(an_observation(about(a_patient()), status="sent")), kind="batch")

    response = push(body, token)

    assert (response.status, statuses(response)) == (200, ["422"])
    assert arrivals.arrival(raw_id(body, token)).state == arrivals.QUARANTINED


@pytest.mark.parametrize(
    ("method", "status"), [("GET", "405"), ("PATCH", "405"), ("HEAD", "405"), ("CONJURE", "405")]
)
def test_what_is_not_a_write_is_refused(method: str, status: str, token: str) -> None:
    patient = a_patient()
    read = {"request": {"method": method, "url": "Observation/1"}}
    good = entry(an_observation(about(patient)))

    response = push(bundle(good, read, kind="batch"), token)

    assert statuses(response) == ["201", status]
    (issue,) = list(responses(response))[1]["outcome"]["issue"]
    assert issue["code"] == "not-supported"
    assert push(bundle(good, read), token).status == 405


def test_the_same_thing_twice_in_a_transaction_is_refused(token: str) -> None:
    sent = an_observation(about(a_patient()), id="twice")

    response = push(bundle(entry(sent, "PUT"), entry(sent, "PUT")), token)

    assert (response.status, issues(response)[0]["code"]) == (400, "duplicate")


def test_one_bundle_is_about_one_patient(token: str) -> None:
    one, other = a_patient(), a_patient()

    response = push(
        bundle(entry(an_observation(about(one))), entry(an_observation(about(other)))), token
    )

    assert response.status == 422
    assert stored(one.patient_id, "Observation") == []


def test_if_match_and_if_none_exist_count_in_a_transaction(token: str) -> None:
    patient, number = a_patient(), [{"system": "urn:n", "value": "t"}]
    etag = push(an_observation(about(patient), id="t1"), token).headers["etag"]
    update = entry(an_observation(about(patient), id="t1", status="amended"), "PUT", ifMatch=etag)
    create = an_observation(about(patient), identifier=number)
    first = bundle(update, entry(create, ifNoneExist="identifier=urn:n|t"))

    once = push(first, token)
    again = push(first | {"id": "again"}, token)
    found = push(bundle(entry(create, ifNoneExist="identifier=urn:n|t")), token)

    assert statuses(once) == ["200", "201"]
    assert again.status == 412
    assert statuses(found) == ["200"]
    assert next(responses(found))["location"] == list(responses(once))[1]["location"]


def test_what_refers_to_a_found_resource_gets_its_id(token: str) -> None:
    patient, number = a_patient(), [{"system": "urn:n", "value": "d"}]
    push(an_observation(about(patient), id="there", identifier=number), token)
    create = entry(
        an_observation(about(patient), id="new", identifier=number),
        ifNoneExist="identifier=urn:n|d",
    )
    second = an_observation(about(patient), derivedFrom=[{"reference": "urn:uuid:new"}])

    response = push(bundle(create, entry(second)), token)

    named = place(next(responses(response))["location"])[1]
    (found,) = (each for each in stored(patient.patient_id, "Observation") if "derivedFrom" in each)
    assert found["derivedFrom"][0]["reference"] == f"Observation/{named}"
    assert len(stored(patient.patient_id, "Observation")) == 2


def test_a_conditional_update_updates_the_one_match_or_creates(token: str) -> None:
    patient, number = a_patient(), [{"system": "urn:n", "value": "u"}]
    sent = an_observation(about(patient), identifier=number)
    url = "Observation?identifier=urn:n|u"

    first = push(bundle(entry(sent, "PUT", url)), token)
    second = push(bundle(entry(sent | {"status": "amended"}, "PUT", url)), token)

    assert (statuses(first), statuses(second)) == (["201"], ["200"])
    (found,) = stored(patient.patient_id, "Observation")
    assert found["status"] == "amended"


def test_a_patient_may_be_conditional(token: str) -> None:
    person = a_person()
    known = f"identifier={MRN}|{person['identifier'][0]['value']}"

    first = push(bundle(entry(person, ifNoneExist=known)), token)
    second = push(bundle(entry(person | {"gender": "other"}, ifNoneExist=known)), token)
    third = push(bundle(entry(person, "PUT", f"Patient?{known}")), token)

    assert [statuses(each) for each in (first, second, third)] == [["201"], ["200"], ["200"]]
    assert len({patient_in(each) for each in (first, second, third)}) == 1


def a_condition(**facts: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "id": "c", "code": {"text": "Asthma"}} | facts


def delete(url: str, **request: str) -> dict[str, Any]:
    return {"request": {"method": "DELETE", "url": url} | request}


def test_a_deleted_resource_is_gone_and_may_come_back(token: str) -> None:
    patient = a_patient()
    sent = a_condition(subject=about(patient))
    push(sent, token)

    gone = push(bundle(delete("Condition/c")), token)

    assert statuses(gone) == ["204"]
    assert "location" not in next(responses(gone))
    assert stored(patient.patient_id, "Condition") == []
    assert push(sent | {"code": {"text": "Eczema"}}, token).status == 201
    (found,) = stored(patient.patient_id, "Condition")
    assert found["code"]["text"] == "Eczema"


def test_a_deletion_needs_the_version_it_names(token: str) -> None:
    patient = a_patient()
    etag = push(a_condition(subject=about(patient)), token).headers["etag"]

    assert push(bundle(delete("Condition/c", ifMatch='W/"0"')), token).status == 412
    assert statuses(push(bundle(delete("Condition/c", ifMatch=etag)), token)) == ["204"]


def test_the_workflow_reads_a_deletion_that_the_room_has_filed(token: str) -> None:
    patient = a_patient()
    push(a_condition(subject=about(patient)), token)
    body = bundle(delete("Condition/c"))
    push(body, token)

    converted = fhir_bundles.convert(fhir.dumps(body).encode(), raw_id(body, token))

    assert [each.is_deleted for each in converted.entries] == [True]
    assert set(converted.claim.identifiers) <= {
        Identifier(*known, "") for known in patient.identifiers
    }


def test_deleting_what_nobody_knows_finds_nobody(token: str) -> None:
    response = push(bundle(delete("Condition/unheard-of")), token)

    assert (response.status, issues(response)[0]["code"]) == (422, "not-found")


@pytest.mark.parametrize("kind", ["Observation", "DiagnosticReport", "Patient"])
def test_what_a_patient_may_have_seen_is_taken_back_by_its_status(kind: str, token: str) -> None:
    assert push(bundle(delete(f"{kind}/1")), token).status == 405


def test_a_wrong_patient_is_put_right_by_deleting_and_sending_again(token: str) -> None:
    one, other = a_patient(), a_patient()
    push(a_condition(subject=about(one)), token)

    push(bundle(delete("Condition/c")), token)
    response = push(a_condition(subject=about(other)), token)

    assert response.status == 201
    assert stored(one.patient_id, "Condition") == []
    assert len(stored(other.patient_id, "Condition")) == 1


def test_an_unknown_patient_is_waited_for(token: str) -> None:
    person = a_person()
    subject = {"reference": f"Patient/{person['id']}"}
    body = an_observation(subject)

    response = push(body, token)

    assert (response.status, issues(response)[0]["code"]) == (422, "not-found")
    assert arrivals.arrival(raw_id(body, token)).state == arrivals.QUARANTINED
    stores.queued("LabMessages")

    patient_id = patient_in(push(bundle(entry(person, "PUT")), token))

    assert {"raw_id": raw_id(body, token)} in stores.queued("LabMessages")
    converted = fhir_bundles.convert(fhir.dumps(body).encode(), raw_id(body, token))
    assert converted.claim.family == "Okafor"
    assert (
        patients.id_by_identifier(
            converted.claim.identifiers[0].authority, converted.claim.identifiers[0].value
        )
        == patient_id
    )


def test_an_adt_releases_what_waits_for_its_patient(token: str) -> None:
    system, value = "RIVERBEND", "W-17"
    body = an_observation({"identifier": {"system": system, "value": value}, "display": "Rivera"})
    assert push(body, token).status == 422
    stores.queued("LabMessages")

    patient = a_patient(identifiers=((system, value),))

    assert {"raw_id": raw_id(body, token)} in stores.queued("LabMessages")
    again = push(body, token)
    assert again.status == 201
    assert len(stored(patient.patient_id, "Observation")) == 1


def test_an_identifier_alone_is_not_enough(token: str) -> None:
    patient = a_patient()
    system, value = patient.identifiers[0]
    subject = {"identifier": {"system": system, "value": value}}

    assert push(an_observation(subject), token).status == 422
    assert push(an_observation(subject | {"display": "Ann Other"}), token).status == 422
    assert push(an_observation(subject | {"display": "Ana Rivera"}), token).status == 201


def test_the_assigners_name_goes_before_the_system(token: str) -> None:
    patient = a_patient()
    authority, value = patient.identifiers[0]
    identifier = {"system": "urn:x", "value": value, "assigner": {"display": authority}}
    person = a_person(
        identifier=[identifier],
        name=[{"family": "Rivera", "given": ["Ana"]}],
        birthDate="1980-02-03",
    )

    assert patient_in(push(bundle(entry(person)), token)) == patient.patient_id


def test_another_persons_name_is_refused(token: str) -> None:
    person = a_person()
    push(bundle(entry(person)), token)
    other = person | {"name": [{"family": "Quist", "given": ["Bo"]}], "birthDate": "1960-01-01"}

    response = push(bundle(entry(other)), token)

    assert (response.status, issues(response)[0]["code"]) == (422, "business-rule")


def test_the_social_security_number_stays_in_the_message(token: str) -> None:
    ssn = {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-12-3456"}
    person = a_person()
    person["identifier"] = [ssn, *person["identifier"]]

    response = push(bundle(entry(person)), token)

    patient = patients.with_id(patient_in(response))
    assert patient
    assert "999-12-3456" not in repr(patient)
    assert "999-12-3456" not in repr(stored(patient.patient_id, "Patient"))


def test_a_push_that_died_before_it_was_filed_is_filed_by_the_next_delivery(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal import fhir_pushes

    patient = a_patient()
    body = bundle(entry(an_observation(about(patient))))
    with monkeypatch.context() as dying:
        dying.setattr(fhir_pushes, "file", lambda *_: 1 / 0)
        assert push(body, token).status == 500
    assert stored(patient.patient_id, "Observation") == []

    response = push(body, token)

    assert statuses(response) == ["201"]
    (found,) = stored(patient.patient_id, "Observation")
    assert f'W/"{found["meta"]["versionId"]}"' == next(responses(response))["etag"]


def test_what_the_workflow_reads_is_what_the_room_filed(token: str) -> None:
    """Also of conditional entries: they were decided once."""
    patient, number = a_patient(), [{"system": "urn:n", "value": "w"}]
    push(an_observation(about(patient), identifier=number, id="w0"), token)
    found = entry(
        an_observation(about(patient), identifier=number, status="amended"),
        ifNoneExist="identifier=urn:n|w",
    )
    body = bundle(found, entry(an_observation(about(patient))), kind="batch")
    push(body, token)
    before = stored(patient.patient_id, "Observation")

    converted = fhir_bundles.convert(fhir.dumps(body).encode(), raw_id(body, token))
    for each in converted.entries:
        records.keep(patient.patient_id, raw_id(body, token), converted.claim.identifiers, each)

    assert len(converted.entries) == 1
    assert stored(patient.patient_id, "Observation") == before


def test_a_conditional_entry_that_was_not_taken_is_not_taken_later(token: str) -> None:
    from portal.errors import Unusable

    subject = {"reference": "Patient/nobody-yet"}
    body = bundle(entry(an_observation(subject), ifNoneExist="identifier=urn:n|z"))
    assert push(body, token).status == 422

    with pytest.raises(Unusable, match="bad-value"):
        fhir_bundles.convert(fhir.dumps(body).encode(), raw_id(body, token))


def test_what_came_by_the_queue_is_read_without_a_commit() -> None:
    patient = a_patient()
    raw = fhir.dumps(bundle(entry(an_observation(about(patient))))).encode()
    arrivals.received(objects.keep_raw(raw), "queue")

    converted = fhir_bundles.convert(raw, objects.raw_id(raw))

    assert [each.resource_type for each in converted.entries] == ["Observation"]
    assert converted.envelope.sender == "queue"


def test_too_much_at_once_is_too_costly(token: str) -> None:
    many = [entry(an_observation(about(a_patient())))] * 1_001
    conditional = [entry(an_observation({}), ifNoneExist=f"identifier=a|{n}") for n in range(91)]

    for body in (bundle(*many), bundle(*conditional)):
        response = push(body, token)
        assert (response.status, issues(response)[0]["code"]) == (413, "too-costly")


def test_an_empty_bundle_changes_nothing(token: str) -> None:
    assert push(bundle(), token).status in (200, 422)
    assert push({"resourceType": "Bundle", "type": "batch"}, token).status in (200, 422)


def test_a_chart_filled_with_its_past_says_so(token: str) -> None:
    tag = {"system": "http://terminology.hl7.org/CodeSystem/v2-0207", "code": "I"}
    body = bundle(entry(a_person())) | {"meta": {"tag": [tag]}}
    push(body, token)

    assert fhir_bundles.convert(
        fhir.dumps(body).encode(), raw_id(body, token)
    ).envelope.initial_load


def test_security_labels_are_kept_for_access(token: str) -> None:
    patient = a_patient()
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    push(an_observation(about(patient), id="l", meta={"security": [label]}), token)

    (version,) = record_versions.versions(patient.patient_id, "Observation")

    assert record_versions.elements_of(version)["meta.security"] == [label]


def test_waiting_is_for_the_identifiers_of_the_push(token: str) -> None:
    body = an_observation({"reference": "Patient/waits-1"})
    push(body, token)

    row = CareRow.get(f"arrival#{raw_id(body, token)}", "arrival")

    assert row.waits_for
    assert not waiting.is_there(row.waits_for.split())
