"""The access matrix: each cell of `tests.access.cells` as the oracle says, or it is shown here."""

import ast
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest
from tests.access import cells, oracle
from tests.access.asking import answer, delivered, enact, told
from tests.access.oracle import NO, STEP_UP, YES, Cell, Laws
from tests.architecture.sources import imports

from portal.granting import Relation
from portal.scopes import Scope

VERDICTS = (YES, STEP_UP, NO)
LEAST = 100_000
ENOUGH = 10  # cells by one rule
SHOWN = 20


@dataclass
class Run:
    """Which rules of the oracle decided how often, and where the policy differs."""

    used: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    wrong: dict[str, list[Cell]] = field(default_factory=dict)
    different: set[int] = field(default_factory=set)  # by hash

    def ask(self, cell: Cell, laws: Laws) -> None:
        rule, said = oracle.ruling(cell, laws), answer(cell)
        self.different.add(hash(cell))
        self.used[cell.relation, cell.scope, rule.name, rule.verdict] += 1
        if said != rule.verdict:
            kind = f"{cell.relation}: {said}, not {rule.verdict} ({rule.name})"
            self.wrong.setdefault(kind, []).append(cell)

    def count(self, *parts: int) -> Counter[tuple[str, ...]]:
        counted: Counter[tuple[str, ...]] = Counter()
        for key, times in self.used.items():
            counted[tuple(key[part] for part in parts)] += times
        return counted

    @property
    def figures(self) -> str:
        count = self.count(0, 3)
        rows = (
            f"{relation}: " + " ".join(f"{word} {count[relation, word]}" for word in VERDICTS)
            for relation in sorted({relation for relation, _ in count})
        )
        return "; ".join([f"{self.used.total()} cells", *rows])

    @property
    def report(self) -> str:
        """The first of each kind."""
        kinds = islice(self.wrong.items(), SHOWN)
        lines = (f"{kind}, {len(found)} cells\n    {told(found[0])}" for kind, found in kinds)
        return "\n".join(["the policy and the oracle differ", *lines])


def asked(every: Iterable[Cell], laws: Laws) -> Run:
    run = Run()
    for cell in every:
        run.ask(cell, laws)
    return run


@pytest.fixture(scope="module")
def matrix() -> Run:
    with pytest.MonkeyPatch.context() as patch:
        enact(cells.LAWS, patch)
        return asked(cells.everything(), cells.LAWS)


def test_every_cell_is_decided_as_the_oracle_does(
    matrix: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\n{matrix.figures}")  # noqa: T201

    assert not matrix.wrong, matrix.report


def test_every_rule_of_every_state_is_applied_as_the_oracle_does() -> None:
    laws = delivered()

    run = asked(cells.under(laws), laws)

    assert run.used
    assert not run.wrong, run.report


def test_there_are_cells_enough_of_every_verdict(matrix: Run) -> None:
    assert len(matrix.different) >= LEAST
    assert min(matrix.count(3)[(word,)] for word in VERDICTS) >= LEAST // 20


def test_every_rule_of_the_oracle_decides_some_cells(matrix: Run) -> None:
    by_rule = matrix.count(2)

    assert by_rule.keys() == {(rule.name,) for rule in oracle.RULES}
    assert min(by_rule.values()) >= ENOUGH


def test_every_relation_is_asked_for_every_scope(matrix: Run) -> None:
    assert matrix.count(0, 1).keys() == {
        (relation.name.lower(), scope.value) for relation in Relation for scope in Scope
    }


def test_the_cells_are_the_same_every_time() -> None:
    assert list(cells.sample(500)) == list(cells.sample(500))


def test_the_oracle_knows_nothing_of_the_portal() -> None:
    tree = ast.parse(Path(oracle.__file__).read_text())

    assert {name.split(".")[0] for name in imports(tree)} == {"collections", "typing"}
