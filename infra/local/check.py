"""`make test`: style, types, templates, security, then every test. `--lint`: without the tests."""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from infra.local.place import ROOT

PYTHON = sys.executable
CODE = ["functions", "infra", "layers/portal/portal", "tests"]
INFRA = (*sorted(ROOT.glob("infra/*.yaml")), *sorted(ROOT.glob("infra/*/template.yaml")))
TEMPLATES = ["template.yaml", *map(str, INFRA)]
JOURNEYS = "tests/journeys"
SUITES = [  # the journeys share one stack and one browser
    ["--numprocesses", "auto", "--maxprocesses", "4", "--dist", "worksteal", "--ignore", JOURNEYS],
    [JOURNEYS],
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Check:
    name: str
    command: list[str]


@dataclass(frozen=True)
class Outcome:
    check: Check
    is_good: bool
    said: str
    seconds: float


def main(arguments: list[str]) -> int:
    install("scan")
    failed = [outcome.check.name for outcome in outcomes(checks()) if not outcome.is_good]
    if "--lint" not in arguments:
        find_programs()
        failed += [f"pytest {' '.join(each)}" for each in SUITES if tested(each)]
    if failed:
        print(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


def checks() -> list[Check]:
    stacks = [each for each in TEMPLATES if "checkov" not in each]
    sam = [str(ROOT / ".local/tools/bin/python"), "-m", "samcli", "validate", "--lint"]
    scan = [str(ROOT / ".local/scan/bin/python"), "-m", "checkov.main", "-f", *stacks]
    return [
        Check("checkov", [*scan, "--config-file", "infra/checkov.yaml"]),
        Check("sam validate", [*sam, "-t", "template.yaml", "--region", "us-east-1"]),
        Check("cfn-lint", [str(ROOT / ".local/tools/bin/cfn-lint"), *stacks]),
        Check("mypy", [PYTHON, "-m", "mypy", *CODE]),
        Check("ruff check", [PYTHON, "-m", "ruff", "check", "--quiet"]),
        Check("ruff format", [PYTHON, "-m", "ruff", "format", "--check", "--quiet"]),
    ]


def outcomes(wanted: list[Check]) -> list[Outcome]:
    """Three at a time: some of them mostly wait for a network that may not be there."""
    with ThreadPoolExecutor(max_workers=3) as pool:
        return list(pool.map(run, wanted))


def run(check: Check) -> Outcome:
    started = time.monotonic()
    ran = subprocess.run(
        check.command,
        cwd=ROOT,
        env=os.environ | OFFLINE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    outcome = Outcome(check, ran.returncode == 0, ran.stdout, time.monotonic() - started)
    print(report(outcome), flush=True)
    return outcome


OFFLINE = {  # neither asks AWS: `sam validate` would look for credentials and wait for them
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "1",
    "SAM_CLI_TELEMETRY": "0",
}


def report(outcome: Outcome) -> str:
    line = f"{outcome.check.name:<13} {outcome.seconds:5.1f} s  "
    return line + "ok" if outcome.is_good else f"{line}FAILED\n{outcome.said.rstrip()}\n"


def tested(suite: list[str]) -> int:
    return subprocess.run([PYTHON, "-m", "pytest", *suite], cwd=ROOT).returncode


def install(environment: str) -> None:
    bootstrap = ROOT / "infra" / "local" / "bootstrap.py"
    subprocess.run([PYTHON, str(bootstrap), environment], check=True)


def find_programs() -> None:
    """The journeys need Chromium and curl; Debian's are installed where we may."""
    wanted = {"chromium": BROWSERS, "curl": ("curl",)}
    missing = [name for name, known in wanted.items() if not any(map(shutil.which, known))]
    if not missing:
        return
    names = " ".join(missing)
    if os.geteuid() or not shutil.which("apt-get"):
        sys.exit(f"The tests need more programs. On Debian: apt-get install {names}")
    print(f"Installing {names} ...", flush=True)
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *missing]):
        ran = subprocess.run(["apt-get", "-qq", *command], capture_output=True, text=True)
        if ran.returncode:
            sys.exit(f"{names} could not be installed:\n{ran.stderr[-1000:]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
