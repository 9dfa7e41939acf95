"""Whose a push is: its Patient resource, or the one reference by which all its entries name theirs.

One patient for each push.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from portal import fhir_claims, fhir_subjects, patients
from portal.errors import Reason
from portal.fhir import Resource
from portal.fhir_interactions import Request
from portal.fhir_outcomes import Refused
from portal.fhir_requests import Push
from portal.patients import Patient
from portal.people import Identifier, PatientClaim
from portal.senders import Sender

_ID = re.compile(r"(?:.*/)?Patient/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?", re.A)


@dataclass(frozen=True)
class Whose:
    """One of: the `resource` in the push, the `named` FHIR id, an `identifier`; nothing when all
    its entries are deletions. `urls`: what references to that resource look like."""

    resource: Resource | None = None
    urls: frozenset[str] = frozenset()
    named: str = ""
    identifier: Identifier | None = None
    display: str = ""

    def is_patient(self, reference: Resource) -> bool:
        """Whether it is to a patient at all."""
        said = _reference(reference)
        is_one = said in self.urls or "Patient/" in said or said.startswith("Patient?")
        return is_one or reference.get("type") == "Patient"


def whose(push: Push, sender: Sender) -> tuple[Whose, dict[int, Refused]]:
    """And the entries about somebody else, or nobody. Raises Refused when nobody is named."""
    about = [each for each in push.requests if each.resource_type == "Patient"]
    found = Whose(about[0].resource, _urls(about[0])) if about else Whose()
    faults = {each.number: _another(each) for each in about[1:]}
    for request in push.requests:
        if request.resource and request.resource_type != "Patient":
            try:
                found = _agreed(found, request, sender)
            except Refused as refusal:
                faults[request.number] = refusal
    has_resources = any(each.resource for each in push.requests)
    if found == Whose() and has_resources and not faults:
        words = "Send the Patient along: nothing here says whose it is."
        raise Refused(422, "required", words, "", Reason.NO_PATIENT_IDENTIFIER)
    return found, faults


def _urls(request: Request) -> frozenset[str]:
    named = request.named or request.resource.get("id", "")
    urls = [request.full_url, f"Patient/{named}" if named else ""]
    return frozenset(url for url in urls if url)


def _another(request: Request) -> Refused:
    words = "Send one Bundle for each patient."
    return Refused(422, "business-rule", words, request.place, Reason.SEVERAL_PATIENTS)


def _agreed(found: Whose, request: Request, sender: Sender) -> Whose:
    """The first who names the patient says who it is; the others must say the same."""
    place = f"{request.place}.resource"
    references = fhir_subjects.references(request.resource, found.is_patient, place)
    if not references or is_own(references[0], found):
        return found
    said = _named(references[0], request, sender)
    if found.resource is not None:
        if said.identifier and _is_among(said.identifier, found.resource, sender):
            return found
        raise _another(request)
    if found == Whose():
        return said
    if (found.named, found.identifier) != (said.named, said.identifier):
        raise _another(request)
    return found


def is_own(reference: Resource, found: Whose) -> bool:
    """Whether it is to the Patient resource of the push, or by the same id."""
    said = _reference(reference)
    relative = said.partition("/_history/")[0]
    return bool(found.urls & {said, relative}) or relative == f"Patient/{found.named}"


def _named(reference: Resource, request: Request, sender: Sender) -> Whose:
    said, display = _reference(reference), reference.get("display", "")
    if named := patient_id_in(reference):
        return Whose(named=named)
    if said.startswith("Patient?"):
        query = dict(parse_qsl(urlsplit(said).query))
        system, bar, value = query.get("identifier", "").rpartition("|")
        if bar and value and len(query) == 1:
            return Whose(identifier=fhir_claims.identified(sender, system, value), display=display)
    identifier = {} if said else reference.get("identifier", {})
    if value := identifier.get("value", ""):
        authority = fhir_claims.authority(identifier)
        return Whose(identifier=fhir_claims.identified(sender, authority, value), display=display)
    words = "Refer to the patient in this Bundle, by id, or by identifier with its system."
    raise Refused(422, "not-found", words, request.place, Reason.NO_PATIENT_IDENTIFIER)


def _reference(reference: Resource) -> str:
    return str(reference.get("reference", ""))


def patient_id_in(reference: Resource) -> str:
    """The FHIR id it names; "" when it names none."""
    found = _ID.fullmatch(_reference(reference))
    return found[1] if found else ""


def _is_among(identifier: Identifier, resource: Resource, sender: Sender) -> bool:
    known = {
        patients.normal((each.authority, each.value)) for each in fhir_claims.own(resource, sender)
    }
    return patients.normal((identifier.authority, identifier.value)) in known


def claimed(found: Whose, sender: Sender) -> PatientClaim:
    """What matching is given. A FHIR id is a machine's word, not one that people mistype: who has
    it is the patient."""
    if found.resource is not None:
        return fhir_claims.claim(found.resource, sender)
    if found.identifier is not None:
        return PatientClaim((found.identifier,), found.display, "", None, "", found.display)
    if fhir_claims.OURS.fullmatch(found.named) and (patient := patients.with_id(found.named)):
        known = (Identifier(*each, "") for each in (*patient.identifiers, *patient.former))
        return _of(patients.current(found.named) or patient, tuple(known))
    identifier = fhir_claims.at_sender(sender, found.named)
    patient_id = patients.id_by_identifier(identifier.authority, identifier.value)
    patient = patients.current(patient_id) if patient_id else None
    if patient is None:
        return PatientClaim((identifier,), "", "", None, "", "")
    return _of(patient, (identifier,))


def _of(patient: Patient, identifiers: tuple[Identifier, ...]) -> PatientClaim:
    name = f"{patient.given} {patient.family}".strip()
    facts = (patient.family, patient.given, patient.birth_on, patient.sex, name)
    return PatientClaim(identifiers, *facts)
