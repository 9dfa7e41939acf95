"""Race and ethnicity as US Core's extensions, where PID-10 and PID-22 hold CDC's own codes.

Other codes stay in the message: both tables are user-defined, and a code that looks alike means
something else elsewhere (US Core 3.1.1, us-core-race and us-core-ethnicity).
"""

import re

from portal import codings
from portal.fhir import Resource
from portal.hl7_segments import Segment, Value

_URL = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
_CDC = "urn:oid:2.16.840.1.113883.6.238"
_CDC_CODE = re.compile(r"\d{4}-\d", re.ASCII)
_RACES = {
    "1002-5": "American Indian or Alaska Native",
    "2028-9": "Asian",
    "2054-5": "Black or African American",
    "2076-8": "Native Hawaiian or Other Pacific Islander",
    "2106-3": "White",
}
_ETHNICITIES = {"2135-2": "Hispanic or Latino", "2186-5": "Not Hispanic or Latino"}
_TABLE_0189 = {"H": "2135-2", "N": "2186-5"}


def extensions(pid: Segment) -> list[Resource]:
    races = [_coding(sent, _RACES) for sent in pid.repetitions(10)]
    ethnicities = [_coding(sent, _ETHNICITIES) for sent in pid.repetitions(22)]
    made = (
        _extension("race", races, _RACES, most=5),
        _extension("ethnicity", ethnicities, _ETHNICITIES, most=1),
    )
    return [each for each in made if each]


def _coding(sent: Value, categories: dict[str, str]) -> Resource:
    code, system = codings.code(sent.text(1)), sent.text(3).strip().upper()
    if system == "HL70189":
        code = _TABLE_0189.get(code.upper(), code)
    text = sent.text(2).strip()
    if code not in categories and not (_CDC_CODE.fullmatch(code) and text):
        return {}
    return {"system": _CDC, "code": code, "display": categories.get(code) or text}


def _extension(
    name: str, codings: list[Resource], categories: dict[str, str], most: int
) -> Resource:
    """One of the five and of the two categories is `ombCategory`; a finer code is `detailed`."""
    unique = [each for n, each in enumerate(codings) if each and each not in codings[:n]]
    broad = [each for each in unique if each["code"] in categories][:most]
    fine = [each for each in unique if each["code"] not in categories]
    if not unique:
        return {}
    parts = [{"url": "ombCategory", "valueCoding": each} for each in broad]
    parts += [{"url": "detailed", "valueCoding": each} for each in fine]
    text = ", ".join(each["display"] for each in (*broad, *fine))
    return {"url": _URL + name, "extension": [*parts, {"url": "text", "valueString": text}]}
