"""Next of kin (NK1) and guarantors (GT1) as RelatedPerson: the same fields at other places."""

from dataclasses import dataclass

from portal import business_keys
from portal.business_identifiers import identifiers
from portal.code_tables import code_in, tabled
from portal.contacts import addresses, date, first_said, gender, names
from portal.entries import Draft, Entry
from portal.envelopes import Envelope
from portal.fhir import Resource
from portal.hl7_segments import Segment
from portal.spoken_languages import language
from portal.telecoms import telecoms
from portal.timestamps import fhir_datetime


@dataclass(frozen=True)
class Fields:
    """Where a segment keeps what. `telecoms`: field -> the use it stands for."""

    identifiers: int
    name: int
    relationships: dict[int, str]  # field -> its HL7 table
    address: int
    telecoms: dict[int, str]
    gender: int
    birth: int
    start: int
    end: int
    language: int


NK1 = Fields(33, 2, {3: "0063", 7: "0131"}, 4, {5: "home", 6: "work", 40: ""}, 15, 16, 8, 9, 20)
GT1 = Fields(2, 3, {11: "0063"}, 5, {6: "home", 7: "work"}, 9, 8, 13, 14, 36)


def key(person: Segment, fields: Fields, envelope: Envelope) -> str:
    """A number of the person's own, else name and relationship; never the set id, which is but a
    place in the message. "" when nobody is named, as where NK1 holds an employer."""
    numbers = (envelope.scoped(sent) for sent in person.repetitions(fields.identifiers))
    named = business_keys.of_person(
        person.value(fields.name), person.value(min(fields.relationships))
    )
    number = next(filter(None, numbers), "")
    return f"{person.name}\n{number or named}" if named else ""


def is_self(person: Segment, fields: Fields) -> bool:
    return code_in(person.value(min(fields.relationships)), "0063") == "SEL"


def shown(person: Segment, fields: Fields) -> str:
    found = names(person, fields.name, "UTC")
    return str(found[0]["text"]) if found else ""


def related_person(person: Segment, fields: Fields, envelope: Envelope) -> Entry:
    zone = envelope.zone
    draft = Draft("RelatedPerson", key(person, fields, envelope), at=envelope.at)
    at = fields.identifiers
    draft.put("identifier", identifiers(person, at, zone), person, at)
    draft.put("name", names(person, fields.name, zone), person, fields.name)
    at = first_said(person, *fields.relationships)
    draft.put("relationship", _relationships(person, fields), person, at)
    draft.put("address", addresses(person, fields.address, zone), person, fields.address)
    at = first_said(person, *fields.telecoms)
    draft.put("telecom", telecoms(person, fields.telecoms, zone), person, at)
    draft.put("gender", gender(person.value(fields.gender)), person, fields.gender)
    draft.put("birthDate", date(person.text(fields.birth)), person, fields.birth)
    for name, at in (("period.start", fields.start), ("period.end", fields.end)):
        draft.put(name, fhir_datetime(person.text(at), zone), person, at)
    spoken = language(person.value(fields.language))
    draft.put("communication", [{"language": spoken}] if spoken else [], person, fields.language)
    return draft.entry()


def _relationships(person: Segment, fields: Fields) -> list[Resource]:
    found = [tabled(person.value(at), table) for at, table in fields.relationships.items()]
    return [each for each in found if each]
