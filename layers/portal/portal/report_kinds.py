"""What sort of report it is: OBR-24 (HL7 table 0074), else what the codes say for certain."""

from collections.abc import Iterable

from portal import codings, cultures
from portal.cards import ReportKind
from portal.fhir import Resource
from portal.hl7_segments import Segment
from portal.orders import Order

_LABORATORY = (
    "BG",
    "BLB",
    "CG",
    "CH",
    "GE",
    "HM",
    "IMM",
    "LAB",
    "MB",
    "MCB",
    "MYC",
    "OSL",
    "PAR",
    "SR",
    "TX",
    "URN",
    "VR",
)
_PATHOLOGY = ("CP", "PAT", "SP")
_IMAGING = ("CT", "CTH", "CUS", "IMG", "NMR", "NMS", "OUS", "RAD", "RUS", "RX", "VUS", "XRC")
_OTHER = ("AU", "EC", "EN", "ICU", "NRS", "OT", "OTH", "PF", "PHR", "PHY", "PT", "RC", "RT")
_SECTIONS = frozenset([*_LABORATORY, *_PATHOLOGY, *_IMAGING, *_OTHER])

_KINDS = dict.fromkeys(_IMAGING, ReportKind.IMAGING)
_KINDS |= dict.fromkeys(_PATHOLOGY, ReportKind.PATHOLOGY)
_KINDS |= dict.fromkeys(_LABORATORY, ReportKind.LABORATORY)
_KINDS |= dict.fromkeys(_OTHER, ReportKind.OTHER)
# LOINC: diagnostic imaging study, radiology study observation and impression; pathology study,
# final diagnosis.
_BY_LOINC = dict.fromkeys(("18748-4", "18782-3", "19005-8"), ReportKind.IMAGING)
_BY_LOINC |= dict.fromkeys(("11526-1", "22637-3", "60568-3"), ReportKind.PATHOLOGY)


def category(obr: Segment) -> list[Resource]:
    """A laboratory's section beside LAB, as the FHIR R4 example of an LRI culture has it."""
    said = obr.text(24).strip().upper()
    if said and said not in _SECTIONS:
        return [{"text": obr.text(24, 2).strip() or obr.text(24).strip()}]
    codes = [*(["LAB"] if said in {"", *_LABORATORY} else []), *([said] if said else [])]
    found = [{"system": codings.CATEGORY, "code": code} for code in dict.fromkeys(codes)]
    return [{"coding": found}]


def is_imaging(order: Order) -> bool:
    return order.obr.text(24).strip().upper() in _IMAGING


def kind(report: Resource, observations: Iterable[Resource]) -> ReportKind:
    """Of a stored report: a culture is one whose codes or names say so."""
    codes = _codes(report.get("code", {}))
    sections = [code for each in report.get("category", ()) for code in _codes(each)]
    found = [_BY_LOINC[code] for code in codes if code in _BY_LOINC]
    found += [_KINDS[code] for code in reversed(sections) if code in _KINDS]
    named = next(iter(found), ReportKind.OTHER)
    if named in {ReportKind.IMAGING, ReportKind.PATHOLOGY}:
        return named
    concepts = [each.get("code", {}) for each in (report, *observations)]
    is_culture = any(map(cultures.CULTURE.search, _names(concepts[0])))
    is_culture = is_culture or any(map(_names_a_germ, concepts))
    return ReportKind.CULTURE if is_culture else named


def _names_a_germ(concept: Resource) -> bool:
    codes = set(_codes(concept)) - {cultures.ORGANISM_BY_ANY_METHOD}
    return cultures.is_organism(codes, [])


def _names(concept: Resource) -> list[str]:
    displays = [coding.get("display", "") for coding in concept.get("coding", ())]
    return [concept.get("text", ""), *displays]


def _codes(concept: Resource) -> list[str]:
    return [coding.get("code", "") for coding in concept.get("coding", ())]
