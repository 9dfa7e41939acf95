"""HL7 CE, CWE and CNE as FHIR CodeableConcept; units and flags."""

import re
from typing import Any
from urllib.parse import quote

from portal.hl7_segments import Value

UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/v2-0074"
_FLAGS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_LOCAL = "https://portal.example/fhir/CodeSystem/"

# Table 0396, the names that laboratories use.
_SYSTEMS = {
    "LN": LOINC,
    "LOINC": LOINC,
    "UCUM": UCUM,
    "SCT": "http://snomed.info/sct",
    "SCT2": "http://snomed.info/sct",
    "SNOMED": "http://snomed.info/sct",
    "SNOMED-CT": "http://snomed.info/sct",
    "C4": "http://www.ama-assn.org/go/cpt",
    "CPT": "http://www.ama-assn.org/go/cpt",
    "CPT4": "http://www.ama-assn.org/go/cpt",
    "I9": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "ICD9": "http://hl7.org/fhir/sid/icd-9-cm",
    "ICD-9": "http://hl7.org/fhir/sid/icd-9-cm",
    "ICD-9-CM": "http://hl7.org/fhir/sid/icd-9-cm",
    "ICD10": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD-10": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD-10-CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "HCPCS": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "I9CDX": "http://hl7.org/fhir/sid/icd-9-cm",
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "NCIT": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "CDCPHINVS": "urn:oid:2.16.840.1.114222.4.5.274",
    "MVX": "http://hl7.org/fhir/sid/mvx",
}
_TRIPLETS = ((1, 2, 3, 7), (4, 5, 6, 8), (10, 11, 12, 13))
_ORIGINAL_TEXT = 9
# The codes of table 0078 that FHIR's ObservationInterpretation took over unchanged.
_FLAG_CODES = (
    " < > A AA B D DET E EX H H> HH HM HU HX I IE IND L L< LL LU LX MS N NCL ND NEG NR NS POS R RR"
    " S SDD SYN-R SYN-S TOX U UNE VS W WR "
)
# In OBX-6 an unescaped ^ cuts 10^3/uL in two.
_CUT_POWER = re.compile(r"(x ?)?10", re.IGNORECASE)


def concept(value: Value) -> dict[str, Any]:
    codings = [coding for coding in (_coding(value, *places) for places in _TRIPLETS) if coding]
    text = shown(value)
    return ({"coding": codings} if codings else {}) | ({"text": text} if text else {})


def shown(value: Value) -> str:
    """The words of a coded value: the sender's original text, else the first text, else a code."""
    order = (_ORIGINAL_TEXT, 2, 5, 11, 1, 4, 10)
    return next((text for text in (value.text(n).strip() for n in order) if text), "")


def local_name(value: Value) -> str:
    """What the lab itself calls it: LOINC's own name only when there is no other."""
    original = value.text(_ORIGINAL_TEXT).strip()
    names = [
        (value.text(text).strip(), system_of(value.text(system)))
        for _, text, system, _ in _TRIPLETS
    ]
    own = [name for name, system in names if name and system != LOINC]
    return original or next(iter(own), "") or shown(value)


def system_of(name: str) -> str | None:
    known = name.strip().upper()
    if not known:
        return None
    if known in _SYSTEMS:
        return _SYSTEMS[known]
    if table := re.fullmatch(r"HL7(\d{4})", known):
        return f"http://terminology.hl7.org/CodeSystem/v2-{table[1]}"
    if re.fullmatch(r"[012](\.\d+){3,}", known):
        return f"urn:oid:{known}"
    return _LOCAL + quote(name.strip(), safe="")


def code(text: str) -> str:
    """FHIR's code type knows no leading, trailing or double spaces."""
    return " ".join(text.split())


def _coding(
    value: Value, code_at: int, text_at: int, system_at: int, version_at: int
) -> dict[str, str]:
    named, text = code(value.text(code_at)), value.text(text_at).strip()
    system = system_of(value.text(system_at))
    if not named or not (text or system):  # a lone word in the first component is text
        return {}
    parts = {"system": system, "version": value.text(version_at).strip(), "code": named}
    return {key: part for key, part in (parts | {"display": text}).items() if part}


def unit(value: Value) -> str:
    """As the lab wrote it."""
    first, second = value.text(1).strip(), value.text(2).strip()
    if _CUT_POWER.fullmatch(first) and second[:1].isdigit():
        return value.whole().strip()
    if first.isdigit() and second:  # a code of ISO 11073, which no reader knows
        return second
    return first or second or value.text(4).strip() or value.text(5).strip()


def ucum(value: Value) -> str:
    """The UCUM code, only where the lab says that it is one."""
    pairs = ((1, 3), (4, 6))
    found = (value.text(at) for at, system in pairs if value.text(system).strip().upper() == "UCUM")
    return code(next(found, ""))


def flag(value: Value) -> dict[str, Any]:
    named = code(value.text(1))
    text = value.text(2).strip() or named
    codings = [{"system": _FLAGS, "code": named}] if named and f" {named} " in _FLAG_CODES else []
    return ({"coding": codings} if codings else {}) | ({"text": text} if text else {})
