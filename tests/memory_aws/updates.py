"""Update expressions of DynamoDB: every value is read from the item as it was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any

from tests.memory_aws import values
from tests.memory_aws.expressions import Operand, Path, Reader, Scope, find, tokens
from tests.memory_aws.refusals import invalid
from tests.memory_aws.values import Item, Value

CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")


@dataclass(frozen=True)
class Change:
    path: Path
    value: Operand | None  # None removes


@dataclass
class UpdateReader(Reader):
    def changes(self) -> list[Change]:
        read = {"SET": self.set, "REMOVE": self.remove, "ADD": self.add, "DELETE": self.delete}
        found: list[Change] = []
        while self.next:
            clause = read[self.take(*CLAUSES).upper()]
            found.append(clause())
            while self.passes(","):
                found.append(clause())
        return found

    def set(self) -> Change:
        path = self.path()
        self.take("=")
        value = self.sum()
        return Change(path, value)

    def sum(self) -> Operand:
        left = self.term()
        if self.next not in {"+", "-"}:
            return left
        sign = 1 if self.take() == "+" else -1
        right = self.term()
        return lambda scope: _sum(left(scope), right(scope), sign)

    def term(self) -> Operand:
        if self.next.lower() in TERMS and self.tokens[self.at + 1] == "(":
            return TERMS[self.take().lower()](*self.arguments())
        return self.operand()

    def remove(self) -> Change:
        return Change(self.path(), None)

    def add(self) -> Change:
        path, part = self.path(), self.operand()
        return Change(path, lambda scope: _added(find(scope.item, path), part(scope)))

    def delete(self) -> Change:
        path, part = self.path(), self.operand()
        return Change(path, lambda scope: _without(find(scope.item, path), part(scope)))


def _if_not_exists(one: Operand, other: Operand) -> Operand:
    return lambda scope: found if (found := one(scope)) is not None else other(scope)


def _list_append(one: Operand, other: Operand) -> Operand:
    def joined(scope: Scope) -> Value:
        first, second = one(scope), other(scope)
        if first is None or second is None or "L" not in first or "L" not in second:
            raise invalid("An operand in the update expression has an incorrect data type")
        return {"L": first["L"] + second["L"]}

    return joined


TERMS: dict[str, Callable[..., Operand]] = {
    "if_not_exists": _if_not_exists,
    "list_append": _list_append,
}


def _sum(left: Value | None, right: Value | None, sign: int) -> Value:
    if left is None or right is None:
        raise invalid("The provided expression refers to an attribute that does not exist")
    if "N" not in left or "N" not in right:
        raise invalid("An operand in the update expression has an incorrect data type")
    return {"N": str(Decimal(left["N"]) + sign * Decimal(right["N"]))}


def _added(left: Value | None, right: Value | None) -> Value:
    if right is None or values.kind(right) not in {"N"} | values.SETS:
        raise invalid("Incorrect operand type for operator or function; operator: ADD")
    if "N" in right:
        return _sum(left or {"N": "0"}, right, 1)
    name = values.kind(right)
    return {name: sorted({*(left or {name: []})[name], *right[name]})}


def _without(left: Value | None, right: Value | None) -> Value | None:
    if left is None or right is None:
        return None
    name = values.kind(right)
    rest = [each for each in left[name] if each not in right[name]]
    return {name: rest} if rest else None


@lru_cache(maxsize=500)
def _changes(text: str, names: tuple[tuple[str, str], ...]) -> tuple[Change, ...]:
    found = UpdateReader(tokens(text), dict(names)).changes()
    paths = sorted([each.path for each in found], key=repr)
    for one, other in pairwise(paths):
        if other[: len(one)] == one:
            raise invalid("Two document paths overlap with each other")
    return tuple(found)


def updated(
    item: Item, text: str, names: Mapping[str, str] | None, given: dict[str, Value]
) -> Item:
    scope = Scope(item, given)
    changes = _changes(text, tuple(sorted((names or {}).items())))
    made: Item = values.copied(item)
    new = [(change.path, change.value(scope) if change.value else None) for change in changes]
    for path, value in new:
        _place(made, path, values.copied(value))
    return made


def _place(item: Item, path: Path, value: Value | None) -> None:
    *way, last = path
    parent = find(item, tuple(way)) if way else {"M": item}
    name = "M" if isinstance(last, str) else "L"
    if parent is None or name not in parent:
        raise invalid("The document path provided in the update expression is invalid for update")
    _put(parent[name], last, value)


def _put(content: Any, last: str | int, value: Value | None) -> None:
    if isinstance(content, dict):
        if value is None:
            content.pop(last, None)
        else:
            content[last] = value
    elif isinstance(last, int):
        if value is None:
            del content[last : last + 1]
        elif last < len(content):
            content[last] = value
        else:
            content.append(value)
