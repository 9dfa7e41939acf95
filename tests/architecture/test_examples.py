"""The examples of openapi.json are answers of the portal. After a change of a view:
`EXAMPLES=keep make test`, and read what changed.
"""

import json
import os
from typing import Any

import pytest
from infra.openapi import EXAMPLES, examples
from tests.accessibility.sights import NO_PAGES, SIGHTS, Sight
from tests.client import actions

pytestmark = pytest.mark.usefixtures("portal")

KEEPS = os.environ.get("EXAMPLES") == "keep"


def patients() -> dict[str, str]:
    """The first page of each route that apps use, by method and path."""
    views = {f"{each.method} {each.path}" for _, each in actions() if each.view is not None}
    found: dict[str, str] = {}
    for name, sight in SIGHTS.items():
        if operation(sight) in views and "/staff" not in sight.route:
            found.setdefault(operation(sight), name)
    return found


def operation(sight: Sight) -> str:
    return f"{'GET' if sight.posts is None else 'POST'} {sight.route}"


def answered(name: str) -> Any:
    """As an app gets it."""
    sight = SIGHTS[name]
    client, path = sight.opens()
    client.accept, before = "application/json", client.accept
    answer = sight.answer(client, path)
    client.accept = before
    return answer.json if answer.status == 200 else None


def is_like(one: Any, other: Any) -> bool:
    """The same names at the same places; a list that is empty here or there says nothing."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_like(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return not (one and other) or is_like(one[0], other[0])
    return type(one) is type(other) or None in (one, other)


def test_each_example_is_what_the_route_answers() -> None:
    said = {key: answered(name) for key, name in patients().items()}
    said = {key: value for key, value in said.items() if value is not None}
    if KEEPS:
        EXAMPLES.write_text(json.dumps(said, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
        examples.cache_clear()
    assert said.keys() == examples().keys()
    assert [key for key in said if not is_like(said[key], examples()[key])] == []


def test_what_apps_read_has_an_example() -> None:
    """Every page of patients that can be opened as it is."""
    reads = {
        f"GET {each.path}"
        for room, each in actions()
        if each.view is not None and each.method == "GET" and room != "staff"
    }
    others = {f"GET {path}" for path in (*NO_PAGES, "/_components")}
    assert sorted(reads - others - examples().keys()) == []
