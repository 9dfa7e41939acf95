"""`python -m infra.mllp` as an operator starts, stops and kills it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from tests.mllp.fake_portal import Scripted, fake_portal
from tests.mllp.senders import PATIENCE_SECONDS, Sender, a_message, until

ROOT = Path(__file__).resolve().parents[2]
PATH = f"{ROOT}:{ROOT / 'layers' / 'portal'}"
LISTEN = ["--listen", "127.0.0.1:0"]

type Process = subprocess.Popen[str]


def started(*arguments: str, **environment: str) -> Process:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "infra.mllp", *LISTEN, *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "MLLP_TOKEN"}
        | {"PYTHONPATH": PATH, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running(*arguments: str, **environment: str) -> Iterator[tuple[Process, Sender]]:
    with started(*arguments, **environment) as process:
        try:
            assert process.stdout
            facts = json.loads(process.stdout.readline())
            with Sender((facts["host"], facts["port"])) as lab:
                yield process, lab
        finally:
            process.kill()


def test_it_takes_a_message_and_ends_well_when_asked_to() -> None:
    with (
        fake_portal() as portal,
        running("--forward", portal.url, MLLP_TOKEN="ehr_invented") as (process, lab),
    ):
        lab.send(a_message("1"))
        assert lab.msa() == ["AA", "1"]
        process.terminate()
        out, errors = process.communicate(timeout=PATIENCE_SECONDS)

        assert process.returncode == 0
        assert [json.loads(line)["event"] for line in out.splitlines()][-1] == "stopped"
        assert errors == ""


def test_the_credential_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("ehr_from_file\n")
    with (
        fake_portal() as portal,
        running("--forward", portal.url, "--token-file", str(file)) as (_, lab),
    ):
        lab.send(a_message("1"))
        lab.answer()

        assert portal.requests[0].headers["authorization"] == "Bearer ehr_from_file"


def test_a_kill_between_the_portals_answer_and_ours_loses_nothing() -> None:
    held = Event()
    with (
        fake_portal(Scripted(held=held)) as portal,
        running("--forward", portal.url, MLLP_TOKEN="ehr_invented") as (process, lab),
    ):
        lab.send(a_message("1"))
        until(lambda: portal.under_way == 1)
        process.kill()
        process.wait(PATIENCE_SECONDS)
        held.set()

        assert lab.is_closed_without_an_answer()
        assert portal.bodies == [a_message("1")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--forward", "https://portal.example.org/ehr/hl7"], "credential"),
        (["--forward", "http://portal.example.org/ehr/hl7"], "https://"),
        (["--forward", "https://portal.example.org/", "--key", "k"], "--certificate"),
        (["--forward", "https://portal.example.org/", "--in-flight", "0"], "--in-flight"),
    ],
)
def test_it_does_not_start_half_configured(arguments: list[str], said: str) -> None:
    token = {} if said == "credential" else {"MLLP_TOKEN": "ehr_invented"}
    process = started(*arguments, **token)
    _, errors = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 2
    assert said in errors.splitlines()[-1]


def test_it_needs_no_more_than_its_container_holds() -> None:
    script = "import sys, infra.mllp.__main__; print(*sys.modules)"
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": PATH},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.split(".")[0] for name in ran.stdout.split()}

    assert {"infra", "portal"} <= loaded
    assert not loaded & {"pydantic", "boto3", "botocore", "pynamodb", "fhir", "chalice"}
