"""`make audit`: holds every locked package against the advisories of the Python package index.

It needs the network and its answer changes from day to day, so it is no part of `make test`: an
operator runs it by hand or every night. pip-audit asks the index (its JSON API names the known
weaknesses of each release). Ends with 1 when there are some, and with 2 when it could not ask.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.check import install
from infra.local.place import ROOT

PIP_AUDIT = [str(ROOT / ".local" / "audit" / "bin" / "python"), "-m", "pip_audit"]
OPTIONS = ["--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"]


ANOTHER = "Ask from where the index itself answers, or with PIP_AUDIT_VULNERABILITY_SERVICE=osv."


class NotAsked(Exception):
    pass


@dataclass(frozen=True)
class Weakness:
    package: str
    advisory: str
    fixed_in: str

    def __str__(self) -> str:
        return f"  {self.package}: {self.advisory}, fixed in {self.fixed_in or 'no release yet'}"


def main() -> int:
    install("audit")
    total = 0
    for lock in locks():
        name = lock.relative_to(ROOT)
        try:
            asked, weak = answered(said_of(lock))
        except NotAsked as reason:
            print(f"{name} could not be asked about:\n{reason}")
            return 2
        summary = f"{name}: {asked} packages, {len(weak)} known weaknesses"
        print(summary, *weak, sep="\n", flush=True)
        total += len(weak)
    return 1 if total else 0


def locks() -> list[Path]:
    """What is deployed, and what builds and tests it."""
    patterns = ("layers/*/requirements.txt", "requirements/*.txt")
    return [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def said_of(lock: Path) -> str:
    """pip-audit's JSON. Raises NotAsked."""
    command = [*PIP_AUDIT, *OPTIONS, "--requirement", str(lock)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if not ran.stdout.strip():
        raise NotAsked(ran.stderr.strip()[-1000:])
    return ran.stdout


def answered(said: str) -> tuple[int, list[Weakness]]:
    """How many packages, and what is known of them. Raises NotAsked when one was left out: that a
    mirror does not pass advisories on looks the same as a package without any."""
    packages = json.loads(said)["dependencies"]
    if left_out := [each["name"] for each in packages if "skip_reason" in each]:
        some = ", ".join(left_out[:5])
        raise NotAsked(f"No advisories are told of {len(left_out)} of them: {some}. {ANOTHER}")
    return len(packages), list(weaknesses(packages))


def weaknesses(packages: list[dict[str, Any]]) -> Iterable[Weakness]:
    for each in packages:
        for found in each["vulns"]:
            pin, fixed = f"{each['name']} {each['version']}", ", ".join(found["fix_versions"])
            yield Weakness(pin, found["id"], fixed)


if __name__ == "__main__":
    sys.exit(main())
