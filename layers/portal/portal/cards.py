"""A lab card: one report as its patient reads it, with every value exactly as the lab sent it.

A card is stored in the patient's chart. It holds no explanation: those words belong to the reader's
language and are added when it is shown (`functions/results/plain_words.py`).
"""

from enum import StrEnum

from portal.model import Frozen
from portal.sensitivity import UNLABELLED


class CardStatus(StrEnum):
    """FHIR DiagnosticReport.status, as far as a patient needs to tell them apart."""

    REGISTERED = "registered"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"
    WITHDRAWN = "entered-in-error"
    UNKNOWN = "unknown"  # the lab did not say


class ReportKind(StrEnum):
    LABORATORY = "laboratory"
    CULTURE = "culture"
    IMAGING = "imaging"
    PATHOLOGY = "pathology"
    OTHER = "other"


class Role(StrEnum):
    """What a reading is in a culture."""

    NONE = ""
    GERM = "germ"
    SUSCEPTIBILITY = "susceptibility"
    COUNT = "count"


class Earlier(Frozen):
    """What an earlier version said of the same reading: it differs from the one that followed."""

    value: str
    unit: str = ""
    reference_range: str = ""
    flag: str = ""
    status: str = ""
    reported_at: str = ""  # FHIR instant


class Reading(Frozen):
    """One OBX, or one narrative of several. Texts are the lab's own, "" where it sent none."""

    key: str  # OBX-3 code, OBX-4 and a count: what makes two readings the same test of one report
    role: Role = Role.NONE
    parent: str = ""  # key of the germ that this is about
    panel: str = ""  # the lab's name of the child order it came with
    loinc: str = ""
    suffix: str = ""  # of OBX-3: "IMP" for an impression
    lab_name: str
    value: str
    unit: str = ""
    reference_range: str = ""
    flag: str = ""  # OBX-8 (HL7 table 0078)
    status: str = "F"  # OBX-11 (HL7 table 0085)
    observed_at: str = ""  # FHIR dateTime, as precise as the lab was
    moment: str = ""  # FHIR dateTime or date, where the value is one
    is_narrative: bool = False  # readable text of several lines
    is_unreadable: bool = False  # a document that could not be opened
    notes: tuple[str, ...] = ()
    reported_at: str = ""  # FHIR instant: since when the lab says so
    earlier: tuple[Earlier, ...] = ()  # newest first
    reasons: tuple[str, ...] = ()  # of the notes, those that came with the change
    raw_id: str  # the message it came from, and
    source: str  # the segment in it: "OBX[3]"


class Document(Frozen):
    document_id: str
    title: str
    content_type: str
    size_bytes: int
    is_replaced: bool = False  # a later version of the same document is on the card


class Card(Frozen):
    report_id: str
    kind: ReportKind = ReportKind.LABORATORY
    panel_code: str = ""  # OBR-4 as LOINC
    specimen: str = ""
    specimen_condition: str = ""  # SPM-24, and SPM-21 where it was rejected
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
    reasons: tuple[str, ...] = ()  # of the notes, those that came with a correction
    taken_back: tuple[str, ...] = ()  # names of readings and documents the lab deleted
    is_wrong_patient: bool = False  # OBX-11 = W: nothing of the report is kept on the card
    sources: tuple[str, ...] = ()  # raw_ids of the messages folded into this card, sorted
    segments: tuple[str, ...] = UNLABELLED  # portal.sensitivity.Segment, as staff left them


def of_another_patient(card: Card) -> Card:
    """Only its place is left: not even which test it was belongs into this chart."""
    return Card(
        report_id=card.report_id,
        lab_title="",
        status=CardStatus.WITHDRAWN,
        sender=card.sender,
        resulted_at=card.resulted_at,
        released_at=card.released_at,
        is_wrong_patient=True,
        segments=(),
        sources=card.sources,
    )
