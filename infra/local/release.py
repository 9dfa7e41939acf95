"""`make deploy ENV=staging`: builds for AWS and deploys as that part of samconfig.toml says."""

import os
import subprocess
import sys
import tomllib

from infra.local.deploy import SAM
from infra.local.place import ROOT


def main(environment: str) -> int:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    known = [name for name in config if name not in ("version", "default", "local")]
    if environment not in known:
        sys.exit(f"Say where to: make deploy ENV=... (one of {', '.join(known)})")
    pairs = config[environment]["deploy"]["parameters"]["parameter_overrides"]
    architecture = dict(pair.split("=", 1) for pair in pairs)["Architecture"]
    surroundings = os.environ | {"PORTAL_ARCH": architecture}
    for verb in ("build", "deploy"):
        command = [*SAM, verb, "--config-env", environment]
        if subprocess.run(command, cwd=ROOT, env=surroundings).returncode:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
