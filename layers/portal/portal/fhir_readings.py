"""A push, read: what it asks, whose it is, who sends it, and under which id each entry goes."""

from dataclasses import dataclass, replace

from portal import (
    arrivals,
    fhir_charts,
    fhir_checks,
    fhir_documents,
    fhir_patients,
    fhir_requests,
    matching,
    senders,
)
from portal.entries import entry_id
from portal.errors import Reason
from portal.fhir import Resource
from portal.fhir_charts import Chart
from portal.fhir_commits import Commit
from portal.fhir_interactions import Request
from portal.fhir_outcomes import Refused
from portal.fhir_patients import Whose
from portal.fhir_references import Places, named_id
from portal.fhir_requests import Push
from portal.people import PatientClaim
from portal.senders import Sender

NOBODY = "Nothing here says whose it is: send the Patient along, or something of the patient's."


@dataclass(frozen=True)
class Reading:
    push: Push
    whose: Whose
    claim: PatientClaim
    sender: Sender
    chart: Chart
    arrived_at: str

    def target_id(self, request: Request) -> str:
        """ "" for the Patient. The same thing sent twice is one thing, if it says which it is."""
        kind = request.resource_type
        if kind == "Patient":
            return ""
        if named := name_of(request):
            return named_id(kind, named, self.sender, self.chart.is_ours)
        number = business_identifier(request.resource)
        return entry_id(kind, number or f"{self.chart.raw_id}\n{request.number}")

    def places(self, ids: dict[int, str]) -> Places:
        """`ids`: of the entries, by number."""
        urls = {
            url: f"{request.resource_type}/{ids[request.number]}"
            for request in self.push.requests
            if request.number in ids
            for url in urls_of(request)
        }
        return Places(urls, self.whose, self.claim, self.sender, self.chart.is_ours)


def read(body: bytes, raw_id: str, commit: Commit | None = None) -> Reading:
    """What was committed needs no second check. Raises Refused, and Unusable for identifiers that
    belong to several patients."""
    sender = settings_of(arrivals.sender_of(raw_id))
    push = fhir_requests.read(fhir_documents.read(body))
    push = push.only(commit.good) if commit else fhir_checks.checked(push)
    whose, faults = fhir_patients.whose(push, sender)
    push = push.without(faults)
    if whose == Whose() and push.requests:
        whose = Whose(named=commit.patient_id) if commit else _of_what_is_here(push, sender)
    claim = fhir_patients.claimed(whose, sender)
    chart = Chart(matching.known(claim), raw_id)
    found = Reading(push, whose, claim, sender, chart, arrivals.arrival(raw_id).received_at)
    return found if commit else _with_references_checked(found)


def settings_of(name: str) -> Sender:
    """By the credential's name."""
    found = (each for each in senders.everyone() if each.name == name)
    return next(found, senders.UNKNOWN.model_copy(update={"name": name}))


def _of_what_is_here(push: Push, sender: Sender) -> Whose:
    """Deletions alone: whose their resources are."""
    named = [(each.resource_type, name_of(each)) for each in push.requests]
    scoped = [(kind, entry_id(kind, f"{sender.name}\n{name}")) for kind, name in named]
    patient = fhir_charts.owner_of_all([*named, *scoped])
    if patient is None:
        raise Refused(422, "not-found", NOBODY, "", Reason.NO_PATIENT_IDENTIFIER)
    return Whose(named=patient.patient_id)


def _with_references_checked(found: Reading) -> Reading:
    """Raises Refused for those of a transaction that lead nowhere."""
    places = found.places({each.number: "" for each in found.push.requests})

    def check(request: Request) -> None:
        places.rewritten(request.resource, f"{request.place}.resource")

    return replace(found, push=found.push.checked(check))


def name_of(request: Request) -> str:
    """The sender's id of it, if it tells one."""
    return request.named or str(request.resource.get("id", ""))


def urls_of(request: Request) -> list[str]:
    """By what others in the push refer to it."""
    named = name_of(request)
    urls = [request.full_url, f"{request.resource_type}/{named}" if named else ""]
    return [url for url in urls if url]


def business_identifier(resource: Resource) -> str:
    """With the code: an accession number is of all tests of a sample. "" when there is none."""
    numbers = (
        f"{each['system']}|{each['value']}"
        for each in _listed(resource.get("identifier"))
        if each.get("system") and each.get("value") and each.get("use") not in ("old", "temp")
    )
    found, code = next(numbers, ""), resource.get("code")
    codings = code.get("coding", ()) if isinstance(code, dict) else ()
    coded = next((f"{each.get('system', '')}|{each.get('code', '')}" for each in codings), "")
    return f"{found}\n{coded}" if found and coded else found


def _listed(part: object) -> list[Resource]:
    """QuestionnaireResponse has one identifier, where others have a list."""
    found = part if isinstance(part, list) else [part]
    return [each for each in found if isinstance(each, dict)]
