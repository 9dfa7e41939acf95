"""What would become of each entry of a push now: created, updated, found there, or refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from portal import (
    entries,
    fhir_charts,
    fhir_commits,
    fhir_conditions,
    patients,
    record_versions,
    records,
)
from portal.fhir_bundles import moment_of
from portal.fhir_charts import Name
from portal.fhir_interactions import Request
from portal.fhir_outcomes import Outcome, Refused, failed, together
from portal.fhir_readings import Reading
from portal.fhir_requests import TRANSACTION
from portal.moments import instant, parsed
from portal.record_versions import Version


@dataclass(frozen=True)
class Plan:
    """`claims`: keys of the chart that nobody else may have taken -> the id each is for."""

    outcomes: tuple[Outcome, ...]
    claims: Mapping[str, str]

    @property
    def is_of_use(self) -> bool:
        return any(not each.issues for each in self.outcomes)

    @property
    def has_patient(self) -> bool:
        return any(each.is_filed and each.resource_type == "Patient" for each in self.outcomes)


def planned(found: Reading) -> Plan:
    """Raises Refused when one entry spoils a transaction."""
    names = {each.number: _name(each, found) for each in found.push.requests}
    found.chart.read_ahead(names.values())
    faults, claims = found.push.faults | _faults_of_others(found, names), dict[str, str]()
    outcomes = []
    for request in found.push.requests:
        if request.number not in faults:
            try:
                outcomes.append(_outcome(request, found, claims))
            except Refused as refusal:
                faults |= {request.number: refusal}
    if faults and found.push.kind == TRANSACTION:
        raise together(faults[number] for number in sorted(faults))
    refused = [failed(number, refusal) for number, refusal in faults.items()]
    return Plan((*outcomes, *refused), claims)


def _name(request: Request, found: Reading) -> Name:
    kind = request.resource_type
    return kind, stored_id(kind, found.target_id(request))


def _faults_of_others(found: Reading, names: Mapping[int, Name]) -> dict[int, Refused]:
    """A resource of one patient does not become another's by an update."""
    owners = fhir_charts.owners(names.values())
    here = {owner: patients.current(owner) for owner in set(owners.values())}
    words = "This is another patient's: delete it there first."
    return {
        each.number: Refused(409, "conflict", words, each.place)
        for each in found.push.requests
        if names[each.number] in owners
        and _is_another(here[owners[names[each.number]]], found.chart.patient)
    }


def _is_another(owner: patients.Patient | None, patient: patients.Patient | None) -> bool:
    return owner is None or patient is None or owner.patient_id != patient.patient_id


def _outcome(request: Request, found: Reading, claims: dict[str, str]) -> Outcome:
    """Adds what it depends on to the claims."""
    if not request.query:
        return _written(request, found.target_id(request), found, claims)
    kind = request.resource_type
    key = fhir_commits.only(kind, fhir_conditions.condition(request).text)
    there = claims.get(key) or fhir_conditions.existing(request, found)
    if there is None:
        claims[key] = found.target_id(request)
        return _written(request, claims[key], found, claims)
    if request.method == "PUT":
        return _written(request, there, found, claims)
    before = found.chart.versions(kind, stored_id(kind, there))
    return Outcome(
        number=request.number,
        status=200,
        resource_type=kind,
        entry_id=there,
        version_id=_version_id(before),
    )


def _written(request: Request, entry_id: str, found: Reading, claims: dict[str, str]) -> Outcome:
    kind = request.resource_type
    before = found.chart.versions(kind, stored_id(kind, entry_id))
    is_there = bool(before) and not record_versions.newest(before).is_deleted
    at = ""
    if request.if_match:
        current = _version_id(before) if is_there else ""
        fhir_conditions.check_version(request, entry_id, current, found)
        claims[fhir_commits.successor(kind, entry_id, current)] = entry_id
    if request.if_match or request.method == "DELETE":
        at = _after(before, found.arrived_at)
    if kind == "Patient":
        is_there = found.chart.patient is not None
    counts_from = at or moment_of(request, found)
    return Outcome(
        number=request.number,
        status=204 if request.method == "DELETE" else 200 if is_there else 201,
        resource_type=kind,
        entry_id=entry_id,
        version_id=_version_id([*before, _version(request, entry_id, counts_from, found)]),
        at=counts_from,
        is_filed=True,
    )


def stored_id(kind: str, entry_id: str) -> str:
    """The one Patient of a chart has no key of its own."""
    return entry_id or entries.entry_id(kind, "")


def _after(before: list[Version], arrived_at: str) -> str:
    """What was decided on the newest version comes after it, whatever a sender's clock says."""
    newest = parsed(record_versions.newest(before).at) if before else None
    return max(arrived_at, instant(newest + timedelta(milliseconds=1)) if newest else "")


def _version_id(versions: list[Version]) -> str:
    """Of what all these messages make together; "" when there is none."""
    return str(records.folded(versions)["meta"]["versionId"]) if versions else ""


def _version(request: Request, entry_id: str, at: str, found: Reading) -> Version:
    return Version(
        resource_type=request.resource_type,
        entry_id=stored_id(request.resource_type, entry_id),
        raw_id=found.chart.raw_id,
        at=at,
        rank=0,
        elements="{}",
        cleared=(),
        sources={},
        about=(),
        is_whole=True,
    )
