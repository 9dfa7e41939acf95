"""The local AWS as a child process: started, awaited, stopped with one signal."""

import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from infra.local.place import REGION, ROOT, Place
from infra.local.progress import CannotRun, step

PYTHON = ROOT / ".local" / "ministack" / "bin" / "python"
START_SECONDS = 60
STOP_SECONDS = 120  # it writes its whole state when it stops


@contextmanager
def running(place: Place) -> Iterator[None]:
    process = _started(place)
    try:
        with step("Starting the local AWS"):
            _await_ready(process, place)
        yield
    finally:
        with step("Stopping the local AWS and keeping its data"):
            _stop(process)


def _started(place: Place) -> subprocess.Popen[bytes]:
    temporary = place.state / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    with place.log.open("wb") as log:
        return subprocess.Popen(
            [str(PYTHON), "-m", "infra.local.emulator"],
            cwd=ROOT,
            env=_environment(place),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone; we pass on one signal
        )


def _environment(place: Place) -> dict[str, str]:
    """Little of ours: each Lambda function inherits all of it."""
    inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    state = place.state
    return inherited | {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(place.port),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_ACCOUNT_CONCURRENCY": "0",  # it counts calls that wait for a process, too
        "LOG_LEVEL": "INFO",
        "MINISTACK_REGION": REGION,
        "MINISTACK_WORKER_THREADS": "256",  # calls that wait for a process hold one each
        "PERSIST_STATE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",  # on AWS the file system is read-only
        "S3_DATA_DIR": str(state / "s3"),
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(state / "services"),
        "TMPDIR": str(state / "tmp"),
    }


def _await_ready(process: subprocess.Popen[bytes], place: Place) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if _is_ready(place):
            return
        time.sleep(0.1)
    raise CannotRun(f"The local AWS did not start. What it said is in {place.log}")


def _is_ready(place: Place) -> bool:
    try:
        with urllib.request.urlopen(f"{place.endpoint_url}/_ministack/ready", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
