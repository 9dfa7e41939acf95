"""What the three TOML files beside this say of each row of the checklists, and the checklists.

A row is shown by `tests`, or has a `reason` (why it does not apply, or by what it is met), or is
`open` (what is missing, and which issue brings it). Ids only: the checklists' words are theirs.
"""

import csv
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CHECKLISTS = ROOT.parent / "shared" / "checklists"
LEVEL_3 = ("V6.", "V7.", "V8.", "V10.4.", "V16.")  # elsewhere level 2 is the target


@dataclass(frozen=True)
class Row:
    row_id: str
    chapter: str  # "V6", or the law
    tests: tuple[str, ...] = ()  # "tests/portal/test_web.py::test_..."
    reason: str = ""
    open: str = ""

    @property
    def answer(self) -> str:
        """Which of the three it is. Raises ValueError for none and for more than one."""
        (found,) = [name for name in ("tests", "reason", "open") if getattr(self, name)]
        return found


@cache
def asvs() -> tuple[Row, ...]:
    said = tomllib.loads((HERE / "asvs5.toml").read_text())
    return tuple(_row(row_id, row_id.partition(".")[0], said[row_id]) for row_id in said)


@cache
def regulation() -> tuple[Row, ...]:
    said = tomllib.loads((HERE / "regulation.toml").read_text())
    return tuple(_row(row_id, law, each) for law in said for row_id, each in said[law].items())


@cache
def wcag() -> tuple[Row, ...]:
    said = tomllib.loads((HERE / "wcag22.toml").read_text())
    return tuple(_row(row_id, f"{row_id[0]}.", said[row_id]) for row_id in said)


def _row(row_id: str, chapter: str, said: dict[str, object]) -> Row:
    facts = dict(said)
    tests = facts.pop("tests", [])
    assert isinstance(tests, list), row_id
    return Row(row_id, chapter, tuple(tests), **{name: str(each) for name, each in facts.items()})


def asked_by_asvs() -> list[str]:
    return [
        line["id"]
        for line in _lines("asvs5.csv")
        if line["level"] in ("L1", "L2") or line["id"].startswith(LEVEL_3)
    ]


def asked_by_wcag() -> list[str]:
    return [line["sc"] for line in _lines("wcag22.csv")]


def asked_by_law() -> dict[str, str]:
    """Each row's law, as the list calls it."""
    return {line["id"]: line["law"] for line in _lines("regulation_rules.csv")}


def _lines(name: str) -> Iterator[dict[str, str]]:
    with (CHECKLISTS / name).open(newline="", encoding="utf-8") as text:
        yield from csv.DictReader(text)


def totals(rows: tuple[Row, ...]) -> dict[str, Counter[str]]:
    """By chapter: how many rows are tested, reasoned and open."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        found.setdefault(row.chapter, Counter())[row.answer] += 1
    return found
