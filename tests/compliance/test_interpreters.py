"""Nothing a stranger sends reaches an interpreter as code (ASVS V1)."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.architecture.sources import ROOT, imports, modules, short
from tests.builders import a_patient
from tests.visitors import a_browser, an_app, signed_in

TEMPLATES = ROOT / "templates"
FORM = {"content-type": "application/x-www-form-urlencoded"}
UNGUARDED = (
    "ldap",
    "ldap3",
    "lxml",
    "xml",
    "libxml2",
    "memcache",
    "pymemcache",
    "redis",
    "smtplib",
)
PROCESSES = ("subprocess", "pty", "multiprocessing", "ctypes", "code")
UNSAFE_READERS = ("pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml")
SAFE_BY_US = {  # what goes into a page unescaped, and who makes it
    "style": "our stylesheet",
    "view.qr": "portal.qr, which draws squares",
    "each": "our scripts, allowed by their hash",
    "shapes[name]": "our icons",
    "each.picture": "portal.pictures, which escapes what the lab sent",
    "each.trend": "portal.pictures, which escapes what the lab sent",
    "view.trend": "the same, drawn from our own numbers",
}


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def uses(name: str, library: str) -> bool:
    return name == library or name.startswith(f"{library}.")


@pytest.mark.parametrize("library", [*UNGUARDED, *PROCESSES, *UNSAFE_READERS])
def test_no_interpreter_without_a_guard_is_reachable(library: str) -> None:
    """LDAP, XPath, memcache, SMTP, the shell, and readers that make objects of what they read."""
    users = [
        short(p) for p, tree in modules().items() if any(uses(n, library) for n in imports(tree))
    ]

    assert users == []


def test_no_code_is_made_of_text_and_no_command_run() -> None:
    forbidden = re.compile(
        r"(builtins\.)?(eval|exec|compile|__import__)|os\.(system|popen|exec\w+|spawn\w+)"
    )
    found = [
        f"{short(path)}:{call.lineno}"
        for path, tree in modules().items()
        for name, call in calls(tree)
        if forbidden.fullmatch(name)
    ]

    assert found == []


def test_the_stores_are_asked_with_typed_keys_and_never_with_a_sentence() -> None:
    """DynamoDB's PartiQL would be one; PynamoDB puts values beside the expression."""
    for path, tree in modules().items():
        assert not [name for name, _ in calls(tree) if name.endswith("execute_statement")], path
        assert 'client("dynamodb")' not in path.read_text(), path


def test_what_stands_in_a_pattern_is_ours_or_escaped() -> None:
    """A pattern is a literal, joined at most with constants of the module and what was escaped."""
    for path, tree in modules().items():
        for name, call in calls(tree):
            if re.fullmatch(
                r"re\.(compile|search|match|fullmatch|sub|split|findall|finditer)", name
            ):
                for part in ast.walk(call.args[0]):
                    if isinstance(part, ast.Name) and not part.id.lstrip("_").isupper():
                        assert is_ours(path, part.id), f"{short(path)}:{call.lineno} {part.id}"


def is_ours(path: Path, name: str) -> bool:
    text = path.read_text()
    return f"{name} = re.escape(" in text or (path.name, name) == ("fhir_shapes.py", "pattern")


FORMATS = {  # what is formatted besides literals
    ("dates.py", "pattern"),  # CLDR's, for a date and a time in one line
    ("break_glass.py", "key"),  # an f-string of the line above
}


def test_a_format_is_ours() -> None:
    for path, tree in modules().items():
        for name, call in calls(tree):
            receiver, _, method = name.rpartition(".")
            if method in {"format", "format_map"} and isinstance(call.func, ast.Attribute):
                is_literal = isinstance(call.func.value, ast.Constant)
                assert is_literal or (path.name, receiver) in FORMATS, f"{short(path)}: {name}"


def test_pages_escape_everything_but_what_we_draw_ourselves() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        assert "autoescape" not in text, path
        found = set(re.findall(r"\{\{-?\s*([^{}]+?)\s*\|\s*safe\b", text))
        assert text.count("|safe") + text.count("| safe") == sum(
            len(re.findall(re.escape(each) + r"\s*\|\s*safe\b", text)) for each in found
        ), path
        assert found <= SAFE_BY_US.keys(), f"{path.name}: {found - SAFE_BY_US.keys()}"
    for path, tree in modules().items():
        assert not [n for n in imports(tree) if n.endswith(("Markup", "markupsafe"))], short(path)


def test_templates_are_files_of_ours_and_never_made_of_text() -> None:
    for path, tree in modules().items():
        for name, _ in calls(tree):
            assert not name.endswith((".from_string", "Template")), f"{short(path)}: {name}"


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize(
    "name", ["{{7*7}}", "{% raw %}", "%(portal_name)s", "{0}", "${7*7}", "#{7}"]
)
def test_a_name_in_a_template_language_stays_that_name(name: str) -> None:
    patient = a_patient(given=name)

    assert signed_in(patient, accept="application/json").get("/").json["given_name"] == name
    page = signed_in(patient).get("/").text
    assert name in page
    assert "49" not in page.partition("<main")[2].partition("</main>")[0]


@pytest.mark.usefixtures("portal")
def test_a_form_is_decoded_once() -> None:
    """`%2561` is the text `%61`, and never the letter it would be after a second time."""
    page = a_browser().send("POST", "/sign-in", b"address=%2561na", FORM)

    assert page.status == 400
    assert 'value="%61na"' in page.text


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("inside", ['"', '"},{"x":"', "</script>", "\\", "]]>", "\\u0022"])
def test_a_text_in_json_stays_one_text(inside: str) -> None:
    address = f"a{inside}b@example.org"
    body = json.dumps({"address": address}).encode()

    answer = an_app().send("POST", "/sign-in", body, {"content-type": "application/json"})

    assert answer.json == {"minutes": 10, "address": address}
