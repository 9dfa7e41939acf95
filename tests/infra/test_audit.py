"""`make audit`: what the index says of each locked package, and when it could not be asked."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from infra.local import audit
from infra.local.place import ROOT

CLEAN = {"name": "jinja2", "version": "3.1.6", "vulns": []}
WEAK = {
    "name": "lib",
    "version": "1.0",
    "vulns": [
        {"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"], "aliases": [], "description": "bad"},
        {"id": "GHSA-2", "fix_versions": [], "aliases": [], "description": "worse"},
    ],
}


def said(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Instead of the index, which knows nothing bad of anything."""
    found: list[Path] = []

    def answer(lock: Path) -> str:
        found.append(lock)
        return said(CLEAN)

    monkeypatch.setattr(audit, "install", lambda _: None)
    monkeypatch.setattr(audit, "said_of", answer)
    return found


def test_every_lock_is_asked_about_and_what_is_deployed_first(asked: list[Path]) -> None:
    assert audit.main() == 0

    names = [path.relative_to(ROOT).as_posix() for path in asked]
    assert names[0].startswith("layers/")
    assert {*names} == {
        *(f"layers/{name}/requirements.txt" for name in ("clinical", "identity", "push")),
        "layers/runtime/requirements.txt",
        *(f"requirements/{path.name}" for path in ROOT.glob("requirements/*.txt")),
    }


@pytest.mark.usefixtures("asked")
def test_a_known_weakness_is_named_with_what_fixes_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "said_of", lambda _: said(CLEAN, WEAK))

    assert audit.main() == 1

    printed = capsys.readouterr().out
    assert "2 packages, 2 known weaknesses" in printed
    assert "lib 1.0: PYSEC-1, fixed in 1.1, 2.0" in printed
    assert "lib 1.0: GHSA-2, fixed in no release yet" in printed


@pytest.mark.usefixtures("asked")
def test_a_package_the_index_does_not_know_was_not_asked_about(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = {"name": "lib", "skip_reason": "Dependency not found on PyPI"}
    monkeypatch.setattr(audit, "said_of", lambda _: said(CLEAN, unknown))

    assert audit.main() == 2

    assert "No advisories are told of 1 of them: lib." in capsys.readouterr().out


def test_an_index_that_does_not_answer_is_no_clean_bill(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "install", lambda _: None)
    broken = "import sys; sys.exit('Connection refused')"
    monkeypatch.setattr(audit, "PIP_AUDIT", [sys.executable, "-c", broken])

    assert audit.main() == 2

    assert "Connection refused" in capsys.readouterr().out
