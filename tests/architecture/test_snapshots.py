"""Rooms whose processes begin as copies of one snapshot (Lambda SnapStart): nothing that must be
each process's own may be made while they are imported (docs/decisions/0019-speed.md)."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.architecture.sources import ROOT, modules, short
from tests.architecture.template import functions, read

ROOMS = ("activate", "home", "results", "sign_in")
OWN = re.compile(  # chance, time, keys, connections, credentials
    r"\b(secrets|random|uuid)\.\w+$|urandom|random_base32|token_(hex|bytes|urlsafe)|generate_\w*key"
    r"|\.(now|today|utcnow|time|monotonic|perf_counter)$|create_client|get_session|\bclient$"
)
LEFT = """
import functions.{room}.app
from portal import aws, keys, settings
print(aws.session.cache_info().currsize, aws.client.cache_info().currsize)
"""


def made_while_imported(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls outside functions; defaults and decorators count, bodies do not."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            outside = [*getattr(node, "decorator_list", ()), *node.args.defaults]
            for each in outside:
                yield from (call for call in ast.walk(each) if isinstance(call, ast.Call))
            continue
        if isinstance(node, ast.Call):
            yield node
        yield from made_while_imported(node)


def test_nothing_of_a_processs_own_is_made_while_a_module_is_imported() -> None:
    for path, tree in modules().items():
        for call in made_while_imported(tree):
            name = ast.unparse(call.func)
            assert not OWN.search(name), f"{short(path)}:{call.lineno} {name}"


@pytest.mark.parametrize(
    ("source", "is_seen"),
    [
        ("SALT = secrets.token_hex(16)", True),
        ("class A:\n    started = datetime.now(UTC)", True),
        ("def f(at=time.time()): ...", True),
        ("client = session().create_client('kms')", True),
        ("def f():\n    return secrets.token_hex(16)", False),
        ("clock = partial(datetime.now, UTC)", False),
    ],
)
def test_the_check_sees_what_it_should(source: str, is_seen: bool) -> None:
    found = [ast.unparse(call.func) for call in made_while_imported(ast.parse(source))]

    assert any(map(OWN.search, found)) is is_seen


@pytest.mark.parametrize("room", ROOMS)
def test_a_snapshot_holds_no_client_and_no_credentials(room: str) -> None:
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", LEFT.format(room=room)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'portal'}"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.split() == ["0", "0"]


def test_the_rooms_of_a_first_tap_begin_from_a_snapshot() -> None:
    """Of published versions only: what the alias of each names."""
    names = {f"{room.title().replace('_', '')}Function" for room in ROOMS}
    snapped = {name for name, each in functions().items() if "SnapStart" in each["Properties"]}

    assert snapped == names
    for name in names:
        assert functions()[name]["Properties"]["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert read("template.yaml")["Globals"]["Function"]["AutoPublishAlias"] == "live"
