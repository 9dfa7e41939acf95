"""Where the product calls AWS: seen on the stack as it happens, and read from the source.

A site is "module.function/Operation". The verbs of `portal.tables` are everybody's; what counts is
who used them.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import FrameType

from tests.architecture.sources import FUNCTIONS, PORTAL, ROOT, imports, modules

ENTRANCES = (
    "functions.lab_release.receive",
    "functions.lab_release.app",
    "functions.ehr.app",
    "functions.upkeep.app",
)
VERBS = {
    "get": "GetItem",
    "find": "GetItem",
    "query": "Query",
    "scan": "Scan",
    "batch_get": "BatchGetItem",
}
CHANGES = {"save": "PutItem", "update": "UpdateItem", "delete": "DeleteItem"}
TRANSACTION = "write"  # collects what its `TransactWrite` sends


def stack() -> Iterator[tuple[str, FrameType]]:
    """The product's own functions that led here, nearest first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = _module(frame.f_code.co_filename)
        if name:
            yield f"{name}.{frame.f_code.co_qualname.partition('.<')[0]}", frame
        frame = frame.f_back


def site_of(operation: str) -> str:
    """ "" for a call that is not the product's."""
    nearest = (name for name, _ in stack() if not name.startswith("portal.tables."))
    name = next(nearest, "")
    return f"{name}/{operation}" if name else ""


@cache
def _module(filename: str) -> str:
    path = Path(filename)
    if PORTAL in path.parents:
        return f"portal.{path.stem}"
    return name_of(path) if FUNCTIONS in path.parents else ""


def name_of(path: Path) -> str:
    if PORTAL in path.parents:
        return f"portal.{path.stem}"
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def written() -> set[str]:
    """Sites of the source that ingestion can import."""
    trees = {name_of(path): tree for path, tree in modules().items()}
    return {site for name in sorted(_reachable(trees)) for site in _sites(name, trees[name])}


def _reachable(trees: dict[str, ast.Module]) -> set[str]:
    found: set[str] = set()
    waiting = list(ENTRANCES)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [each for each in imports(trees[name]) if each in trees]
    return found - {"portal.tables"}


def _sites(module: str, tree: ast.Module) -> Iterator[str]:
    no_rows = {TRANSACTION, *_imported(tree)}
    for name, function in _functions(tree.body, ""):
        for call in ast.walk(function):
            operation = _operation(call, no_rows) if isinstance(call, ast.Call) else ""
            if operation:
                yield f"{module}.{name}/{operation}"


def _imported(tree: ast.Module) -> Iterator[str]:
    """Names of modules: their `save` is seen where it is written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names if alias.name.islower())


def _functions(body: Iterable[ast.AST], prefix: str) -> Iterator[tuple[str, ast.AST]]:
    """Functions and methods; what is nested in one belongs to it."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{prefix}{node.name}.")


def _operation(call: ast.Call, no_rows: set[str]) -> str:
    if isinstance(call.func, ast.Name):
        names = {"TransactWrite": "TransactWriteItems", "TransactGet": "TransactGetItems"}
        return names.get(call.func.id, "")
    if not isinstance(call.func, ast.Attribute):
        return ""
    verb, owner = call.func.attr, call.func.value
    if isinstance(owner, ast.Call) and ast.unparse(owner.func) == "client":
        return "".join(part.capitalize() for part in verb.split("_"))
    if ast.unparse(owner).partition(".")[0].endswith("Row") and verb in VERBS:
        return VERBS[verb]
    is_other = isinstance(owner, ast.Name) and owner.id in no_rows
    return CHANGES.get(verb, "") if not is_other and _changes_a_row(verb, call) else ""


def _changes_a_row(verb: str, call: ast.Call) -> bool:
    """A dict's or a hash's `update` takes no list of actions."""
    is_conditional = any(each.arg in {"actions", "condition"} for each in call.keywords)
    has_actions = bool(call.args and isinstance(call.args[0], ast.List))
    return verb != "update" or has_actions or is_conditional
