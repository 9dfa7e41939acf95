"""Plain words for common lab tests and panels, found by LOINC code.

The words are in analytes.json and are gettext msgids: the page translates them. A card takes its
numbers, units, ranges and flags from the lab alone, so no explanation here holds a number.
This material contains content from LOINC (https://loinc.org); see NOTICE.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("analytes.json")


def _(text: str) -> str:
    """Marks a text for the catalogue; the page translates it."""
    return text


UNTITLED = _("Lab result")  # the lab named no test in OBR-4


@dataclass(frozen=True, slots=True)
class Analyte:
    """One everyday test, with `high` and `low` or with `positive` and `negative`."""

    name: str
    about: str
    group: str = ""
    high: str = ""
    low: str = ""
    positive: str = ""
    negative: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    analytes: dict[str, Analyte]
    panels: dict[str, str]


def find(loinc: str) -> Analyte | None:
    """None for a test we have no words for: it gets a card without an explanation."""
    return catalogue().analytes.get(loinc.strip())


def panel(loinc: str) -> str | None:
    """The everyday title of an ordered panel (OBR-4)."""
    return catalogue().panels.get(loinc.strip())


def title(loinc: str, lab_title: str, word: Callable[[str], str]) -> str:
    """What a card is called: the everyday name of its panel or single test, else the lab's own.
    `word` translates ours; the lab's words stay as sent."""
    analyte = find(loinc)
    everyday = panel(loinc) or (analyte.name if analyte else "")
    return word(everyday) if everyday else lab_title or word(UNTITLED)


@cache
def catalogue() -> Catalogue:
    raw = json.loads(CATALOGUE.read_bytes())
    entries = {key: Analyte(**words) for key, words in raw["entries"].items()}
    codes = {loinc: entries[key] for loinc, key in raw["codes"].items()}
    return Catalogue(codes, raw["panels"])
