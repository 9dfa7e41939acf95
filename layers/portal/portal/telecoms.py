"""XTN of every version of HL7 as FHIR ContactPoint.

Until 2.2 it was a bare number; later XTN-1 is the whole number, XTN-4 the e-mail address, XTN-5
to 8 the number in parts and XTN-12 a number of no known form. One XTN may be both.
"""

from collections.abc import Iterator

from portal.contacts import period, said
from portal.fhir import Resource
from portal.hl7_segments import Segment, Value

# Table 0202.
_SYSTEMS = {
    "FX": "fax",
    "BP": "pager",
    "MD": "other",
    "SAT": "other",
    "TDD": "other",
    "TTY": "other",
    "INTERNET": "other",  # with digits in it: neither an address nor surely a telephone
    "X.400": "other",
}
_USES = {"PRN": "home", "WPN": "work", "PRS": "mobile"}  # table 0201
_ON_THE_NET = ("INTERNET", "X.400")


def telecoms(segment: Segment, fields: dict[int, str], zone: str) -> list[Resource]:
    """`fields`: where to look, and the use where XTN-2 does not say it (home, work or "")."""
    unique: list[Resource] = []
    for field, use in fields.items():
        for sent in segment.repetitions(field):
            dates = period(sent.text(13), sent.text(14), zone)
            points = [said({**point, "period": dates}) for point in _points(sent, use)]
            unique += [point for point in points if point not in unique]
    return unique


def _points(sent: Value, use: str) -> Iterator[Resource]:
    purpose, equipment = sent.text(2).strip().upper(), sent.text(3).strip().upper()
    used = use if not purpose else _USES.get(purpose, "")
    number, address = _number(sent), _address(sent, equipment)
    if number:
        system = "pager" if purpose == "BPN" else _SYSTEMS.get(equipment, "phone")
        yield said(
            {"system": system, "value": number, "use": "mobile" if equipment == "CP" else used}
        )
    if address:
        system = "email" if "@" in address else "url"
        yield said({"system": system, "value": address, "use": used if used != "mobile" else ""})


def _number(sent: Value) -> str:
    """XTN-12 took the place of XTN-1 in version 2.7."""
    whole = (sent.text(12).strip(), sent.text(1).strip())
    written = next((each for each in whole if _has_digits(each) and "@" not in each), "")
    country, area, local, extension = (sent.text(n).strip() for n in (5, 6, 7, 8))
    if not written and _has_digits(local):
        parts = (f"+{country.lstrip('+')}" if country else "", area, local)
        extra = f"x{extension}" if extension else ""
        return " ".join(part for part in (*parts, extra) if part)
    return written


def _address(sent: Value, equipment: str) -> str:
    places = (sent.text(4).strip(), sent.text(1).strip())
    found = next((each for each in places if "@" in each), "")
    if found or equipment not in _ON_THE_NET:
        return "".join(found.split())
    return next((each for each in places if each.lower().startswith(("http", "www."))), "")


def _has_digits(text: str) -> bool:
    return any(character.isdigit() for character in text)
