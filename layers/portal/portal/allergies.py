"""AL1 and IAM -> AllergyIntolerance.

Being listed makes an allergy active. Its two statuses are one word: whoever speaks last of the
allergy says both, so that an allergy taken back and listed again is no longer "in error".
"""

from portal import business_keys, codings
from portal.business_identifiers import entity_identifier
from portal.code_tables import code_in
from portal.contacts import names
from portal.entries import Draft, Entry
from portal.envelopes import Envelope
from portal.fhir import Resource
from portal.folds import clearing, merged, one_of
from portal.hl7 import Message
from portal.hl7_segments import Segment, Value
from portal.segment_notes import put_notes, with_notes
from portal.timestamps import fhir_datetime

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/allergyintolerance-"
_CATEGORIES = {  # table 0127, by v2-to-FHIR
    "DA": "medication",
    "FA": "food",
    "EA": "environment",
    "PA": "environment",
    "LA": "environment",
    "AA": "biologic",
}
_CRITICALITY = {"SV": "high", "MI": "low"}  # table 0128; "moderate" is neither
_SEVERITY = {"SV": "severe", "MO": "moderate", "MI": "mild"}
_VERIFICATION = {  # table 0438
    "U": "unconfirmed",
    "P": "unconfirmed",
    "S": "unconfirmed",
    "D": "unconfirmed",
    "C": "confirmed",
    "I": "confirmed",
    "E": "entered-in-error",
}
_ONSET = ("onsetDateTime", "onsetString")
_NONE_KNOWN = {  # what leaves no doubt that there is none, as SNOMED CT says it
    "nka": ("716186003", "No known allergy"),
    "no known allergy": ("716186003", "No known allergy"),
    "no known allergies": ("716186003", "No known allergy"),
    "nkda": ("409137002", "No known drug allergy"),
    "no known drug allergy": ("409137002", "No known drug allergy"),
    "no known drug allergies": ("409137002", "No known drug allergy"),
}


def entries(message: Message, envelope: Envelope) -> list[Entry]:
    listed = (_al1(al1, notes, envelope) for al1, notes in with_notes(message, "AL1"))
    told = (_iam(iam, notes, envelope) for iam, notes in with_notes(message, "IAM"))
    return merged(each for each in (*listed, *told) if each.key)


def _al1(al1: Segment, notes: list[Segment], envelope: Envelope) -> Entry:
    key = business_keys.of_code(al1.value(3), envelope)
    draft = Draft("AllergyIntolerance", key, at=envelope.at)
    _put_allergy(draft, al1)
    draft.put("onsetDateTime", fhir_datetime(al1.text(6), envelope.zone), al1, 6)
    put_notes(draft, notes)
    draft.state("clinicalStatus", _status("clinical", "active"), al1)
    return clearing(one_of(draft.entry(), *_ONSET), "verificationStatus")


def _iam(iam: Segment, notes: list[Segment], envelope: Envelope) -> Entry:
    numbered = envelope.scoped(iam.value(7), authority_at=2)
    key = f"number\n{numbered}" if numbered else business_keys.of_code(iam.value(3), envelope)
    draft = Draft("AllergyIntolerance", key, at=envelope.at)
    _put_allergy(draft, iam)
    identifier = entity_identifier(iam.value(7))
    draft.put("identifier", [identifier] if identifier else [], iam, 7)
    draft.put("onsetDateTime", fhir_datetime(iam.text(11), envelope.zone), iam, 11)
    if not draft.has("onsetDateTime"):
        draft.put("onsetString", iam.text(12).strip(), iam, 12)
    draft.put("recordedDate", fhir_datetime(iam.text(13), envelope.zone), iam, 13)
    reporter = names(iam, 14, envelope.zone)
    draft.put("asserter", {"display": reporter[0]["text"]} if reporter else {}, iam, 14)
    put_notes(draft, notes)
    return _with_status(draft, iam)


def _with_status(draft: Draft, iam: Segment) -> Entry:
    """FHIR's ait-1 and ait-2: an error has no clinical status, all else has one."""
    said = code_in(iam.value(17), "0438")
    is_gone = codings.code(iam.text(6)).upper() == "D"
    verification = "entered-in-error" if is_gone else _VERIFICATION.get(said, "")
    if verification:
        status = _status("verification", verification)
        draft.put("verificationStatus", status, iam, 6 if is_gone else 17)
    if verification == "entered-in-error":
        return clearing(one_of(draft.entry(), *_ONSET), "clinicalStatus")
    clinical = "inactive" if said == "I" else "active"
    draft.state("clinicalStatus", _status("clinical", clinical), iam)
    entry = one_of(draft.entry(), *_ONSET)
    return entry if verification else clearing(entry, "verificationStatus")


def _put_allergy(draft: Draft, segment: Segment) -> None:
    """What AL1-2 to 5 and IAM-2 to 5 have in common."""
    kind = code_in(segment.value(2), "0127")
    category = _CATEGORIES.get(kind)
    draft.put("type", "allergy" if kind and kind != "MC" else "", segment, 2)
    draft.put("category", [category] if category else [], segment, 2)
    draft.put("code", _substance(segment.value(3)), segment, 3)
    severity = _severity(segment.value(4))
    draft.put("criticality", _CRITICALITY.get(severity), segment, 4)
    manifestations = [said for sent in segment.repetitions(5) if (said := codings.concept(sent))]
    how_bad = {"severity": _SEVERITY[severity]} if severity in _SEVERITY else {}
    reaction = [{"manifestation": manifestations} | how_bad] if manifestations else []
    draft.put("reaction", reaction, segment, 5)


def _severity(sent: Value) -> str:
    return code_in(sent, "0128")


def _substance(sent: Value) -> Resource:
    said = codings.concept(sent)
    words = (business_keys.plain(sent.text(n)) for n in (1, 2))
    none_known = next((_NONE_KNOWN[each] for each in words if each in _NONE_KNOWN), None)
    systems = [coding.get("system") for coding in said.get("coding", [])]
    if not none_known or "http://snomed.info/sct" in systems:
        return said
    code, display = none_known
    own = {"system": "http://snomed.info/sct", "code": code, "display": display}
    return said | {"coding": [own, *said.get("coding", [])]}


def _status(kind: str, code: str) -> Resource:
    return {"coding": [{"system": _TERMINOLOGY + kind, "code": code}]}
