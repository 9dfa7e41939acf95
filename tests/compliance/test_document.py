"""`security.md` says what the code and the template say: each table of it is held against them."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from tests.architecture.sources import FUNCTIONS, ROOT, imports, modules
from tests.architecture.template import functions, of_type, template
from tests.client import rooms
from tests.compliance import rows

from portal import password_rules, staff_access
from portal.access import Visitor
from portal.methods import Method, assurance_of
from portal.scopes import NEEDED
from portal.staff_access import HOLDERS
from portal.tables import ALL

DOCUMENT = Path(__file__).with_name("security.md")
LIMITS = re.compile(
    r"\w+_PER_[A-Z]+|(IDLE|LONGEST|FRESH|BEGIN|LIFE|WINDOW)_SECONDS|MAX_(CODE_)?TRIES|MOST_WRONG"
    r"|MAX_(FORM_)?BYTES|MAX_(FIELDS|PARTS|ENTRIES|RESOURCES)"
)
CIPHERS = {"hashlib", "hmac", "secrets", "cryptography", "pyotp", "argon2", "webauthn", "authlib",
           "joserfc"}  # fmt: skip
NETWORK = (
    "urllib3",
    "http.client",
    "urllib.request",
    "socket",
    "ssl",
    "requests",
    "httpx",
    "ftplib",
)


@cache
def marked(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", DOCUMENT.read_text(), re.DOTALL)
    assert found, name
    return found[1]


def table(name: str) -> list[list[str]]:
    """Its lines below the head, each as cells."""
    lines = [line for line in marked(name).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def words(cell: str) -> set[str]:
    return {word.strip() for word in cell.split(",")}


def module_name(path: Path) -> str:
    base = ROOT if FUNCTIONS in path.parents else ROOT / "layers" / "portal"
    return ".".join(path.relative_to(base).with_suffix("").parts)


def test_every_attribute_of_every_table_is_of_one_kind() -> None:
    for model in ALL:
        said = [words(cells[2]) for cells in table("kinds") if cells[0] == model.__name__]
        listed = [name for each in said for name in each]
        assert sorted(listed) == sorted(model.get_attributes()), model.__name__


def test_every_way_to_sign_in_is_named_with_what_it_is_worth_alone() -> None:
    said = {cells[0]: cells[1] for cells in table("ways")}

    assert said == {each.value: assurance_of({each}).name for each in Method}


def test_the_words_that_are_no_good_in_a_password_are_these() -> None:
    assert words(marked("words").strip()) == set(password_rules.OF_A_PORTAL)


def constants() -> Iterator[str]:
    for path, tree in modules().items():
        for node in tree.body:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    for name in ast.walk(target):
                        if isinstance(name, ast.Name) and LIMITS.fullmatch(name.id):
                            yield f"{module_name(path)}.{name.id}"


def test_every_limit_is_written_down() -> None:
    assert sorted(cells[0] for cells in table("limits")) == sorted(constants())


@pytest.mark.parametrize("cells", table("limits"), ids=lambda cells: cells[0])
def test_a_limit_is_what_is_written(cells: list[str]) -> None:
    module, _, name = cells[0].rpartition(".")
    rooms()  # a room's modules are imported by its app

    assert getattr(import_module(module), name) == int(cells[1])


def test_every_scope_is_written_with_what_it_needs() -> None:
    said = {cells[0]: tuple(cells[1:]) for cells in table("scopes")}

    assert said == {
        scope.value: (need.assurance.name, need.confidence.name, "yes" if need.is_fresh else "no")
        for scope, need in NEEDED.items()
    }


def test_every_scope_of_staff_is_written_with_its_roles() -> None:
    said = {cells[0]: (words(cells[1]), cells[2]) for cells in table("staff-scopes")}

    assert said == {
        scope.value: (set(roles), "yes" if scope in staff_access.FRESH else "no")
        for scope, roles in HOLDERS.items()
    }


def test_everything_we_know_of_a_visitor_is_written_with_what_follows() -> None:
    dull = {"request_id", "language", "path"}

    assert {cells[0] for cells in table("contexts")} == set(Visitor.__annotations__) - dull


def test_every_use_of_ciphers_hashes_and_chance_is_in_the_inventory() -> None:
    used = {
        module_name(path): {name.split(".")[0] for name in imports(tree)} & CIPHERS
        for path, tree in modules().items()
    }

    assert {cells[0]: words(cells[1]) for cells in table("ciphers")} == {
        name: found for name, found in used.items() if found
    }


def services() -> set[str]:
    asked = {
        str(node.args[0].value)
        for tree in modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"client", "aws.client"}
        and isinstance(node.args[0], ast.Constant)
    }
    return asked | {"dynamodb"}  # by PynamoDB


def test_every_service_of_aws_we_call_is_named() -> None:
    assert {cells[0] for cells in table("services")} == services()


def calls_out(name: str) -> bool:
    """An import by this name can open a connection; urllib3's way with URLs cannot."""
    is_known = any(name == lib or name.startswith(f"{lib}.") for lib in NETWORK)
    return is_known and name != "urllib3.util.url"


def test_everybody_else_we_call_is_named() -> None:
    callers = {
        module_name(path) for path, tree in modules().items() if any(map(calls_out, imports(tree)))
    }

    assert {cells[0] for cells in table("outside")} == callers


def test_every_log_is_named_with_how_long_it_is_kept() -> None:
    said = {cells[0]: int(cells[2]) for cells in table("logs")}

    assert said == {
        name: group["Properties"]["RetentionInDays"]
        for name, group in of_type("AWS::Logs::LogGroup").items()
    }


def test_every_function_that_may_take_long_is_named() -> None:
    default = template()["Globals"]["Function"]["Timeout"]
    slow = {
        name: function["Properties"]["Timeout"]
        for name, function in functions().items()
        if function["Properties"].get("Timeout", default) > default
    }

    assert {cells[0]: int(cells[1]) for cells in table("slow")} == slow


def test_where_we_differ_on_purpose_is_shown_and_not_left_open() -> None:
    answers = {row.row_id: row.answer for row in rows.asvs()}

    for row_id, what, why in table("differences"):
        assert answers[row_id] == "tests", row_id
        assert what
        assert why
