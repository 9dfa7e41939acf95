"""DiagnosticReports that come by FHIR push: the lab reports and cards they become."""

from typing import Any

import pytest
from tests.builders import a_patient
from tests.ehr.fhir_pushed import (
    a_sender,
    about,
    an_observation,
    bundle,
    entry,
    push,
    raw,
    raw_id,
    statuses,
)

from portal import chart, fhir, fhir_bundles, fhir_results, objects, reports
from portal.cards import Card, CardStatus
from portal.conversion import Converted
from portal.folding import fold
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")

LOINC = "http://loinc.org"
LAB = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB"}]}]


@pytest.fixture
def token() -> str:
    return a_sender()


def a_report(patient: Patient, *results: str, **facts: Any) -> dict[str, Any]:
    dull = {
        "resourceType": "DiagnosticReport",
        "id": "report",
        "status": "final",
        "category": LAB,
        "code": {"coding": [{"system": LOINC, "code": "24323-8"}], "text": "Metabolic panel"},
        "subject": about(patient),
        "effectiveDateTime": "2026-03-01T08:00:00Z",
        "issued": "2026-03-01T09:00:00Z",
        "result": [{"reference": f"Observation/{each}"} for each in results],
    }
    return {name: part for name, part in (dull | facts).items() if part not in (None, [])}


def a_test(patient: Patient, name: str, value: str = "5.40", **facts: Any) -> dict[str, Any]:
    code = {"coding": [{"system": LOINC, "code": f"{len(name)}-0"}], "text": name}
    return an_observation(about(patient), value, id=name, code=code, **facts)


def converted(body: Any, token: str) -> Converted:
    return fhir_bundles.convert(raw(body), raw_id(body, token))


def card(patient: Patient) -> Card:
    """The only one."""
    names = {key.split("#")[1] for key in chart.names(patient.patient_id, "report#")}
    (name,) = names
    return fold(reports.versions(patient.patient_id, name))


def sent(*resources: dict[str, Any]) -> dict[str, Any]:
    return bundle(*(entry(each, "PUT") for each in resources))


def test_a_report_becomes_a_card_with_its_values_as_sent(token: str) -> None:
    patient = a_patient()
    glucose = a_test(
        patient,
        "Glucose",
        referenceRange=[{"text": "3.9-5.6"}],
        interpretation=[{"coding": [{"code": "N"}]}],
        note=[{"text": "fasting"}],
    )

    push(sent(a_report(patient, "Glucose", conclusion="All is well."), glucose), token)

    found = card(patient)
    (reading,) = found.readings
    assert (reading.value, reading.unit, reading.reference_range) == ("5.40", "mmol/L", "3.9-5.6")
    assert (reading.lab_name, reading.flag, reading.status) == ("Glucose", "N", "F")
    assert reading.notes == ("fasting",)
    assert reading.source == "Bundle.entry[1]"
    assert (found.lab_title, found.panel_code) == ("Metabolic panel", "24323-8")
    assert (found.status, found.notes) == (CardStatus.FINAL, ("All is well.",))
    assert found.resulted_at.startswith("2026-03-01T09:00:00")


def test_every_resource_of_a_report_is_valid(token: str) -> None:
    patient = a_patient()
    body = sent(a_report(patient, "Glucose"), a_test(patient, "Glucose"))
    push(body, token)

    (report,) = converted(body, token).reports

    for resource in report.resources:
        fhir.validate(resource)
        fhir.validate_with_models(resource)


def test_who_ordered_and_who_measured_are_on_the_card(token: str) -> None:
    patient = a_patient()
    doctor = {
        "resourceType": "Practitioner",
        "id": "doc",
        "name": [{"prefix": ["Dr"], "given": ["Priya"], "family": "Raman"}],
    }
    laboratory = {
        "resourceType": "Organization",
        "id": "lab",
        "name": "Riverbend lab",
        "address": [{"line": ["1 Quay"], "city": "Riverbend"}],
    }
    order = {
        "resourceType": "ServiceRequest",
        "id": "order",
        "status": "completed",
        "intent": "order",
        "subject": about(patient),
        "requester": {"reference": "Practitioner/doc"},
    }
    sample = {
        "resourceType": "Specimen",
        "id": "sample",
        "type": {"text": "Venous blood"},
    }
    report = a_report(
        patient,
        "Glucose",
        basedOn=[{"reference": "ServiceRequest/order"}],
        specimen=[{"reference": "Specimen/sample"}],
    )
    glucose = a_test(patient, "Glucose", performer=[{"reference": "Organization/lab"}])

    push(sent(report, glucose, order, sample, doctor, laboratory), token)

    found = card(patient)
    assert (found.ordered_by, found.specimen) == ("Dr Priya Raman", "Venous blood")
    assert (found.performing_lab, found.performing_lab_address) == (
        "Riverbend lab",
        "1 Quay, Riverbend",
    )


def test_components_are_readings_of_their_own(token: str) -> None:
    patient = a_patient()
    parts = [
        {"code": {"text": name}, "valueQuantity": {"value": n, "unit": "mm[Hg]"}}
        for name, n in (("Systolic", 120), ("Diastolic", 80))
    ]
    pressure = a_test(patient, "Pressure", valueQuantity=None, component=parts)

    push(sent(a_report(patient, "Pressure"), pressure), token)

    readings = card(patient).readings
    assert [(each.lab_name, each.value) for each in readings] == [
        ("Systolic", "120"),
        ("Diastolic", "80"),
    ]
    assert readings[1].source == "Bundle.entry[1].component[1]"


