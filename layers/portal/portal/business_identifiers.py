"""CX, EI, XCN and XON as FHIR Identifier and Reference: the number, whose it is, of what kind.

The assigning authority in the sender's own words is `assigner`; it is a `system` only where the
sender gives it as an OID, UUID or URI.
"""

import re

from portal import codings, people
from portal.code_tables import IDENTIFIER_TYPES
from portal.contacts import distinct, period, said
from portal.fhir import Resource
from portal.hl7_segments import Segment, Value

_IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
_NPI = "http://hl7.org/fhir/sid/us-npi"
_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"]+", re.IGNORECASE)


def identifiers(segment: Segment, field: int, zone: str) -> list[Resource]:
    """CX."""
    return distinct(identifier(sent, zone) for sent in segment.repetitions(field))


def identifier(sent: Value, zone: str = "UTC") -> Resource:
    authority = [sent.text(4, part).strip() for part in (1, 2, 3)]
    dates = period(sent.text(7), sent.text(8), zone)
    return _numbered(sent.text(1).strip(), authority, codings.code(sent.text(5)), dates)


def entity_identifier(sent: Value) -> Resource:
    """EI."""
    authority = [sent.text(part).strip() for part in (2, 3, 4)]
    return _numbered(sent.text(1).strip(), authority, "", {})


def _numbered(value: str, authority: list[str], kind: str, dates: Resource) -> Resource:
    name, universal_id, universal_type = authority
    if not value:
        return {}
    assigner = name or universal_id
    return said(
        {
            "type": _identifier_type(kind),
            "system": _NPI if kind == "NPI" else _authority(universal_id, universal_type.upper()),
            "value": value,
            "period": dates,
            "assigner": {"display": assigner} if assigner else {},
        }
    )


def _identifier_type(kind: str) -> Resource:
    if kind in IDENTIFIER_TYPES:
        return {"coding": [{"system": _IDENTIFIER_TYPE, "code": kind}]}
    return {"text": kind} if kind else {}


def _authority(universal_id: str, universal_type: str) -> str:
    """HD-2 as a URI, only where HD-3 says what kind of name it is (table 0301)."""
    named = universal_id.lower()
    if universal_type == "ISO" and _OID.fullmatch(universal_id):
        return f"urn:oid:{universal_id}"
    if universal_type in ("GUID", "UUID") and _UUID.fullmatch(named):
        return f"urn:uuid:{named}"
    is_uri = universal_type == "URI" and _URI.fullmatch(universal_id)
    return universal_id if is_uri else ""


def practitioner(sent: Value) -> Resource:
    """XCN as a Reference that says who, with no resource behind it; {} when nobody is named."""
    person = people.practitioner(sent)
    if not person:
        return {}
    authority = [sent.text(9, part).strip() for part in (1, 2, 3)]
    number = people.display({"identifier": person["identifier"]}) if person["identifier"] else ""
    numbered = _numbered(number, authority, codings.code(sent.text(13)), {})
    shown = people.display(person)
    return said({"type": "Practitioner", "identifier": numbered, "display": shown})


def practitioners(segment: Segment, field: int) -> list[Resource]:
    return distinct(practitioner(sent) for sent in segment.repetitions(field))


def organization(sent: Value) -> Resource:
    """XON, or a name alone."""
    name = sent.text(1).strip()
    return {"type": "Organization", "display": name} if name else {}
