"""docs/api.md, run from its first command to its last against the running stack."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from infra.local.stack import Stack

from portal import problems
from portal.versions import VERSIONS

pytestmark = pytest.mark.journey

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
BLOCK = re.compile(r"```sh\n(.*?)```(?:\n```json\n(.*?)```)?", re.DOTALL)
MARK = "=== end of a block ==="
OF_STAFF = {"staff-sign-in-needed", "staff-step-up-needed", "role-needed"}


@dataclass(frozen=True)
class Ran:
    """A block of the page: its commands, the answer shown below it, and what came."""

    commands: str
    shown: str
    came: str


@pytest.fixture(scope="module")
def ran(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> list[Ran]:
    blocks = BLOCK.findall(PAGE)
    script = "".join(f"{commands}\necho\necho '{MARK}'\n" for commands, _ in blocks)
    places = {
        "PORTAL": stack.portal_url.rstrip("/"),
        "MAILBOX": stack.mailbox_url.rstrip("/"),
    }
    bash = shutil.which("bash")
    assert bash
    done = subprocess.run(  # noqa: S603
        [bash, "-euo", "pipefail", "-c", script],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path_factory.mktemp("api"),
        env=os.environ | places,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    parts = [part.strip() for part in done.stdout.split(MARK)]
    return [
        Ran(commands, shown, came) for (commands, shown), came in zip(blocks, parts, strict=False)
    ]


def test_each_answer_on_the_page_is_what_comes(ran: list[Ran]) -> None:
    shown = [each for each in ran if each.shown]

    assert len(shown) >= 4
    for each in shown:
        said, came = json.loads(each.shown), json.loads(each.came)
        assert without_ids(said) == without_ids(came), each.commands


def test_the_journey_arrives(ran: list[Ran]) -> None:
    results = next(each for each in ran if "results.json" in each.commands)
    one = next(each for each in ran if "flag_words" in each.commands)
    push = next(each for each in ran if "Idempotency-Key" in each.commands)

    assert results.came
    assert len(one.came.splitlines()) == 2
    assert re.fullmatch(r"\w+", push.came)
    assert ran[-1].came == "urn:problem:not-acceptable"


def test_the_page_names_every_problem_and_the_newest_version() -> None:
    every = {problems.kind_of(each) for each in problems.WORDS} | {"fault"}

    assert set(re.findall(r"`urn:problem:([a-z-]+)`", PAGE)) == every - OF_STAFF
    assert all(f"`{each}`" in PAGE for each in OF_STAFF)
    assert VERSIONS[-1].media_type in PAGE


def without_ids(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != "instance"}
