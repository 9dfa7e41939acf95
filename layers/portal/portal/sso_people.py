"""Whom an EHR has signed in, as our own patient: the EHR's FHIR Patient against our records.

An identifier of an authority we know must lead to one patient, and name and birth date must both be
there and agree. Never an e-mail address: families share them, and EHRs do not check them.
"""

import re
from datetime import date
from typing import Any, Literal

from pydantic import Field, ValidationError

from portal import fetching, matching
from portal.errors import Unusable
from portal.identity_providers import Fault, Refused
from portal.model import Model
from portal.moments import now
from portal.oidc import Finished
from portal.organisations import Organisation
from portal.patients import Patient
from portal.people import Identifier, PatientClaim

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
FORMER = frozenset({"old", "maiden"})


class FhirIdentifier(Model):
    system: str = ""
    value: str = ""
    use: str = ""


class FhirName(Model):
    use: str = ""
    family: str = ""
    given: list[str] = []


class FhirLink(Model):
    type: str = ""


class FhirPatient(Model):
    """What is read of one; the rest is left where it is."""

    resource_type: Literal["Patient"] = Field(alias="resourceType")
    id: str
    active: bool = True
    identifier: list[FhirIdentifier] = []
    name: list[FhirName] = []
    birth_on: date | None = Field(default=None, alias="birthDate")
    is_deceased: bool = Field(default=False, alias="deceasedBoolean")
    died_at: str = Field(default="", alias="deceasedDateTime")
    link: list[FhirLink] = []

    @property
    def is_live(self) -> bool:
        is_replaced = any(each.type == "replaced-by" for each in self.link)
        return self.active and not (self.is_deceased or self.died_at or is_replaced)


def matched(organisation: Organisation, finished: Finished) -> Patient:
    """Raises Refused unless it is certain who it is."""
    found = _read(organisation, fhir_id(finished), str(finished.token["access_token"]))
    claim = _claim(organisation, found)
    if not (found.is_live and claim.identifiers and claim.family and claim.birth_on):
        raise Refused(Fault.NO_MATCH)
    try:
        patient = matching.known(claim)
    except Unusable:
        raise Refused(Fault.NO_MATCH) from None
    if patient is None or not patient.may_sign_in or not _is_same(patient, claim):
        raise Refused(Fault.NO_MATCH)
    return patient


def _is_same(patient: Patient, claim: PatientClaim) -> bool:
    """More than a message must show: the given name tells twins apart."""
    ours, theirs = matching.words(patient.given), matching.words(claim.given)
    return not matching.fault(patient, claim) and bool(ours & theirs or not ours)


def fhir_id(finished: Finished) -> str:
    """Of the record that was opened, which must be the user's own: parents and carers sign in to
    EHRs, too. `profile` is what SMART App Launch 1.0 called `fhirUser`; both may be whole
    addresses."""
    user = finished.claims.get("fhirUser") or finished.claims.get("profile")
    opened = finished.token.get("patient")
    if not isinstance(user, str) or not isinstance(opened, str) or not ID.fullmatch(opened):
        raise Refused(Fault.NOT_SELF)
    if user.split("/")[-2:] != ["Patient", opened]:
        raise Refused(Fault.NOT_SELF)
    return opened


def has_two_factors(organisation: Organisation, claims: dict[str, Any], seconds: int) -> bool:
    """Whether it says that two were shown, within so many seconds: an hour-old sign-in on a shared
    computer shows little about who sits there now."""
    told = organisation.two_factor
    methods = claims.get("amr")
    is_told = claims.get("acr") in told.acr or bool(
        isinstance(methods, list) and set(told.amr) & set(map(str, methods))
    )
    at = claims.get("auth_time")
    is_number = isinstance(at, int | float) and not isinstance(at, bool)
    return is_told and is_number and now().timestamp() - float(at or 0) <= seconds


def _read(organisation: Organisation, named: str, access_token: str) -> FhirPatient:
    url = f"{organisation.provider.base}/Patient/{named}"
    asked = {"Accept": "application/fhir+json", "Authorization": f"Bearer {access_token}"}
    try:
        reply = fetching.get(url, asked)
    except (fetching.Unreachable, fetching.BadAddress):
        raise Refused(Fault.DOWN) from None
    if reply.status != 200:
        raise Refused(Fault.DOWN)
    try:
        found = FhirPatient.model_validate(reply.document)
    except ValidationError:
        raise Refused(Fault.NO_MATCH) from None
    if found.id != named:
        raise Refused(Fault.NO_MATCH)
    return found


def _claim(organisation: Organisation, found: FhirPatient) -> PatientClaim:
    names = [each for each in found.name if each.use not in FORMER]
    official = [each for each in names if each.use == "official"]
    name = next(iter((*official, *names)), FhirName())
    given = " ".join(name.given)
    shown = f"{given} {name.family}".strip()
    numbers = tuple(dict.fromkeys(_identifiers(organisation, found)))
    return PatientClaim(numbers, name.family.strip(), given, found.birth_on, "", shown)


def _identifiers(organisation: Organisation, found: FhirPatient) -> list[Identifier]:
    return [
        Identifier(known.authority, value, "")
        for each in found.identifier
        for known in organisation.identifiers
        if each.use != "old" and each.system == known.system
        if each.value.startswith(known.prefix)
        if (value := each.value.removeprefix(known.prefix).strip())
    ]
