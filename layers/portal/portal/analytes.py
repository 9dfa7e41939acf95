"""Plain words for common lab tests and panels, found by LOINC code.

The words are in analytes.json and are gettext msgids: the page translates them. A card takes its
numbers, units, ranges and flags from the lab alone, so no explanation here holds a number.
This material contains content from LOINC (https://loinc.org); see NOTICE.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("analytes.json")


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

    @property
    def is_yes_or_no(self) -> bool:
        return bool(self.positive)


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


def title(loinc: str) -> str:
    """The everyday name of a panel or of a single test ordered by itself; "" for neither."""
    analyte = find(loinc)
    return panel(loinc) or (analyte.name if analyte else "")


@cache
def catalogue() -> Catalogue:
    raw = json.loads(CATALOGUE.read_bytes())
    entries = {key: Analyte(**words) for key, words in raw["entries"].items()}
    codes = {loinc: entries[key] for loinc, key in raw["codes"].items()}
    return Catalogue(codes, raw["panels"])
