"""Microbiology: which results name a germ, and which say what works against it.

A susceptibility is known by its name (LOINC's "[Susceptibility]", "Islt", "MIC"), its flag (HL7
table 0078) or its coded value; a germ by LOINC's "identified". Place alone links nothing.
"""

import re
from collections.abc import Iterable

from portal.hl7_segments import Segment
from portal.orders import Result

# Where a lab sends LOINC without its name. Bacteria, fungi or mycobacteria identified (LOINC 2.77).
ORGANISM_IDENTIFIED = frozenset(
    [
        "543-9",
        "580-1",
        "600-7",
        "624-7",
        "625-4",
        "626-2",
        "630-4",
        "632-0",
        "634-6",
        "635-3",
        "6460-0",
        "6462-6",
        "6463-4",
        "11475-1",
        "17928-3",
        "17934-1",
        "41852-5",
        "43409-2",
    ]
)
ORGANISM_BY_ANY_METHOD = "41852-5"
COLONY_COUNT = "564-5"
CODES = frozenset(["S", "SDD", "I", "R", "NS", "MS", "VS", "SYN-S", "SYN-R", "IE"])

CULTURE = re.compile(r"\bcultures?\b", re.IGNORECASE)
_IDENTIFIED = re.compile(
    r"\b(?:bacteria|organism|microorganism|fungus|yeast|mycobacterium)\b.*\bidentified\b"
    r"|^(?:organism|isolate)(?: (?:id|name|identified|[0-9]))?$",
    re.IGNORECASE,
)
_SUSCEPTIBILITY = re.compile(r"\bsuscept\w*|\bsusc\b|\bislt\b|\bMIC\b", re.IGNORECASE)
_COUNT = re.compile(r"\b(?:colony|organism) count\b|\bquantity\b", re.IGNORECASE)
_NO_GROWTH = re.compile(
    r"no (?:(?:aerobic|anaerobic|bacterial|fungal) )?growth"
    r"(?: (?:at|after|for|in|to date|so far|seen|observed|detected)\b.*)?"
    r"|no (?:organisms?|bacteria|pathogens?|fung\w+) (?:isolated|grown|recovered)",
    re.IGNORECASE,
)
_NOT_A_GERM = re.compile(r"\b(?:pending|to follow|incubation|final|preliminary)\b", re.IGNORECASE)
_IN_WORDS = {
    "susceptible": "S",
    "sensitive": "S",
    "intermediate": "I",
    "resistant": "R",
    "non-susceptible": "NS",
    "nonsusceptible": "NS",
    "susceptible-dose dependent": "SDD",
}


def names(segment: Segment, field: int = 3) -> list[str]:
    value = segment.value(field)
    return [text for n in (2, 5, 9) if (text := value.text(n).strip())]


def is_organism(codes: Iterable[str], called: Iterable[str]) -> bool:
    return not ORGANISM_IDENTIFIED.isdisjoint(codes) or any(map(_IDENTIFIED.search, called))


def is_susceptibility(called: Iterable[str], flag: str, value: str) -> bool:
    return bool(susceptibility(flag, value)) or any(map(_SUSCEPTIBILITY.search, called))


def is_count(codes: Iterable[str], called: Iterable[str]) -> bool:
    return COLONY_COUNT in codes or any(map(_COUNT.search, called))


def susceptibility(flag: str, value: str) -> str:
    """S, I, R and their like, from OBX-8 or from a coded OBX-5; "" where neither says so."""
    said = [part.strip().upper() for part in flag.split("~")]
    bare = value.strip()
    return next(
        (code for code in (*said, bare.upper()) if code in CODES),
        _IN_WORDS.get(bare.casefold(), ""),
    )


def is_no_growth(value: str) -> bool:
    """Only where the whole result says so: "No growth at 48 hours. Final report to follow"."""
    first, *more = [each.strip() for each in re.split(r"[.;\n]", value) if each.strip()] or [""]
    return _NO_GROWTH.fullmatch(first) is not None and all(map(_NOT_A_GERM.search, more))


def link_flat(results: list[Result]) -> None:
    """A culture sent without child orders: OBX-4 `1.2` or `1` stands below the germ of OBX-4 `1`.
    Only where exactly one germ has that sub-id."""
    germs: dict[str, list[Result]] = {}
    for result in (each for each in results if each.first.raw(4)):
        if _names_a_germ(result):
            germs.setdefault(_sub_id(result), []).append(result)
    if not germs:
        return
    for result in results:
        above = germs.get(_sub_id(result).partition(".")[0], [])
        if result.parent is None and len(above) == 1 and _belongs(result, above[0]):
            result.parent = above[0]


def _names_a_germ(result: Result) -> bool:
    obx = result.first
    is_coded = is_organism(_codes(obx), names(obx))
    return is_coded and bool(_sub_id(result)) and "." not in _sub_id(result) and bool(obx.raw(5))


def _belongs(result: Result, germ: Result) -> bool:
    obx = result.first
    if result is germ or result.parent is not None:
        return False
    flag = "~".join(sent.text(1) for sent in obx.repetitions(8))
    called = names(obx)
    return is_susceptibility(called, flag, obx.text(5)) or is_count(_codes(obx), called)


def _codes(obx: Segment) -> list[str]:
    return [obx.text(3, 1).strip(), obx.text(3, 4).strip()]


def _sub_id(result: Result) -> str:
    return result.first.whole(4).strip()
