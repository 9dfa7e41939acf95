"""Condition and key expressions of DynamoDB, read once and asked of many items.

A parsed expression is a function of a `Scope`: an item with the request's values. What is missing
is None, and equals nothing (Developer Guide, "Condition and filter expressions").
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from tests.memory_aws import values
from tests.memory_aws.refusals import invalid
from tests.memory_aws.values import Item, Value

TOKEN = re.compile(r"\s*(?:([#:]?\w+)|(<>|<=|>=|[=<>()\[\],.+-]))")
type Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Scope:
    item: Item
    values: Mapping[str, Value]


type Operand = Callable[[Scope], Value | None]
type Test = Callable[[Scope], bool]


def tokens(text: str) -> list[str]:
    found = ["".join(pair) for pair in TOKEN.findall(text)]
    if "".join(found) != re.sub(r"\s", "", text):
        raise invalid("Invalid expression: a token is not known")
    return found


def find(item: Item, path: Path) -> Value | None:
    value: Value | None = {"M": item}
    for part in path:
        content = value.get("M" if isinstance(part, str) else "L") if value else None
        if isinstance(part, str):
            value = content.get(part) if content else None
        else:
            value = content[part] if content and part < len(content) else None
    return value


COMPARISONS: dict[str, Callable[[Value | None, Value | None], bool]] = {
    "=": values.is_equal,
    "<>": lambda a, b: not values.is_equal(a, b),
    "<": lambda a, b: values.order(a, b) == -1,
    "<=": lambda a, b: values.order(a, b) in {-1, 0},
    ">": lambda a, b: values.order(a, b) == 1,
    ">=": lambda a, b: values.order(a, b) in {1, 0},
}


@dataclass
class Reader:
    """Recursive descent; one method for each rule of the grammar."""

    tokens: list[str]
    names: Mapping[str, str]
    at: int = 0
    equalities: dict[str, str] = field(default_factory=dict)  # attribute -> placeholder

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *expected: str) -> str:
        token = self.next
        if not token or (expected and token.upper() not in expected):
            raise invalid(f"Invalid expression: syntax error near {token!r}")
        self.at += 1
        return token

    def passes(self, *expected: str) -> bool:
        found = self.next.upper() in expected
        self.at += found
        return found

    def test(self) -> Test:
        found = [self.all_of()]
        while self.passes("OR"):
            found.append(self.all_of())
        return lambda scope: any(each(scope) for each in found)

    def all_of(self) -> Test:
        found = [self.single()]
        while self.passes("AND"):
            found.append(self.single())
        return lambda scope: all(each(scope) for each in found)

    def single(self) -> Test:
        if self.passes("NOT"):
            denied = self.single()
            return lambda scope: not denied(scope)
        if self.passes("("):
            found = self.test()
            self.take(")")
            return found
        if self.next.lower() in FUNCTIONS and self.tokens[self.at + 1] == "(":
            return FUNCTIONS[self.take().lower()](self.arguments())
        return self.comparison()

    def comparison(self) -> Test:
        start, left = self.at, self.operand()
        if self.passes("BETWEEN"):
            low, _, high = self.operand(), self.take("AND"), self.operand()
            return lambda scope: (
                values.order(low(scope), left(scope)) in {-1, 0}
                and values.order(left(scope), high(scope)) in {-1, 0}
            )
        if self.passes("IN"):
            among = self.arguments()
            return lambda scope: any(values.is_equal(left(scope), each(scope)) for each in among)
        sign = self.take(*COMPARISONS)
        self._note_equality(sign, self.tokens[start : self.at])
        right = self.operand()
        return lambda scope: COMPARISONS[sign](left(scope), right(scope))

    def _note_equality(self, sign: str, spelled: list[str]) -> None:
        if sign == "=" and len(spelled) == 2:
            self.equalities[self.names.get(spelled[0], spelled[0])] = self.next

    def arguments(self) -> list[Operand]:
        self.take("(")
        found = [self.operand()]
        while self.passes(","):
            found.append(self.operand())
        self.take(")")
        return found

    def operand(self) -> Operand:
        if self.next.startswith(":"):
            name = self.take()
            return lambda scope: scope.values[name]
        if self.next.lower() == "size" and self.tokens[self.at + 1] == "(":
            self.take()
            (inner,) = self.arguments()
            return lambda scope: _size(inner(scope))
        path = self.path()
        return lambda scope: find(scope.item, path)

    def path(self) -> Path:
        parts: list[str | int] = [self._name()]
        while self.next in {".", "["}:
            if self.take() == ".":
                parts.append(self._name())
            else:
                parts.append(int(self.take()))
                self.take("]")
        return tuple(parts)

    def _name(self) -> str:
        token = self.take()
        if token.startswith("#"):
            if token not in self.names:
                raise invalid(f"An expression attribute name is not defined: {token}")
            return self.names[token]
        return token


def _size(value: Value | None) -> Value | None:
    if value is None:
        return None
    (found, content), *_ = value.items()
    return {"N": str(len(content.encode() if found == "S" else content))}


FUNCTIONS: dict[str, Callable[[list[Operand]], Test]] = {
    "attribute_exists": lambda given: lambda scope: given[0](scope) is not None,
    "attribute_not_exists": lambda given: lambda scope: given[0](scope) is None,
    "attribute_type": lambda given: (
        lambda scope: (
            (found := given[0](scope)) is not None
            and values.kind(found) == (given[1](scope) or {}).get("S")
        )
    ),
    "begins_with": lambda given: lambda s: values.starts_with(given[0](s), given[1](s)),
    "contains": lambda given: lambda s: values.contains(given[0](s), given[1](s)),
}


@dataclass(frozen=True)
class Condition:
    holds: Test
    equalities: Mapping[str, str]


@lru_cache(maxsize=2000)
def _condition(text: str, names: tuple[tuple[str, str], ...]) -> Condition:
    reader = Reader(tokens(text), dict(names))
    found = reader.test()
    if reader.next:
        raise invalid(f"Invalid expression: syntax error near {reader.next!r}")
    return Condition(found, reader.equalities)


def condition(text: str, names: Mapping[str, str] | None) -> Condition:
    return _condition(text, tuple(sorted((names or {}).items())))
