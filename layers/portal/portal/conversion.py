"""A message as FHIR R4 for one patient's chart: which converters read which message type.

Every converter gives entries (`portal.entries`); laboratory results give reports, which have
cards; merges and moves give changes of identity. What is read here is what `/ehr/hl7` accepts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from portal import (
    charges,
    clinical_documents,
    coverages,
    demographics,
    diagnoses,
    immunizations,
    medications,
    order_requests,
    oru,
    people,
    scheduling,
    visits,
)
from portal.entries import Entry
from portal.envelopes import Envelope, envelope, type_of
from portal.errors import Reason, Unusable
from portal.hl7 import Message
from portal.identities import Change, changes
from portal.lab_reports import LabReport
from portal.people import PatientClaim
from portal.senders import Sender
from portal.terminology import translated

type Converter = Callable[[Message, Envelope], list[Entry]]

_VISIT: tuple[Converter, ...] = (visits.entries, coverages.entries, diagnoses.entries)
CONVERTERS: MappingProxyType[str, tuple[Converter, ...]] = MappingProxyType(
    {
        "ADT": (demographics.entries, *_VISIT),
        "BAR": (*_VISIT, charges.entries),
        "DFT": (*_VISIT, charges.entries),
        "SIU": (scheduling.entries,),
        "MDM": (clinical_documents.entries,),
        "VXU": (immunizations.entries,),
        "RDE": (medications.entries,),
        "RDS": (medications.entries,),
        "OMP": (medications.entries,),
        "ORM": (order_requests.entries, medications.entries),
        "OML": (order_requests.entries,),
        "OMG": (order_requests.entries,),
        "ORU": (),
    }
)

_WITH_DEFAULTS = (
    charges,
    clinical_documents,
    coverages,
    demographics,
    diagnoses,
    immunizations,
    medications,
    order_requests,
    scheduling,
    visits,
)
# What FHIR requires and a message may leave out: resource type -> element -> its honest default.
REQUIRED: dict[str, dict[str, Any]] = {
    kind: elements
    for module in _WITH_DEFAULTS
    for kind, elements in getattr(module, "REQUIRED", {}).items()
}


@dataclass(frozen=True)
class Converted:
    """All that one message says. `may_enrol`: it comes from where patients are registered."""

    envelope: Envelope
    reports: tuple[LabReport, ...] = ()
    entries: tuple[Entry, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def claim(self) -> PatientClaim:
        return self.envelope.claim

    @property
    def may_enrol(self) -> bool:
        return self.envelope.message_type == "ADT"


def convert(message: Message, sender: Sender) -> Converted:
    """Raises Unusable with the reason why a person has to look at it first."""
    _check_message(message, sender)
    about = envelope(message, sender.identified(_only_patient(message)), sender.zone)
    kind = about.message_type
    if kind == "ORU":
        return Converted(about, tuple(oru.reports(message, about, sender)))
    found = [entry for convert in CONVERTERS[kind] for entry in convert(message, about)]
    known = tuple(translated(entry, sender) for entry in found)
    return Converted(about, (), known, tuple(changes(message, about, sender)))


def _check_message(message: Message, sender: Sender) -> None:
    if message.count == 0:
        raise Unusable(Reason.NOT_HL7, "There is no MSH segment: this is not an HL7 v2 message.")
    if message.count > 1:
        detail = f"There are {message.count} MSH segments: each message must be sent on its own."
        raise Unusable(Reason.SEVERAL_MESSAGES, detail)
    kind, event = type_of(message)
    if kind not in CONVERTERS:
        raise Unusable(Reason.UNSUPPORTED_TYPE, oru.other_type(message.first("MSH")))
    if not sender.does_take(kind, event):
        raise Unusable(Reason.UNSUPPORTED_TYPE, f"{sender.name} is set not to send {kind}.")


def _only_patient(message: Message) -> PatientClaim:
    """A message may repeat PID for each group, and should repeat the same person."""
    claims = [people.claim(pid) for pid in message.all("PID")]
    if not any(claim.identifiers for claim in claims):
        where = (
            "PID-3 is empty, and so are PID-2 and PID-4" if claims else "There is no PID segment"
        )
        detail = f"{where}: nobody can tell whom this is about."
        raise Unusable(Reason.NO_PATIENT_IDENTIFIER, detail)
    first = claims[0]
    if type_of(message)[1] in TWO_PATIENTS:
        return first
    if not all(set(first.identifiers) & set(other.identifiers) for other in claims):
        detail = f"The {len(claims)} PID segments do not share an identifier in PID-3."
        raise Unusable(Reason.SEVERAL_PATIENTS, detail)
    return first


TWO_PATIENTS = frozenset({"A24", "A37"})
