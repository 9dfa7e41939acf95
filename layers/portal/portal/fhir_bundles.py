"""A FHIR push as entries for one patient's chart, and its reports as lab reports.

What comes out depends on the bytes and the sender's settings, and for a push that was committed on
what was then decided (`portal.fhir_commits`): which entries count, and under which ids.
"""

from dataclasses import dataclass

from portal import fhir_commits, fhir_readings, fhir_reports, fhir_subjects
from portal.conversion import Converted
from portal.entries import Entry, entry_id
from portal.envelopes import Envelope
from portal.errors import Reason, Unusable
from portal.fhir import Resource
from portal.fhir_claims import is_social_security
from portal.fhir_commits import Commit
from portal.fhir_interactions import Request
from portal.fhir_outcomes import Refused
from portal.fhir_readings import Reading
from portal.fhir_references import Places
from portal.moments import instant, parsed
from portal.terminology import translated


@dataclass(frozen=True)
class Pushed(Converted):
    """A Patient resource in it is a registration."""

    has_patient: bool = False

    @property
    def may_enrol(self) -> bool:
        return self.has_patient


@dataclass(frozen=True)
class Named(Entry):
    """An entry whose `key` is its id; "" for the Patient."""

    @property
    def entry_id(self) -> str:
        return self.key or entry_id(self.resource_type, "")


@dataclass(frozen=True)
class Target:
    """`at`: when it counts from; "" for its own time. Not filed is what was there already."""

    entry_id: str
    at: str = ""
    is_filed: bool = True


type Targets = dict[int, Target]  # by number of the entry


def convert(body: bytes, raw_id: str) -> Converted:
    """Raises Unusable."""
    commit = fhir_commits.find(raw_id)
    try:
        if commit is None:
            found = fhir_readings.read(body, raw_id)
            return converted(found, _unconditional(found))
        return converted(fhir_readings.read(body, raw_id, commit), decided(commit))
    except Refused as refusal:
        raise refusal.unusable from None


def decided(commit: Commit) -> Targets:
    good = [each for each in commit.outcomes if not each.issues]
    return {each.number: Target(each.entry_id, each.at, each.is_filed) for each in good}


def _unconditional(found: Reading) -> Targets:
    """For a push that nobody committed: it came by the queue, or waited for its patient. What it
    asks under a condition can no longer be judged."""
    conditional = [each for each in found.push.requests if each.is_conditional]
    if conditional:
        detail = "is conditional and was not taken when it came: it must be sent again."
        raise Unusable(Reason.BAD_VALUE, f"{conditional[0].place} {detail}")
    return {each.number: Target(found.target_id(each)) for each in found.push.requests}


def converted(found: Reading, targets: Targets) -> Pushed:
    places = found.places({number: target.entry_id for number, target in targets.items()})
    wanted = [each for each in found.push.requests if targets[each.number].is_filed]
    made = [_entry(each, targets[each.number], found, places) for each in wanted]
    entries = [translated(each, found.sender) for each in made]
    where = {entry.entry_id: each.place for each, entry in zip(wanted, entries, strict=True)}
    reports = fhir_reports.reports(entries, where, found.claim, found.chart)
    has_patient = any(each.resource_type == "Patient" for each in wanted)
    return Pushed(_envelope(found), tuple(reports), tuple(entries), (), has_patient)


def _entry(request: Request, target: Target, found: Reading, places: Places) -> Entry:
    at = target.at or moment_of(request, found)
    if request.method == "DELETE":
        return Named(request.resource_type, target.entry_id, at, 0, {}, is_deleted=True)
    said = fhir_subjects.elements(request.resource, found.whose.is_patient)
    if request.resource_type == "Patient":
        said = _without_social_security(said)
    elements = places.rewritten(said, f"{request.place}.resource")
    return Named(
        resource_type=request.resource_type,
        key=target.entry_id,
        at=at,
        rank=0,
        elements=elements,
        sources=dict.fromkeys(elements, request.place),
        is_whole=True,
    )


def _without_social_security(elements: Resource) -> Resource:
    kept = [each for each in elements.get("identifier", ()) if not is_social_security(each)]
    others = {name: part for name, part in elements.items() if name != "identifier"}
    return others | ({"identifier": kept} if kept else {})


def moment_of(request: Request, found: Reading) -> str:
    """When the sender's resource became so; when it came, if the sender does not say."""
    moment = parsed(request.resource.get("meta", {}).get("lastUpdated", ""))
    return instant(moment) if moment else found.arrived_at


def _envelope(found: Reading) -> Envelope:
    push = found.push
    sent_at = parsed(push.sent) or parsed(found.arrived_at)
    return Envelope(
        message_type="FHIR",
        event=push.kind,
        control_id=push.control_id,
        sender=found.sender.name,
        facility="",
        zone=found.sender.zone,
        sent=push.sent,
        sent_at=sent_at,
        at=instant(sent_at) if sent_at else "",
        initial_load=push.initial_load,
        claim=found.claim,
    )
