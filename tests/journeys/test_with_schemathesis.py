"""Schemathesis against the running stack: what openapi.json says is what the routes answer.

Named to run last: it uses up the sign-in tries of this machine's address.
"""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from infra.local.stack import Stack
from infra.openapi import FILE
from tests.journeys.visits import signed_in

pytestmark = pytest.mark.journey

ROOT = Path(__file__).resolve().parents[2]
ENDS_THE_SESSION = (
    "/sign-out",
    "/settings/security/recovery-codes",  # a rise: the cookie is another from then on
    "/settings/security/sessions/{session_id}/end",  # the list of sessions gives it our own id
)
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance"
)


@pytest.fixture(scope="module")
def session(stack: Stack) -> str:
    return signed_in(stack, "RB10012").cookies["session"]


@pytest.mark.parametrize("face", ["application/json", "text/html"])
def test_every_route_answers_as_openapi_says(
    stack: Stack, session: str, face: str, tmp_path: Path
) -> None:
    portal = urlsplit(stack.portal_url)
    headers = {
        "Host": portal.netloc,
        "Accept": face,
        "Cookie": f"session={session}",
        "Authorization": f"Bearer {stack.ehr_token}",
    }
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(FILE)]
    command += ["--url", f"http://127.0.0.1:{portal.port}", "--checks", CHECKS]
    command += [part for path in ENDS_THE_SESSION for part in ("--exclude-path", path)]
    command += ["--phases", "coverage,fuzzing"]
    command += ["--max-examples", "10", "--max-time", "60", "--generation-deterministic"]
    command += ["--generation-with-security-parameters", "false", "--no-color"]
    command += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.journeys.hl7_bodies", "PYTHONPATH": str(ROOT)}

    ran = subprocess.run(  # noqa: S603
        command,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | hooks,
        stdin=subprocess.DEVNULL,
    )

    assert ran.returncode == 0, ran.stdout[-60000:] + ran.stderr[-2000:]
