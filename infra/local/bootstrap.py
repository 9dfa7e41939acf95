"""Installs what the project needs into .local/, from the hash-locked files in requirements/.

Runs on any Python from 3.9 with the standard library alone, so it uses no newer syntax.
An environment is made anew only when one of its lock files has changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
UV = LOCAL / "uv" / "bin" / "uv"
LAYERS = tuple(
    f"layers/{name}/requirements.txt" for name in ("runtime", "clinical", "identity", "push")
)
ENVIRONMENTS = {
    "venv": ("requirements/dev.txt", *LAYERS),
    "tools": ("requirements/tools.txt",),
    "scan": ("requirements/scan.txt",),
    "audit": ("requirements/audit.txt",),
    "ministack": ("requirements/ministack.txt",),
}
WHEN_ASKED = ("scan", "audit")  # by `make test` and `make audit`
NO_PYTHON = (
    "Python 3.13 is neither on PATH nor among pyenv's, and could not be fetched. "
    "Install it (for example: pyenv install 3.13) and try again."
)
NO_NETWORK = "Is the network there? Everything comes from the Python package index."


def main(names: list[str]) -> None:
    LOCAL.mkdir(exist_ok=True)
    wanted = names or [name for name in ENVIRONMENTS if name not in WHEN_ASKED]
    stale = [name for name in wanted if not is_current(name)]
    if not stale and UV.exists():
        return
    python = python_313()
    install_uv(python)
    python = python or fetched_python()
    for name in stale:
        install(name, python)


def is_current(name: str) -> bool:
    stamp = LOCAL / name / "lock.sha256"
    return stamp.exists() and stamp.read_text() == digest(name)


def digest(name: str) -> str:
    """The lock files, and the path: a virtual environment does not survive a move."""
    content = [(ROOT / path).read_bytes() for path in ENVIRONMENTS[name]]
    return hashlib.sha256(b"\0".join([str(ROOT).encode(), *content])).hexdigest()


def python_313() -> str | None:
    """A Python 3.13 of this machine that really starts (a pyenv shim may not)."""
    pyenv = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions"
    installed = sorted(pyenv.glob("3.13*/bin/python3.13"), reverse=True)
    candidates = [sys.executable, shutil.which("python3.13"), *map(str, installed)]
    return next((path for path in candidates if path and is_313(path)), None)


def is_313(python: str) -> bool:
    asked = "import sys; print(sys.version_info[:2] == (3, 13))"
    try:
        answer = subprocess.run([python, "-c", asked], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.stdout.strip() == "True"


def install_uv(python: str | None) -> None:
    stamp = LOCAL / "uv" / "lock.sha256"
    lock = ROOT / "requirements" / "uv.txt"
    expected = hashlib.sha256(str(ROOT).encode() + lock.read_bytes()).hexdigest()
    if UV.exists() and stamp.exists() and stamp.read_text() == expected:
        return
    started = announce("uv")
    shutil.rmtree(LOCAL / "uv", ignore_errors=True)
    if not any(pip_installs_uv(each, lock) for each in (python, sys.executable) if each):
        stop("uv could not be installed. " + NO_NETWORK)
    stamp.write_text(expected)
    done(started)


def pip_installs_uv(python: str, lock: Path) -> bool:
    """In a virtual environment, or beside one where Debian's python3 lacks venv or ensurepip."""
    target = LOCAL / "uv"
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    if quiet([python, "-m", "venv", str(target)]):
        return quiet([str(target / "bin" / "python"), *pip, "-r", str(lock)])
    shutil.rmtree(target, ignore_errors=True)
    if not quiet([python, "-m", "pip", "--version"]):
        stop(python + " has neither venv nor pip. On Debian: apt-get install python3-venv")
    return quiet([python, *pip, "--target", str(target), "-r", str(lock)])


def quiet(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=600).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def fetched_python() -> str:
    started = announce("Python 3.13")
    environment = dict(os.environ, UV_PYTHON_INSTALL_DIR=str(LOCAL / "python"))
    command = [str(UV), "python", "install", "--quiet", "--no-bin", "3.13"]
    fetched = subprocess.run(command, capture_output=True, env=environment)
    found = sorted((LOCAL / "python").glob("*/bin/python3.13"))
    if fetched.returncode or not found:
        stop(NO_PYTHON)
    done(started)
    return str(found[-1])


def install(name: str, python: str) -> None:
    started = announce(".local/" + name)
    target = LOCAL / name
    shutil.rmtree(target, ignore_errors=True)
    uv([str(UV), "venv", "--quiet", "--no-project", "--python", python, str(target)])
    locks = [str(ROOT / path) for path in ENVIRONMENTS[name]]
    interpreter = str(target / "bin" / "python")
    uv([str(UV), "pip", "sync", "--quiet", "--require-hashes", "--python", interpreter, *locks])
    (target / "lock.sha256").write_text(digest(name))
    done(started)


def uv(command: list[str]) -> None:
    ran = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if ran.returncode:
        stop(ran.stderr.strip() + "\nThe packages could not be installed. " + NO_NETWORK)


def announce(what: str) -> float:
    print("Installing " + what + " ... ", end="", flush=True)
    return time.monotonic()


def done(started: float) -> None:
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def stop(sentence: str) -> NoReturn:
    sys.exit("\n" + sentence)


if __name__ == "__main__":
    main(sys.argv[1:])
