"""Which R4 types a chart takes, and the element by which each names its patient.

From the patient compartment of FHIR R4 (compartmentdefinition-patient.html). Types about nobody in
particular are what the others refer to. Not taken: definitions, terminology, audit and workflow.
"""

from collections.abc import Callable
from typing import Any

from portal.errors import Reason
from portal.fhir import Resource
from portal.fhir_outcomes import Refused

_SUBJECT = (
    "Account AdverseEvent Basic CarePlan CareTeam ChargeItem ClinicalImpression Communication "
    "CommunicationRequest Composition Condition DeviceRequest DeviceUseStatement DiagnosticReport "
    "DocumentManifest DocumentReference Encounter Flag Goal GuidanceResponse ImagingStudy Invoice "
    "List MeasureReport Media MedicationAdministration MedicationDispense MedicationRequest "
    "MedicationStatement Observation Procedure QuestionnaireResponse RequestGroup RiskAssessment "
    "ServiceRequest Specimen"
)
_PATIENT = (
    "AllergyIntolerance BodyStructure Claim ClaimResponse Consent CoverageEligibilityRequest "
    "CoverageEligibilityResponse DetectedIssue Device EpisodeOfCare ExplanationOfBenefit "
    "FamilyMemberHistory Immunization ImmunizationEvaluation ImmunizationRecommendation "
    "MolecularSequence NutritionOrder RelatedPerson SupplyDelivery VisionPrescription"
)
_NOBODY = (
    "Endpoint HealthcareService Location Medication Organization Patient Practitioner "
    "PractitionerRole Provenance Substance"
)
# resource type -> the element; "" where there is none
ELEMENTS: dict[str, str] = {
    **dict.fromkeys(_SUBJECT.split(), "subject"),
    **dict.fromkeys(_PATIENT.split(), "patient"),
    **dict.fromkeys(_NOBODY.split(), ""),
    "Appointment": "participant",
    "Coverage": "beneficiary",
    "Task": "for",
}
LISTS = frozenset({"Account"})  # whose element is a list of references
# May leave their patient out; they are then of whom the rest of the bundle is.
MAY_BE_SILENT = frozenset({"Appointment", "Communication", "Device", "List", "Media", "Specimen"})

type IsPatient = Callable[[Resource], bool]


def references(resource: Resource, is_patient: IsPatient, place: str = "") -> list[Resource]:
    """How a valid resource names its patient: at most one reference, or Refused."""
    kind = resource["resourceType"]
    element = ELEMENTS[kind]
    if kind == "Appointment":
        actors = [each["actor"] for each in resource.get("participant", ()) if each.get("actor")]
        found = [actor for actor in actors if is_patient(actor)]
    else:
        value = resource.get(element) if element else None
        found = [] if value is None else value if isinstance(value, list) else [value]
    if len(found) > 1:
        raise Refused(422, "business-rule", "Name one patient only.", f"{place}.{element}", SEVERAL)
    if not found and element and kind not in MAY_BE_SILENT:
        words = "Say whose it is: a reference to the patient, or an identifier."
        raise Refused(422, "required", words, f"{place}.{element}", Reason.NO_PATIENT_IDENTIFIER)
    return found


SEVERAL = Reason.SEVERAL_PATIENTS


def elements(resource: Resource, is_patient: IsPatient) -> dict[str, Any]:
    """All that is stored: without id, and without whose it is, which the chart says itself. Of
    meta stay the security labels: they decide who may see it."""
    kind = resource["resourceType"]
    left_out = {"resourceType", "id", "meta", ELEMENTS[kind] or "id"}
    found = {name: part for name, part in resource.items() if name not in left_out}
    if kind == "Appointment":
        others = [each for each in resource["participant"] if not _is_own(each, is_patient)]
        found |= {"participant": others} if others else {}
    labels = resource.get("meta", {}).get("security")
    return found | ({"meta.security": labels} if labels else {})


def _is_own(participant: Resource, is_patient: IsPatient) -> bool:
    return bool(participant.get("actor")) and is_patient(participant["actor"])
