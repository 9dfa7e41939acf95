"""The states of the United States, the District of Columbia and the territories, by postal code
(ISO 3166-2 without "US-"), and which of them an address is in."""

from collections.abc import Iterable, Mapping
from typing import Any

_NAMES = """
AL Alabama, AK Alaska, AZ Arizona, AR Arkansas, CA California, CO Colorado, CT Connecticut,
DE Delaware, DC District of Columbia, FL Florida, GA Georgia, HI Hawaii, ID Idaho, IL Illinois,
IN Indiana, IA Iowa, KS Kansas, KY Kentucky, LA Louisiana, ME Maine, MD Maryland,
MA Massachusetts, MI Michigan, MN Minnesota, MS Mississippi, MO Missouri, MT Montana, NE Nebraska,
NV Nevada, NH New Hampshire, NJ New Jersey, NM New Mexico, NY New York, NC North Carolina,
ND North Dakota, OH Ohio, OK Oklahoma, OR Oregon, PA Pennsylvania, RI Rhode Island,
SC South Carolina, SD South Dakota, TN Tennessee, TX Texas, UT Utah, VT Vermont, VA Virginia,
WA Washington, WV West Virginia, WI Wisconsin, WY Wyoming, AS American Samoa, GU Guam,
MP Northern Mariana Islands, PR Puerto Rico, VI U.S. Virgin Islands
"""
NAMES = {each[:2]: each[3:] for each in map(str.strip, _NAMES.split(","))}
CODES = {name.casefold(): code for code, name in NAMES.items()}
_COUNTRY = frozenset({"", "us", "usa", "840", "united states", "united states of america"})
_NOT_HOME = frozenset({"old", "billing", "temp", "work"})  # FHIR address use


def code(said: str) -> str:
    """ "CA" for "CA", "us-ca" and "California"; "" for what is none."""
    text = " ".join(said.split())
    short = text.upper().removeprefix("US-")
    return short if short in NAMES else CODES.get(text.casefold(), "")


def home(addresses: Iterable[Mapping[str, Any]]) -> str:
    """Where somebody lives by their FHIR addresses; "" when those do not tell."""
    lived = [each for each in addresses if each.get("use", "") not in _NOT_HOME]
    first = sorted(lived, key=lambda each: each.get("use", "") != "home")
    found = (code(each.get("state", "")) for each in first if _is_in_us(each))
    return next(filter(None, found), "")


def _is_in_us(address: Mapping[str, Any]) -> bool:
    return " ".join(address.get("country", "").split()).casefold() in _COUNTRY
