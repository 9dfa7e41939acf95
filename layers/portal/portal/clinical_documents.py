"""Clinical documents (MDM): TXA, its content in OBX, and the visit in PV1 (HL7 2.5.1, chapter 9).

A document is known by TXA-12, else by its type, times, originator, order and file together. T05
and T06 add to TXA-13, the parent; T09 and T10 replace it, which makes the parent superseded; T11
takes the document back. T03 and T04 change what TXA says, not what there is. Not read: order
numbers, transcriptionist (TXA-11), distribution and folder.
"""

from dataclasses import replace
from typing import Any

from portal import codings, document_labels, people, timestamps
from portal.document_contents import is_withdrawn, put_content
from portal.entity_identifiers import identifier
from portal.entries import Draft, Entry, reference
from portal.envelopes import Envelope
from portal.errors import Reason, Unusable
from portal.fhir import Resource
from portal.hl7 import Message
from portal.hl7_segments import Segment

REQUIRED: dict[str, dict[str, Any]] = {
    "DocumentReference": {"status": "current", "content": [{"attachment": {"title": "Document"}}]}
}

_REPLACEMENT = frozenset({"T09", "T10"})
_RELATION = dict.fromkeys(("T05", "T06"), "appends") | dict.fromkeys(_REPLACEMENT, "replaces")
_STATUS_CHANGE = frozenset({"T03", "T04"})
# HL7 tables 0273 and 0271 to FHIR DocumentReferenceStatus and CompositionStatus.
_AVAILABILITY = {"AV": "current", "CA": "entered-in-error", "OB": "superseded", "UN": "current"}
_COMPLETION = dict.fromkeys(("DI", "DO", "IN", "IP", "PA"), "preliminary")
_COMPLETION |= dict.fromkeys(("AU", "LA"), "final")
_UNAVAILABLE = {  # as the HL7 v2-to-FHIR guide says what FHIR has no status for
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/alternate-codes",
            "valueCodeableConcept": {
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/v2-0273", "code": "UN"}
                ]
            },
        }
    ]
}


def entries(message: Message, envelope: Envelope) -> list[Entry]:
    txa, is_deleted = message.first("TXA"), _is_deleted(message, envelope.event)
    if not txa:
        detail = "There is no TXA segment: put what the document is in one."
        raise Unusable(Reason.BAD_VALUE, detail)
    key, parent = _key(message, envelope), envelope.scoped(txa.value(13), authority_at=2)
    draft = Draft("DocumentReference", key, at=envelope.at)
    _put_status(draft, txa, envelope.event, is_deleted=is_deleted)
    draft.put("masterIdentifier", identifier(txa.value(12)), txa, 12)
    draft.put("type", document_labels.document_type(message), txa, 2)
    draft.put("description", txa.text(25).strip(), txa, 25)
    _put_times(draft, txa, envelope.zone)
    _put_people(draft, txa)
    visit = message.first("PV1")
    if number := envelope.scoped(visit.value(19)):
        draft.put("context.encounter", [reference("Encounter", number)], visit, 19)
    if not is_deleted:
        put_content(draft, message.all("OBX"))
    if labels := document_labels.labels(message):
        first = labels[0]
        draft.put("securityLabel", [each.resource for each in labels], first.segment, first.field)
    relation = _RELATION.get(envelope.event, "")
    if relation and parent not in {"", key}:
        target = reference("DocumentReference", parent)
        draft.put("relatesTo", [{"code": relation, "target": target}], txa, 13)
    made = _without_what_is_over(draft.entry(), message)
    return [made, *([] if parent in {"", key} else _parent(parent, message, envelope))]


def _key(message: Message, envelope: Envelope) -> str:
    txa = message.first("TXA")
    if number := envelope.scoped(txa.value(12), authority_at=2):
        return number
    orders = (txa.text(15), txa.text(14), *(message.first(name).text(3) for name in ("OBR", "ORC")))
    order = next(filter(None, (each.strip() for each in orders)), "")
    kind, originator = codings.code(txa.text(2)), txa.text(9).strip()
    told = [txa.text(field).strip() for field in (4, 6, 16)]
    if not (order or any(told)):
        detail = "TXA-12 is empty: send the document's number, so that it can be told from others."
        raise Unusable(Reason.BAD_VALUE, detail)
    return "\n".join(("document", envelope.facility, kind, originator, order, *told))


def _is_deleted(message: Message, event: str) -> bool:
    if event == "T11" or is_withdrawn(message.all("OBX")):
        return True
    return event in _STATUS_CHANGE and message.first("ORC").text(1).strip().upper() == "CA"


def _put_status(draft: Draft, txa: Segment, event: str, *, is_deleted: bool) -> None:
    availability = txa.text(19).strip().upper()
    if is_deleted:
        draft.state("status", "entered-in-error", txa)
    elif availability in _AVAILABILITY:
        draft.put("status", _AVAILABILITY[availability], txa, 19)
        draft.put("_status", _UNAVAILABLE if availability == "UN" else None, txa, 19)
    elif event not in _STATUS_CHANGE:
        draft.state("status", "current", txa)
    completion = _COMPLETION.get(txa.text(17).strip().upper(), "")
    is_corrected = completion == "final" and event in _REPLACEMENT
    draft.put("docStatus", "amended" if is_corrected else completion, txa, 17)


def _put_times(draft: Draft, txa: Segment, zone: str) -> None:
    """TXA-4 is when what it tells happened; TXA-6 and 7 are when it was dictated and written."""
    happened = timestamps.fhir_datetime(txa.text(4), zone)
    draft.put("context.period", {"start": happened} if happened else {}, txa, 4)
    for field in (6, 7, 4):
        if not draft.has("date"):
            draft.put("date", timestamps.fhir_instant(txa.text(field), zone), txa, field)


def _put_people(draft: Draft, txa: Segment) -> None:
    draft.put("author", _named(txa, 9), txa, 9)
    draft.put("context.related", _named(txa, 5), txa, 5)
    is_signed = _COMPLETION.get(txa.text(17).strip().upper()) == "final"
    for field in (22, 10):  # who signed it; who was to sign it
        signer = _named(txa, field)
        if signer and (is_signed or field == 22) and not draft.has("authenticator"):
            draft.put("authenticator", signer[0], txa, field)


def _named(txa: Segment, field: int) -> list[Resource]:
    found = filter(None, map(people.practitioner, txa.repetitions(field)))
    names = dict.fromkeys(people.display(person) for person in found)
    return [{"type": "Practitioner", "display": name} for name in names]


def _parent(key: str, message: Message, envelope: Envelope) -> list[Entry]:
    """What becomes of the document in TXA-13. Who deletes with a change of status (the French
    CI-SIS) names the document that goes there."""
    event = envelope.event
    is_deleted = event in _STATUS_CHANGE and _is_deleted(message, event)
    if not (is_deleted or event in _REPLACEMENT):
        return []
    parent = Draft("DocumentReference", key, at=envelope.at)
    status = "entered-in-error" if is_deleted else "superseded"
    parent.put("status", status, message.first("TXA"), 13)
    return [parent.entry()]


def _without_what_is_over(entry: Entry, message: Message) -> Entry:
    """A document that is available is no longer unavailable, nor hidden once it is opened."""
    over = {"_status"} if "status" in entry.elements else set()
    over |= {"securityLabel"} if document_labels.opens(message) else set()
    return replace(entry, cleared=tuple(sorted({*entry.cleared, *over} - entry.elements.keys())))
