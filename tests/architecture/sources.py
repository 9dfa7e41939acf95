"""The project's own Python, parsed once."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT / "layers" / "portal" / "portal"
FUNCTIONS = ROOT / "functions"


@cache
def modules() -> dict[Path, ast.Module]:
    """What runs on AWS."""
    paths = [*PORTAL.rglob("*.py"), *FUNCTIONS.rglob("*.py")]
    return {path: ast.parse(path.read_text()) for path in sorted(paths)}


def imports(tree: ast.Module) -> Iterator[str]:
    """Full names of what a module imports, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
