"""What kind of document it is (TXA-2) and who may see it (TXA-18), as FHIR codes."""

from typing import NamedTuple

from portal import codings
from portal.fhir import Resource
from portal.hl7 import Message
from portal.hl7_segments import Segment, Value

_TYPES_SYSTEM = "http://terminology.hl7.org/CodeSystem/v2-0270"
_TYPES = {  # HL7 table 0270
    "AR": "Autopsy report",
    "CD": "Cardiodiagnostics",
    "CN": "Consultation",
    "DI": "Diagnostic imaging",
    "DS": "Discharge summary",
    "ED": "Emergency department report",
    "HP": "History and physical examination",
    "OP": "Operative report",
    "PC": "Psychiatric consultation",
    "PH": "Psychiatric history and physical examination",
    "PN": "Procedure note",
    "PR": "Progress note",
    "SP": "Surgical pathology",
    "TS": "Transfer summary",
}
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_LEVELS = {  # HL7 table 0272
    "U": ("N", "normal"),
    "UC": ("N", "normal"),
    "R": ("R", "restricted"),
    "RE": ("R", "restricted"),
    "V": ("V", "very restricted"),
    "VR": ("V", "very restricted"),
}
# The French CI-SIS says with an OBX of Y or N whom a document is hidden from.
_FROM_PATIENT = "INVISIBLE_PATIENT"
_FROM_PARENTS = "INVISIBLE_REP_LEGAUX"
_NOT_FOR_PATIENT = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "code": "NOPAT",
    "display": "no disclosure to patient, family or caregivers without attending provider's"
    " authorization",
}


def document_type(message: Message) -> Resource:
    """A bare code is one of table 0270, or the one that OBR-4 or OBX-3 gives with its system."""
    sent = message.first("TXA").value(2)
    code = codings.code(sent.text(1))
    named = (message.first("OBR").value(4), message.first("OBX").value(3))
    if code and not sent.text(3).strip():
        same = (value for value in named if value.text(1).strip() == code and value.text(3))
        if found := next(same, None):
            return codings.concept(found)
        if code in _TYPES:
            return _of_table_0270(sent, code)
    return codings.concept(sent)


def _of_table_0270(sent: Value, code: str) -> Resource:
    text = sent.text(2).strip() or _TYPES[code]
    coding = {"system": _TYPES_SYSTEM, "code": code, "display": _TYPES[code]}
    return {"coding": [coding], "text": text}


class Label(NamedTuple):
    resource: Resource
    segment: Segment
    field: int


def labels(message: Message) -> list[Label]:
    """A level that is not in the table stays as text: it may restrict."""
    txa, hidden = message.first("TXA"), _visibility(message)
    found = []
    if said := codings.code(txa.text(18)):
        found.append(Label(_level(said), txa, 18))
    if obx := hidden.get((_FROM_PATIENT, "Y")):
        found.append(Label({"coding": [_NOT_FOR_PATIENT]}, obx, 5))
    if obx := hidden.get((_FROM_PARENTS, "Y")):
        found.append(Label(codings.concept(obx.value(3)), obx, 3))
    return found


def opens(message: Message) -> bool:
    """Whether it says that the patient may see what may have been hidden before."""
    return (_FROM_PATIENT, "N") in _visibility(message) and not labels(message)


def _level(said: str) -> Resource:
    if said.upper() not in _LEVELS:
        return {"text": said}
    code, display = _LEVELS[said.upper()]
    return {"coding": [{"system": _CONFIDENTIALITY, "code": code, "display": display}]}


def _visibility(message: Message) -> dict[tuple[str, str], Segment]:
    said = ((obx.text(3).strip(), obx.text(5).strip().upper(), obx) for obx in message.all("OBX"))
    return {(code, answer): obx for code, answer, obx in said}
