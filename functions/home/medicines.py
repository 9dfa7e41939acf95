"""The medicines that the clinic's prescriptions say a person takes, those that run out first."""

from functools import partial

from functions.home.views import Medicine

from portal import fhir, record_versions, seen_records
from portal.access import Caller
from portal.fhir import REFILLS_REMAINING, Resource
from portal.patients import Patient
from portal.record_versions import Version
from portal.scopes import Scope
from portal.seen import Sees
from portal.seen_records import Held

MOST = 20
IN_A_HOSPITAL = "inpatient"


def of(caller: Caller, patient: Patient) -> list[Medicine]:
    """What is prescribed now and this reader may see; of the same medicine the newest order."""
    sees = partial(caller.may_see, Scope.READ_MEDICATIONS)
    found = seen_records.resources(sees, patient, "MedicationRequest", _is_taken)
    now_taken = sorted(found, key=_age)
    if not now_taken:
        return []
    handed_out = _handed_out(patient)
    made = (_medicine(each, handed_out, sees) for each in now_taken)
    by_name = {each.name.casefold(): each for each in made}
    return sorted(by_name.values(), key=lambda each: (_refills(each), each.name.casefold()))[:MOST]


def _is_taken(request: Resource) -> bool:
    codes = [
        coding.get("code")
        for category in request.get("category", ())
        for coding in category.get("coding", ())
    ]
    is_order = request.get("intent", "order") not in {"proposal", "plan", "option"}
    is_active = request.get("status") == "active" and IN_A_HOSPITAL not in codes
    return is_active and is_order and bool(_name(request))


def _age(held: Held) -> tuple[str, str]:
    return held.resource.get("authoredOn", "") or held.versions[0].at, held.resource["id"]


def _refills(medicine: Medicine) -> float:
    return float("inf") if medicine.refills_left is None else medicine.refills_left


def _medicine(held: Held, handed_out: dict[str, list[Version]], sees: Sees) -> Medicine:
    request = held.resource
    told = [*held.versions, *handed_out.get(request["id"], ())]
    said = request.get("dosageInstruction", ())
    directions = [each.get("patientInstruction") or each.get("text", "") for each in said]
    return Medicine(
        name=_name(request),
        directions=seen_records.text(sees, "\n".join(filter(None, directions))),
        refills_left=_left(told),
    )


def _name(request: Resource) -> str:
    concept = request.get("medicationCodeableConcept", {})
    codes = (each.get("code") for each in concept.get("coding", ()))
    named = (fhir.words(concept), request.get("medicationReference", {}).get("display"), *codes)
    return str(next(filter(None, named), "")).strip()


def _handed_out(patient: Patient) -> dict[str, list[Version]]:
    """What dispenses say, by the order that each belongs to."""
    found: dict[str, list[Version]] = {}
    kind, mine = "MedicationDispense", patient.mine
    for versions in record_versions.standing(patient.patient_id, kind, mine).values():
        for version in versions:
            said = record_versions.elements_of(version)
            for order in said.get("authorizingPrescription", ()):
                found.setdefault(order.get("reference", "").rpartition("/")[2], []).append(version)
    return found


def _left(told: list[Version]) -> int | None:
    """The newest word on how many refills remain; None where nobody said."""
    for version in reversed(record_versions.in_order(told)):
        for extension in record_versions.elements_of(version).get("extension", ()):
            left = extension.get("valueUnsignedInt")
            if extension.get("url") == REFILLS_REMAINING and left is not None:
                return int(left)
    return None
