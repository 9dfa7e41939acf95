"""Conventions of the code that nobody should have to remember."""

import ast
import os
import subprocess
import sys
from statistics import median

import pytest
from tests.architecture.sources import FUNCTIONS, ROOT, functions, imports, modules, short

PAGE_ROOMS = ("activate", "family", "home", "privacy", "results", "settings", "sign_in", "staff")
TOO_HEAVY = (
    "boto3",
    "fhir",
    "hl7apy",
    "stripe",
    "aws_xray_sdk",
    "requests",
    "webauthn",
    "authlib",
    "joserfc",
)
DOORS = {  # vendor -> the only modules that may import it
    "segno": {"qr.py"},
    "boto3": set(),
    "hl7apy": {"acks.py", "hl7_faults.py"},
    "fhir": {"fhir.py"},
    "stripe": {"payments.py"},
    "authlib": {"oidc.py", "id_tokens.py"},
    "joserfc": {"id_tokens.py"},
    "jinja2": {"pages.py"},
    "os.environ": {"settings.py"},
    "chalice": {"web.py", "answers.py"},
    "cryptography": {"keys.py"},
    "botocore.session": {"aws.py"},
    "webauthn": {"passkeys.py"},
}
HOMELESS = {"utils", "helpers", "common", "manager", "service", "base", "misc", "core", "main"}


def test_no_room_imports_another() -> None:
    rooms = {path.name for path in FUNCTIONS.iterdir() if path.is_dir()}
    for path, tree in modules().items():
        room = path.parent.name if FUNCTIONS in path.parents else ""
        foreign = {
            name.split(".")[1]
            for name in imports(tree)
            if name.startswith("functions.") and name.split(".")[1] in rooms - {room}
        }
        assert not foreign, f"{short(path)} imports the room {foreign}"


def test_shared_code_does_not_know_the_rooms() -> None:
    for path, tree in modules().items():
        if FUNCTIONS not in path.parents:
            assert not [name for name in imports(tree) if name.startswith("functions")], path


@pytest.mark.parametrize("vendor", DOORS)
def test_each_vendor_has_one_door(vendor: str) -> None:
    for path, tree in modules().items():
        used = any(name == vendor or name.startswith(f"{vendor}.") for name in imports(tree))
        if vendor == "os.environ":
            used = any(
                isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}
                for node in ast.walk(tree)
            )
        assert not used or path.name in DOORS[vendor], f"{short(path)} imports {vendor}"


@pytest.mark.parametrize("room", PAGE_ROOMS)
def test_a_page_room_leaves_the_heavy_libraries_alone(room: str) -> None:
    script = f"import sys, functions.{room}.app; print(*sys.modules)"
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'portal'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(ran.stdout.split())

    assert not {name.split(".")[0] for name in loaded} & set(TOO_HEAVY)
    assert not loaded & {"portal.conversion", "portal.outbox_delivery"}


def test_every_shape_is_built_when_it_is_first_used() -> None:
    """A subclass of `portal.model.Model`: `defer_build`."""
    found = {path.name for path in modules() if "BaseModel" in path.read_text("utf-8")}

    assert found == {"model.py"}


def test_no_function_is_longer_than_forty_lines_and_most_are_short() -> None:
    lengths = {
        f"{short(path)}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path, tree in modules().items()
        for node in functions(tree)
    }

    assert {name: n for name, n in lengths.items() if n > 40} == {}
    assert median(lengths.values()) <= 8
    assert sum(n <= 25 for n in lengths.values()) / len(lengths) >= 0.9


def test_no_module_is_longer_than_a_page_or_two() -> None:
    lengths = {short(path): len(path.read_text().splitlines()) for path in modules()}

    assert {name: n for name, n in lengths.items() if n > 200} == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        short(path)
        for path, tree in modules().items()
        if path.name != "__init__.py" and not ast.get_docstring(tree)
    ]

    assert silent == []


def test_names_have_a_noun() -> None:
    for path in modules():
        assert path.stem not in HOMELESS, short(path)
        assert path.stem not in sys.stdlib_module_names or path.parent != FUNCTIONS, short(path)


def test_only_the_web_door_and_the_batch_loop_catch_everything() -> None:
    broad = {
        short(path)
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    }

    assert broad <= {
        "layers/portal/portal/web.py",
        "functions/lab_release/receive.py",
        "functions/lab_release/app.py",
        "functions/sign_in/send.py",
        "functions/privacy/replies.py",
        "layers/portal/portal/hl7_faults.py",  # hl7apy raises whatever it meets
        "layers/portal/portal/acks.py",
    }


def test_nothing_logs_what_a_message_or_person_said() -> None:
    """Arguments of a log call are constant names and ids, never f-strings of values."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("logger."):
                if ast.unparse(node.func).endswith((".info", ".warning", ".error", ".exception")):
                    assert isinstance(node.args[0], ast.Constant), f"{short(path)}:{node.lineno}"
                assert not ast.unparse(node.func).endswith(".exception"), short(path)