def test_the_members_of_a_panel_are_on_the_card(token: str) -> None:
    patient = a_patient()
    members = [{"reference": "Observation/Sodium"}, {"reference": "Observation/elsewhere"}]
    panel = a_test(patient, "Electrolytes", valueQuantity=None, hasMember=members)

    push(sent(a_report(patient, "Electrolytes"), panel, a_test(patient, "Sodium", "140")), token)

    assert [each.lab_name for each in card(patient).readings] == ["Electrolytes", "Sodium"]


def test_a_document_in_a_report_is_on_the_card(token: str) -> None:
    patient = a_patient()
    form = [{"contentType": "application/pdf", "data": "JVBERi0x LjQK", "title": "Report"}]

    push(sent(a_report(patient, presentedForm=form)), token)

    (document,) = card(patient).documents
    assert (document.title, document.content_type, document.size_bytes) == (
        "Report",
        "application/pdf",
        9,
    )


def test_a_document_that_is_no_base64_is_refused(token: str) -> None:
    form = [{"contentType": "application/pdf", "data": "J=VBE"}]

    assert push(sent(a_report(a_patient(), presentedForm=form)), token).status == 422


def test_a_correction_in_the_same_report_is_shown(token: str) -> None:
    patient = a_patient()
    push(sent(a_report(patient, "Glucose"), a_test(patient, "Glucose")), token)
    report = a_report(patient, "Glucose", status="corrected")

    push(sent(report, a_test(patient, "Glucose", "6.10", status="corrected")), token)

    found = card(patient)
    assert [each.value for each in found.readings] == ["6.10"]
    assert found.status is CardStatus.CORRECTED
    assert [each.value for each in found.readings[0].earlier] == ["5.40"]


def test_results_that_came_before_their_report_are_on_its_card(token: str) -> None:
    patient = a_patient()
    push(a_test(patient, "Glucose"), token)

    push(a_report(patient, "Glucose"), token)

    (reading,) = card(patient).readings
    assert reading.value == "5.40"


def test_a_correction_that_comes_alone_reaches_the_card(token: str) -> None:
    patient = a_patient()
    push(sent(a_report(patient, "Glucose"), a_test(patient, "Glucose")), token)

    push(a_test(patient, "Glucose", "6.10", status="corrected"), token)

    assert [each.value for each in card(patient).readings] == ["6.10"]


def test_a_result_entered_in_error_is_taken_back(token: str) -> None:
    patient = a_patient()
    both = [a_test(patient, "Glucose"), a_test(patient, "Sodium")]
    push(sent(a_report(patient, "Glucose", "Sodium"), *both), token)

    push(both[0] | {"status": "entered-in-error"}, token)

    found = card(patient)
    assert [each.lab_name for each in found.readings] == ["Sodium"]
    assert found.taken_back == ("Glucose",)


def test_a_report_entered_in_error_takes_back_what_is_in_it(token: str) -> None:
    patient = a_patient()
    push(sent(a_report(patient, "Glucose"), a_test(patient, "Glucose")), token)

    push(a_report(patient, "Glucose", status="entered-in-error"), token)

    found = card(patient)
    assert (found.status, found.readings) == (CardStatus.WITHDRAWN, ())


def test_a_report_is_one_report_whatever_its_code_becomes(token: str) -> None:
    patient = a_patient()
    push(sent(a_report(patient, "Glucose"), a_test(patient, "Glucose")), token)

    push(
        sent(a_report(patient, "Glucose", code={"text": "CMP"}), a_test(patient, "Glucose")), token
    )

    assert card(patient).lab_title == "CMP"


@pytest.mark.parametrize("status", ["sent", "FINAL", None])
@pytest.mark.parametrize("kind", ["report", "result"])
def test_a_status_that_is_none_of_fhirs_is_refused(kind: str, status: str, token: str) -> None:
    patient = a_patient()
    report, glucose = a_report(patient, "Glucose"), a_test(patient, "Glucose")
    wrong = report if kind == "report" else glucose
    wrong["status"] = status
    if status is None:
        del wrong["status"]
        wrong["_status"] = {"extension": [{"url": "urn:x", "valueCode": "unknown"}]}

    assert push(sent(report, glucose), token).status == 422


def test_each_value_is_traced_to_the_body(token: str) -> None:
    patient = a_patient()
    body = sent(a_report(patient, "Glucose"), a_test(patient, "Glucose"))
    assert statuses(push(body, token)) == ["201", "201"]
    (name,) = {key.split("#")[1] for key in chart.names(patient.patient_id, "report#")}
    (version,) = reports.versions(patient.patient_id, name)

    held, _ = objects.raw(raw_id(body, token))

    assert fhir_results.traced(version.resources, held, raw_id(body, token))
    for old, new in (("5.40", "5.4"), ("mmol", "mol"), ("final", "preliminary")):
        changed = version.resources.replace(old, new)
        assert changed != version.resources
        assert not fhir_results.traced(changed, held, raw_id(body, token))
