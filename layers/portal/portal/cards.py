"""A lab card: one report as its patient reads it, with every value exactly as the lab sent it.

A card is stored in the patient's chart. It holds no explanation: those words belong to the reader's
language and are added when it is shown (`functions/results/plain_words.py`).
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class CardStatus(StrEnum):
    """FHIR DiagnosticReport.status, as far as a patient needs to tell them apart."""

    REGISTERED = "registered"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"
    WITHDRAWN = "entered-in-error"
    UNKNOWN = "unknown"  # the lab did not say


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Reading(Frozen):
    """One OBX, or one narrative of several. Texts are the lab's own, "" where it sent none."""

    key: str  # OBX-3 code, OBX-4 and a count: what makes two readings the same test of one report
    loinc: str = ""
    lab_name: str
    value: str
    unit: str = ""
    reference_range: str = ""
    flag: str = ""  # OBX-8 (HL7 table 0078)
    status: str = "F"  # OBX-11 (HL7 table 0085)
    observed_at: str = ""  # FHIR dateTime, as precise as the lab was
    is_narrative: bool = False  # readable text of several lines
    notes: tuple[str, ...] = ()
    raw_id: str  # the message it came from, and
    source: str  # the segment in it: "OBX[3]"


class Document(Frozen):
    document_id: str
    title: str
    content_type: str
    size_bytes: int


class Card(Frozen):
    report_id: str
    panel_code: str = ""  # OBR-4 as LOINC
    specimen: str = ""
    lab_title: str  # OBR-4 in the lab's words
    status: CardStatus
    sender: str
    ordered_by: str = ""
    performing_lab: str = ""
    performing_lab_address: str = ""
    collected_at: str = ""  # FHIR dateTime
    resulted_at: str = ""  # FHIR instant: the sign-off
    released_at: str = ""  # FHIR instant: when this portal published it
    readings: tuple[Reading, ...] = ()
    documents: tuple[Document, ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # raw_ids of the messages folded into this card, sorted
