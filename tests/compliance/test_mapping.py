"""Every row of the checklists is answered once, by what exists; what is open is counted."""

import ast
import re
from collections.abc import Callable
from functools import cache, reduce
from pathlib import Path
from typing import Any

import pytest
from tests.architecture.template import read
from tests.compliance import rows
from tests.compliance.rows import ROOT, Row

ROWS = (*rows.asvs(), *rows.regulation(), *rows.wcag())
NAMED = sorted({name for row in ROWS for name in row.tests})
SENTENCE = re.compile(r"[A-Z`].{28,}\.", re.DOTALL)
LATER = re.compile(r"(issue \d+|[a-z_]+ room): .{30,}\.", re.DOTALL)
PLACE = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:yaml|toml|md|py|json|txt|css|html))(?:#([\w.]+))?`")
HEADING = re.compile(
    r"`([\w./-]+\.md)` says under \"([^\"]+)\"|`([\w./-]+\.md)` under \"([^\"]+)\""
)

# What is not there yet. It shrinks on purpose: a row that is met leaves the count, here too.
OPEN_ASVS = {
    "V5": 1,
    "V10": 25,
}
OPEN_LAWS = {
    "hipaa-security": 3,
    "hipaa-privacy": 13,
    "certification": 8,
    "information-blocking": 10,
    "part-2": 3,
    "visit-codes": 16,
    "gdpr": 11,
    "pipl": 7,
    "retention": 1,
}


def of_id(row: Row) -> str:
    return row.row_id


@cache
def functions_in(path: Path) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Tests of a module by name; those that are expected to fail show nothing."""
    nodes = ast.parse(path.read_text()).body
    found = [each for each in nodes if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {
        each.name: each
        for each in found
        if not any("xfail" in ast.unparse(mark) for mark in each.decorator_list)
    }


def lists() -> None:
    if not rows.CHECKLISTS.is_dir():
        pytest.skip("the shared checklists are not beside this repository")


def test_every_row_of_asvs_at_our_level_is_answered_once_and_no_other() -> None:
    lists()

    assert [row.row_id for row in rows.asvs()] == rows.asked_by_asvs()


def test_every_row_of_wcag_is_answered_once_and_none_is_open() -> None:
    lists()

    assert [row.row_id for row in rows.wcag()] == rows.asked_by_wcag()
    assert not [row.row_id for row in rows.wcag() if row.open]


def test_every_row_of_the_regulations_is_answered_once_under_its_law() -> None:
    lists()
    laws = rows.asked_by_law()

    assert [row.row_id for row in rows.regulation()] == list(laws)
    pairs = {(row.chapter, laws[row.row_id]) for row in rows.regulation()}
    assert len(pairs) == len({law for law, _ in pairs}) == len({name for _, name in pairs})


@pytest.mark.parametrize("row", ROWS, ids=of_id)
def test_a_row_says_one_thing_and_says_it_in_a_sentence(row: Row) -> None:
    assert row.answer in ("tests", "reason", "open")
    assert not row.reason or SENTENCE.fullmatch(row.reason), row.reason
    assert not row.open or LATER.fullmatch(row.open), row.open
    assert len(set(row.tests)) == len(row.tests)


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_shows_a_row_exists_and_is_expected_to_pass(name: str) -> None:
    module, _, function = name.partition("::")
    path = ROOT / module

    assert path.name.startswith("test_")
    assert function.startswith("test_")
    assert path.is_file(), f"no such module: {module}"
    assert function in functions_in(path), f"no such test: {name}"


@pytest.mark.parametrize("row", [row for row in ROWS if not row.tests], ids=of_id)
def test_a_place_a_sentence_names_exists(row: Row) -> None:
    """`infra/data.yaml#Resources.DataKey`: the file, and the key in it."""
    for name, keys in PLACE.findall(row.reason + row.open):
        assert (ROOT / name).is_file(), name
        if keys:
            assert at(read(name), keys) is not None, f"{name}#{keys}"
    for found in HEADING.findall(row.reason + row.open):
        name, heading = (each for each in found if each)
        assert f"\n## {heading}\n" in (ROOT / name).read_text(), heading


def at(document: dict[str, Any], keys: str) -> Any:
    return reduce(lambda found, key: found[key], keys.split("."), document)


def test_what_is_open_is_what_we_know_to_be_open() -> None:
    for of_chapter, known in ((rows.asvs(), OPEN_ASVS), (rows.regulation(), OPEN_LAWS)):
        found = {name: count["open"] for name, count in rows.totals(of_chapter).items()}
        assert {name: count for name, count in found.items() if count} == known


def test_the_totals_of_each_chapter_are_shown(
    record_property: Callable[[str, object], None],
) -> None:
    lists_of = {"ASVS 5": rows.asvs(), "Regulations": rows.regulation(), "WCAG 2.2": rows.wcag()}
    for title, mapped in lists_of.items():
        lines = [f"{title:<22}tested reasoned open"]
        for name, count in rows.totals(mapped).items():
            lines.append(f"{name:<22}{count['tests']:6}{count['reason']:9}{count['open']:5}")
        record_property("figures", "\n".join(lines))

    assert sum(sum(count.values()) for count in rows.totals(rows.asvs()).values()) == 278
    assert sum(sum(count.values()) for count in rows.totals(rows.regulation()).values()) == 122
    assert sum(sum(count.values()) for count in rows.totals(rows.wcag()).values()) == 87
