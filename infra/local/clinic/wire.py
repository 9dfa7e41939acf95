"""The spelling of HL7 v2: escapes, components, times, people and places (chapters 2 and 2A)."""

from datetime import datetime

from infra.local.clinic.organisations import TIME_ZONE, Organisation
from infra.local.clinic.staff import StaffMember

_ESCAPES = str.maketrans({"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"})
_CLIA_OID = "2.16.840.1.113883.4.7"


def escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def components(*parts: str) -> str:
    return "^".join(escaped(part) for part in parts).rstrip("^")


def segment(name: str, fields: dict[int, str]) -> str:
    """`fields` holds what is sent by its HL7 number; the others stay empty."""
    return "|".join([name, *(fields.get(n, "") for n in range(1, max(fields) + 1))])


def moment(at: datetime) -> str:
    """TS with the laboratory's own offset, as its clock shows it."""
    return at.astimezone(TIME_ZONE).strftime("%Y%m%d%H%M%S%z")


def person(member: StaffMember) -> str:
    """XCN."""
    name = (member.family, member.given, "", "", "", member.degree)
    return components(member.demo_id, *name, "", "RIVERBEND", "L", "", "", "NPI")


def organisation(place: Organisation) -> str:
    """XON; its identifier is shaped like a CLIA number."""
    return f"{escaped(place.name)}^L^^^^CLIA&{_CLIA_OID}&ISO^XX^^^{place.demo_id}"


def address(place: Organisation) -> str:
    """XAD."""
    return components(place.street, "", place.city, place.state, place.postcode, "USA", "B")


def phone(e164: str) -> str:
    """XTN of a North American number: +15555550101."""
    return components("", "PRN", "PH", "", e164[1:2], e164[2:5], e164[5:])


def email(address: str) -> str:
    return components("", "NET", "Internet", address)
