"""Who the patient is and who belongs to them: PID and PD1 -> Patient, NK1 -> RelatedPerson.

Left in the message on purpose: PID-19 (the social security number), PID-6, 9, 17, 20 and 21.
"""

from portal import related_people, us_core
from portal.amounts import positive
from portal.business_identifiers import identifiers, organization, practitioners
from portal.code_tables import code_in, coding
from portal.contacts import addresses, date, first_said, gender, names
from portal.entries import Draft, Entry
from portal.envelopes import Envelope
from portal.fhir import Resource
from portal.folds import is_silent, merged, one_of
from portal.hl7 import Message
from portal.hl7_segments import Segment, Value
from portal.spoken_languages import language
from portal.telecoms import telecoms
from portal.timestamps import fhir_datetime

_TELECOMS = {13: "home", 14: "work", 40: ""}
_YES_NO = {"Y": True, "N": False}
_MARITAL = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"
_NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
_MARITAL_STATUS = {  # table 0002
    "A": ("L", "Legally Separated"),
    "E": ("L", "Legally Separated"),
    "D": ("D", "Divorced"),
    "M": ("M", "Married"),
    "S": ("S", "Never Married"),
    "W": ("W", "Widowed"),
    "C": ("C", "Common Law"),
    "G": ("T", "Domestic partner"),
    "P": ("T", "Domestic partner"),
    "R": ("T", "Domestic partner"),
    "N": ("A", "Annulled"),
    "I": ("I", "Interlocutory"),
    "B": ("U", "unmarried"),
}
_NOT_SAID = {"U": ("UNK", "unknown"), "O": ("OTH", "other"), "T": ("NAVU", "Not available")}


def entries(message: Message, envelope: Envelope) -> list[Entry]:
    pid = message.first("PID")
    found = [_patient(message, pid, envelope)] if pid else []
    people = [
        related_people.related_person(nk1, related_people.NK1, envelope)
        for nk1 in message.all("NK1")
        if related_people.key(nk1, related_people.NK1, envelope)
    ]
    return [entry for entry in (*found, *merged(people)) if not is_silent(entry)]


def _patient(message: Message, pid: Segment, envelope: Envelope) -> Entry:
    zone, pd1 = envelope.zone, message.first("PD1")
    draft = Draft("Patient", "", at=envelope.at)
    numbered = next((n for n in (3, 2, 4) if identifiers(pid, n, zone)), 3)
    draft.put("identifier", identifiers(pid, numbered, zone), pid, numbered)
    draft.put("name", names(pid, 5, zone), pid, 5)
    draft.put("birthDate", date(pid.text(7)), pid, 7)
    draft.put("gender", gender(pid.value(8)), pid, 8)
    draft.put("address", addresses(pid, 11, zone), pid, 11)
    draft.put("telecom", telecoms(pid, _TELECOMS, zone), pid, first_said(pid, *_TELECOMS))
    spoken = language(pid.value(15))
    draft.put("communication", [{"language": spoken}] if spoken else [], pid, 15)
    draft.put("maritalStatus", _marital_status(pid.value(16)), pid, 16)
    draft.put("extension", us_core.extensions(pid), pid, first_said(pid, 10, 22))
    _put_death(draft, pid, zone)
    _put_multiple_birth(draft, pid)
    _put_link(draft, message, envelope)
    practices = [found for sent in pd1.repetitions(3) if (found := organization(sent))]
    doctors = [*practitioners(pd1, 4), *practices]
    draft.put("generalPractitioner", doctors, pd1, first_said(pd1, 4, 3))
    entry = one_of(draft.entry(), "deceasedBoolean", "deceasedDateTime")
    return one_of(entry, "multipleBirthBoolean", "multipleBirthInteger")


def _put_death(draft: Draft, pid: Segment, zone: str) -> None:
    """An explicit "not dead" stands above a date: a living person is never shown as dead."""
    said = _YES_NO.get(code_in(pid.value(30), "0136"))
    died = fhir_datetime(pid.text(29), zone)
    if said is not False:
        draft.put("deceasedDateTime", died, pid, 29)
    if not draft.has("deceasedDateTime"):
        draft.put("deceasedBoolean", said, pid, 30)


def _put_multiple_birth(draft: Draft, pid: Segment) -> None:
    """PID-25 counts only of a multiple birth: a first and only child is no "1 of several"."""
    said = _YES_NO.get(code_in(pid.value(24), "0136"))
    order = positive(pid.text(25), most=20)
    if said is not False and order:
        draft.put("multipleBirthInteger", order, pid, 25)
    else:
        draft.put("multipleBirthBoolean", said, pid, 24)


def _put_link(draft: Draft, message: Message, envelope: Envelope) -> None:
    """A24: the second PID is the same person's other record. A37 takes that back."""
    for other in message.all("PID")[1:2]:
        if envelope.event == "A24" and (known := identifiers(other, 3, envelope.zone)):
            named = {"type": "Patient", "identifier": known[0]}
            draft.put("link", [{"other": named, "type": "seealso"}], other, 3)
        elif envelope.event == "A37":
            draft.clear("link")


def _marital_status(sent: Value) -> Resource:
    code = code_in(sent, "0002")
    system, known = (_NULL_FLAVOR, _NOT_SAID) if code in _NOT_SAID else (_MARITAL, _MARITAL_STATUS)
    if code not in known:
        text = sent.text(2).strip() or sent.text(1).strip()
        return {"text": text} if text else {}
    named, display = known[code]
    text = sent.text(2).strip() or coding(code, "0002")["display"]
    return {"coding": [{"system": system, "code": named, "display": display}], "text": text}
