"""What an entry's conditions find: ifMatch, ifNoneExist, conditional update (FHIR R4 http.html).

Conditions search by identifier and _id only.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from portal import fhir_commits
from portal.fhir import Resource
from portal.fhir_interactions import Request
from portal.fhir_outcomes import Refused
from portal.fhir_readings import Reading
from portal.fhir_references import named_id


@dataclass(frozen=True)
class Condition:
    """Both must hold, where there are both. An identifier's system is None when any will do."""

    system: str | None = None
    value: str = ""
    named: str = ""

    def holds(self, resource: Resource, named_id: str) -> bool:
        if self.named and resource["id"] != named_id:
            return False
        return not self.value or any(map(self._is_meant, resource.get("identifier", ())))

    def _is_meant(self, identifier: Resource) -> bool:
        is_system = self.system is None or identifier.get("system", "") == self.system
        return is_system and identifier.get("value") == self.value

    @property
    def text(self) -> str:
        return f"{self.system}|{self.value}|{self.named}"


def condition(request: Request) -> Condition:
    """Raises Refused."""
    asked = parse_qsl(request.query, keep_blank_values=True)
    named = dict(asked)
    if len(asked) != len(named) or not asked or named.keys() - {"identifier", "_id"}:
        raise _not_supported(request)
    identifier = named.get("identifier", "")
    system, bar, value = identifier.rpartition("|")
    if "," in identifier or ("identifier" in named and not value):
        raise _not_supported(request)
    return Condition(system if bar else None, value, named.get("_id", ""))


def _not_supported(request: Request) -> Refused:
    words = "Search by one identifier or _id: identifier=system|value."
    return Refused(400, "not-supported", words, f"{request.place}.request")


def existing(request: Request, found: Reading) -> str | None:
    """The id of the one resource that the condition is true of; None for none. "" is the Patient.
    Raises Refused when it is true of several."""
    asked, kind = condition(request), request.resource_type
    if kind == "Patient":
        return "" if found.chart.patient else None
    wanted = named_id(kind, asked.named, found.sender, found.chart.is_ours) if asked.named else ""
    ids = {str(each["id"]) for each in found.chart.resources(kind) if asked.holds(each, wanted)}
    if found.chart.patient:
        key = fhir_commits.only(kind, asked.text)
        ids |= {fhir_commits.claimed_by(found.chart.patient.patient_id, key)} - {""}
    if len(ids) > 1:
        words = "Several resources match: the condition must find one at most."
        raise Refused(412, "multiple-matches", words, f"{request.place}.request")
    return next(iter(ids), None)


def check_version(request: Request, entry_id: str, current: str, found: Reading) -> None:
    """ifMatch must name the version that there is; of two who name it, one comes first."""
    place = f"{request.place}.request.ifMatch"
    words = "The resource has changed since: read it again, and send the update of what it is now."
    patient = found.chart.patient
    if not current or request.if_match not in (current, "*") or patient is None:
        raise Refused(412, "conflict", words, place)
    key = fhir_commits.successor(request.resource_type, entry_id, current)
    if fhir_commits.claimed_by(patient.patient_id, key):
        raise Refused(412, "conflict", words, place)
