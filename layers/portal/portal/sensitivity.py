"""Which sensitive segments a thing of a record belongs to: labels, found from what it says.

Four signs, in sensitivity.json, each row with its source: security labels that the sender set (HL7
v3 ActCode, v2 table 0177), codes, ranges of codes, and words in names, because laboratories often
send a code of their own and a name. The result does not matter: that a test was made is sensitive.

A label that is missing shows a teen's chlamydia test to a parent; one too many hides a blood count
until staff take it off (`portal.labels`). So words are many and the doubtful ones are in. Not read:
notes and ranges, which say "if you are pregnant" under every other test; documents and pictures
inside a report, of which only the title is known; confidentiality alone ("R"), which names no
segment. A diagnosis that shows itself is not genetic information (45 CFR 160.103); a test of genes,
and what runs in the family, is.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

CODE_SETS = Path(__file__).with_name("sensitivity.json")
LOINC = "http://loinc.org"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
_PEOPLE = frozenset({"Patient", "Person", "Practitioner", "RelatedPerson"})
# Elements that do not tell what it is about: whose it is, who was there, asides, boilerplate.
_ASIDE = frozenset(
    ["subject", "patient", "beneficiary", "note", "valueAnnotation", "referenceRange", "div", "id"]
)
_TEXTS = frozenset(
    [
        "text",
        "title",
        "description",
        "comment",
        "conclusion",
        "name",
        "valueString",
        "contentString",
    ]
)
_AS_SENT_RANGE = "OBX-7"
_BARE_LOINC = re.compile(r"\d{1,7}-\d", re.ASCII)
_BARE_ICD = re.compile(r"[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}", re.ASCII)


class Segment(StrEnum):
    """Kinds of information that law or custom shields from people who may see the rest."""

    REPRODUCTIVE = "reproductive"
    SEXUAL_HEALTH = "sexual-health"  # HIV and what is caught as it is, orientation, identity
    MENTAL_HEALTH = "mental-health"
    SUBSTANCE_USE = "substance-use"  # 42 CFR Part 2
    GENETIC = "genetic"
    PSYCHOTHERAPY = "psychotherapy-notes"  # 45 CFR 164.501
    ABUSE = "abuse"


type Segments = frozenset[Segment]
type Coding = Mapping[str, Any]  # FHIR: system, code, display; any may be missing

NONE: Segments = frozenset()


@dataclass(frozen=True)
class CodeSets:
    """`ranges`: by system, how the first and the last code begin. `needles`: of plain text."""

    aliases: dict[str, str]
    codes: dict[tuple[str, str], Segments]
    ranges: dict[str, tuple[tuple[str, str, Segments], ...]]
    needles: tuple[tuple[str, Segments], ...]
    harmless: tuple[str, ...]


def segments_of(codings: Iterable[Coding]) -> Segments:
    """A name without a code is `{"display": name}`."""
    said = list(codings)
    names = dict.fromkeys(str(each["display"]) for each in said if each.get("display"))
    return NONE.union(*map(_of_code, said), _of_names(names))


def of_resource(resource: Mapping[str, Any]) -> Segments:
    """All that a FHIR resource says: its type, its security labels, each coding and name in it."""
    return of_resources([resource])


def of_resources(resources: Iterable[Mapping[str, Any]]) -> Segments:
    """Of several that are shown as one thing."""
    return segments_of(coding for each in resources for coding in _said_by(each))


# What nobody ever labelled, such as a result released before there were labels, may be anything: it
# stays the patient's alone until its chart is published again or staff correct it.
UNLABELLED = tuple(each.value for each in Segment if each is not Segment.PSYCHOTHERAPY)


def ordered(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """As the enumeration lists them."""
    found = frozenset(segments)
    return tuple(each for each in Segment if each in found)


def _said_by(resource: Mapping[str, Any]) -> Iterator[Coding]:
    kind = str(resource.get("resourceType", ""))
    if kind not in _PEOPLE:
        yield {"system": RESOURCE_TYPES, "code": kind}
        yield from _codings(resource)


def _codings(part: Any) -> Iterator[Coding]:
    if isinstance(part, list):
        for each in part:
            yield from _codings(each)
    elif isinstance(part, dict) and part.get("url") != _AS_SENT_RANGE:
        if isinstance(part.get("code"), str) or isinstance(part.get("display"), str):
            yield part
        for name, each in part.items():
            if name in _TEXTS and isinstance(each, str):
                yield {"display": each}
            elif name not in _ASIDE:
                yield from _codings(each)


def _of_code(coding: Coding) -> Segments:
    sets, code = code_sets(), str(coding.get("code") or "").strip().upper()
    if not code:
        return NONE
    system = _system(sets, coding, code)
    plain = code.replace(".", "") if "/icd-" in system else code
    within = (
        segments
        for first, last, segments in sets.ranges.get(system, ())
        if first <= plain[: len(first)] and plain[: len(last)] <= last
    )
    return sets.codes.get((system, code), NONE).union(*within)


def _system(sets: CodeSets, coding: Coding, code: str) -> str:
    """Who names none may still send a code that can be nothing else."""
    system = str(coding.get("system") or "")
    if system:
        return sets.aliases.get(system, system)
    return LOINC if _BARE_LOINC.fullmatch(code) else ICD if _BARE_ICD.fullmatch(code) else ""


def _of_names(names: Iterable[str]) -> Segments:
    sets, text = code_sets(), "|".join(map(_plain, names))
    for phrase in sets.harmless:
        text = text.replace(phrase, " ")
    return NONE.union(*(segments for needle, segments in sets.needles if needle in text))


def _plain(text: str) -> str:
    """Lower case words without accents or marks, each between spaces."""
    found = text.casefold()
    if not found.isascii():
        parts = unicodedata.normalize("NFKD", found)
        found = "".join(each for each in parts if not unicodedata.combining(each))
    return f" {re.sub(r'[\W_]+', ' ', found).strip()} "


@cache
def code_sets() -> CodeSets:
    """Read where the first label is asked for: importing this costs a page nothing."""
    raw = json.loads(CODE_SETS.read_bytes())
    codes: dict[tuple[str, str], Segments] = {}
    ranges: dict[str, list[tuple[str, str, Segments]]] = {}
    needles: dict[str, Segments] = {}
    for row in raw["rows"]:
        segments, system = frozenset(map(Segment, row["segments"])), row.get("system", "")
        for code in row.get("codes", ()):
            key = (system, code.upper())
            codes[key] = codes.get(key, NONE) | segments
        for text in row.get("ranges", ()):
            first, _, last = text.partition("..")
            ranges.setdefault(system, []).append((first, last or first, segments))
        for word in row.get("words", ()):
            needle = _needle(word)
            needles[needle] = needles.get(needle, NONE) | segments
    harmless = tuple(map(_needle, raw["harmless"]))
    by_system = {system: tuple(found) for system, found in ranges.items()}
    return CodeSets(raw["aliases"], codes, by_system, tuple(needles.items()), harmless)


def _needle(word: str) -> str:
    """`hcg` is a whole word, `chlamyd*` how one begins, `*梅毒*` anywhere."""
    body = _plain(word).strip()
    before, after = ("" if word.startswith("*") else " "), ("" if word.endswith("*") else " ")
    return f"{before}{body}{after}"
