"""Invented FHIR pushes for the scenarios: each time the same bytes."""

from tests.ehr.fhir_pushed import Resource, about, an_observation, bundle, entry, raw

from portal.patients import Patient

REPORTED = "2026-11-02T11:00:00Z"
LAB = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB"}]}]
SUBSCRIPTION = "https://ehr.example/fhir/Subscription/all"
NUMBER = "urn:oid:1.2.36.146.595.217.0.2"


def a_problem(patient: Patient, text: str = "Asthma", **facts: object) -> Resource:
    dull = {"code": {"text": text}, "recordedDate": REPORTED, "subject": about(patient)}
    return {"resourceType": "Condition"} | dull | facts


def transaction(patient: Patient) -> bytes:
    created = a_problem(patient, identifier=[{"system": NUMBER, "value": "P1"}])
    updated = a_problem(patient, "Hay fever", id="c1")
    return raw(bundle(entry(created), entry(updated, "PUT")))


def conditional(patient: Patient, text: str) -> bytes:
    """Creates the problem unless one has its number."""
    sent = a_problem(patient, text, identifier=[{"system": NUMBER, "value": "P2"}])
    return raw(bundle(entry(sent, ifNoneExist=f"identifier={NUMBER}|P2")))


def unmet(patient: Patient) -> bytes:
    """An update of a version that never was."""
    return raw(bundle(entry(a_problem(patient, id="c2"), "PUT", ifMatch='W/"1"')))


def lab_report(patient: Patient) -> bytes:
    glucose = an_observation(about(patient), id="glucose", issued=REPORTED)
    report = {
        "resourceType": "DiagnosticReport",
        "id": "report",
        "status": "final",
        "category": LAB,
        "code": {"coding": [{"system": "http://loinc.org", "code": "24323-8"}], "text": "CMP"},
        "subject": about(patient),
        "issued": REPORTED,
        "result": [{"reference": "Observation/glucose"}],
    }
    return raw(bundle(entry(report, "PUT"), entry(glucose, "PUT")))


def registration(patient: Patient) -> bytes:
    authority, value = patient.identifiers[0]
    person = {
        "resourceType": "Patient",
        "id": "new",
        "identifier": [{"system": authority, "value": value}],
        "name": [{"family": patient.family, "given": [patient.given]}],
        "birthDate": f"{patient.birth_on:%Y-%m-%d}",
        "gender": "female",
    }
    problem = a_problem(patient, id="c3") | {"subject": {"reference": "Patient/new"}}
    return raw(bundle(entry(person, "PUT"), entry(problem, "PUT")))


def notification(*those: Patient) -> bytes:
    """Of a subscription: each patient's problem is an event."""
    problems = [a_problem(each, id=f"c-{each.patient_id}") for each in those]
    events = [
        {"eventNumber": str(number), "focus": {"reference": f"Condition/{each['id']}"}}
        for number, each in enumerate(problems, 1)
    ]
    status = {
        "resourceType": "SubscriptionStatus",
        "status": "active",
        "type": "event-notification",
        "subscription": {"reference": SUBSCRIPTION},
        "notificationEvent": events,
    }
    first = entry(status, "GET", f"{SUBSCRIPTION}/$status")
    return raw(bundle(first, *(entry(each, "PUT") for each in problems), kind="history"))
