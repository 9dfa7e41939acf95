"""How many attacks there are, by family: the number is a promise."""

import ast
import importlib
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FAMILIES = (
    "links", "sessions", "steps", "app_codes", "text_and_paper_codes", "identity", "devices",
    "passkeys", "passwords", "activation", "single_sign_on", "staff", "idor", "csrf_and_headers",
    "enumeration", "races", "outages", "throttles", "family",
)  # fmt: skip
LEAST = 120  # attacks of different names; their parameters come on top


def named(family: str) -> list[str]:
    tree = ast.parse((HERE / f"test_{family}.py").read_text())
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def runs_of(family: str) -> int:
    """With each parameter."""
    module = importlib.import_module(f"tests.attacks.test_{family}")
    return sum(map(_times, (getattr(module, name) for name in named(family))))


def _times(attack: Any) -> int:
    marks = getattr(attack, "pytestmark", [])
    return prod(len(list(each.args[1])) for each in marks if each.name == "parametrize")


def test_there_is_a_file_for_each_family_and_no_other() -> None:
    files = {path.stem.removeprefix("test_") for path in HERE.glob("test_*.py")}

    assert files == {*FAMILIES, "count", "planted_bugs"}


def test_there_are_attacks_enough(record_property: Callable[[str, object], None]) -> None:
    by_family = {family: named(family) for family in FAMILIES}
    names = [name for each in by_family.values() for name in each]
    lines = [
        f"{family:21}{len(each):4} attacks, {runs_of(family):4} runs"
        for family, each in by_family.items()
    ]
    record_property("figures", "\n".join([*lines, f"{'in all':21}{len(names):4} attacks"]))

    assert len(set(names)) == len(names), "two of the same name"
    assert len(names) >= LEAST
    assert all(len(each) >= 8 for each in by_family.values())


def test_each_planted_bug_is_noticed_by_an_attack_of_the_count() -> None:
    from tests.attacks.test_planted_bugs import BUGS  # it imports all families

    names = {name for family in FAMILIES for name in named(family)}

    assert len(BUGS) >= 15
    assert {bug.attack.__name__ for bug in BUGS.values()} <= names
