"""DynamoDB's attribute values as botocore passes them: {"S": "text"}, {"N": "1"}, {"M": {...}}."""

from decimal import Decimal
from typing import Any

type Value = dict[str, Any]
type Item = dict[str, Value]

SETS = {"SS", "NS", "BS"}
SCALARS = {"S", "N", "B"}


def kind(value: Value) -> str:
    (found,) = value
    return found


def comparable(value: Value) -> tuple[str, Any]:
    """Equal for equal values: 1 is 1.0, a set has no order."""
    (found, content), *_ = value.items()
    if found == "N":
        return found, Decimal(content)
    if found in SETS:
        return found, frozenset(map(Decimal, content) if found == "NS" else content)
    if found == "M":
        return found, {name: comparable(each) for name, each in content.items()}
    if found == "L":
        return found, [comparable(each) for each in content]
    return found, content


def is_equal(left: Value | None, right: Value | None) -> bool:
    if left is None or right is None:
        return False
    return comparable(left) == comparable(right)


def order(left: Value | None, right: Value | None) -> int | None:
    """-1, 0 or 1; None for what has no order: other types, or one is missing."""
    if left is None or right is None or kind(left) != kind(right) or kind(left) not in SCALARS:
        return None
    (_, one), (_, other) = comparable(left), comparable(right)
    return int(one > other) - int(one < other)


def starts_with(value: Value | None, prefix: Value | None) -> bool:
    if value is None or prefix is None or kind(value) != kind(prefix):
        return False
    return kind(value) in {"S", "B"} and next(iter(value.values())).startswith(prefix[kind(value)])


def contains(value: Value | None, part: Value | None) -> bool:
    if value is None or part is None:
        return False
    (found, content), *_ = value.items()
    if found == "L":
        return any(is_equal(each, part) for each in content)
    if found in SETS:
        return (
            kind(part) == found[0]
            and comparable({found: [part[found[0]]]})[1] <= comparable(value)[1]
        )
    return found in {"S", "B"} and kind(part) == found and part[found] in content


def size(value: Value) -> int:
    """What DynamoDB's 400 kB for an item counts, near enough."""
    (found, content), *_ = value.items()
    if found == "S":
        return len(content.encode())
    if found == "M":
        return 3 + size_of_item(content) + len(content)
    if found in SETS or found == "L":
        inner = [each if found == "L" else {found[0]: each} for each in content]
        return 3 + sum(size(each) + 1 for each in inner)
    return len(content) if found in {"N", "B"} else 1


def size_of_item(item: Item) -> int:
    return sum(len(name.encode()) + size(value) for name, value in item.items())


def copied(content: Any) -> Any:
    """A deep copy of what is made of dicts and lists; quicker than copy.deepcopy."""
    if isinstance(content, dict):
        return {name: copied(each) for name, each in content.items()}
    if isinstance(content, list | set | tuple):
        return [copied(each) for each in content]
    return content
