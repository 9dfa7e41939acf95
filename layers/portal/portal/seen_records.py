"""What of a record's visits and medicines its reader may see, as `portal.seen` has it for results
(decision 0015). Labels are found in what each says when it is read.

What does not say what it is about, or says it in another resource that is only named, may be
anything: it stays the patient's alone (`sensitivity.UNLABELLED`).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from portal import fhir, record_versions, seen, sensitivity
from portal.fhir import Resource
from portal.granting import Item
from portal.patients import Patient
from portal.record_versions import Version
from portal.seen import Sees
from portal.sensitivity import Segment, Segments

_DAYS = {"Appointment": "start", "MedicationRequest": "authoredOn"}
_ABOUT = {
    "Appointment": "serviceCategory serviceType specialty appointmentType reasonCode "
    "reasonReference description",
    "MedicationRequest": "medicationCodeableConcept medicationReference",
}
_ELSEWHERE = ("reasonReference", "medicationReference")  # to what may be a resource of its own

type IsMeant = Callable[[Resource], bool]


class Held(NamedTuple):
    """`versions`, in their order, are what `resource` is made of."""

    resource: Resource
    versions: list[Version]


def resources(sees: Sees, patient: Patient, kind: str, is_meant: IsMeant) -> list[Held]:
    """Of one of the kinds that `_ABOUT` knows, in the order of their ids. Most of a long record are
    over: `is_meant` is asked first, for labels take longer."""
    meant = (each for each in held(patient, kind) if is_meant(each.resource))
    return [each for each in meant if sees(item_of(each.resource))]


def held(patient: Patient, kind: str) -> list[Held]:
    """All of them, whoever asks."""
    standing = record_versions.standing(patient.patient_id, kind, patient.mine)
    return [_held(kind, name, versions) for name, versions in standing.items()]


def text(sees: Sees, said: str) -> str:
    """ "" where what is said beside a thing is not for this reader, though the thing is."""
    segments = sensitivity.segments_of([{"display": said}])
    return said.strip() if sees(Item(segments)) else ""


def item_of(resource: Resource) -> Item:
    return Item(_segments(resource), seen.day(resource.get(_DAYS[resource["resourceType"]], "")))


def _held(kind: str, name: str, versions: list[Version]) -> Held:
    ordered = record_versions.in_order(versions)
    said = fhir.nested(record_versions.elements(ordered))
    return Held({"resourceType": kind, "id": name} | said, ordered)


def _segments(resource: Resource) -> Segments:
    is_said = any(resource.get(name) for name in _ABOUT[resource["resourceType"]].split())
    is_here = all(
        map(_is_named, (ref for name in _ELSEWHERE for ref in fhir.listed(resource.get(name))))
    )
    if not (is_said and is_here):
        return frozenset(map(Segment, sensitivity.UNLABELLED))
    return sensitivity.of_resource(resource)


def _is_named(reference: Any) -> bool:
    return bool(reference.get("display") or reference.get("reference", "").startswith("#"))
