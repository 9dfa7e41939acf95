"""`make deploy ENV=staging`: builds for AWS and deploys as that part of samconfig.toml says.

Then the edge before it. The portal learns the digest of a new word before the edge sends it, and
the edge has the files of a page before the page refers to them.
"""

import os
import subprocess
import sys
import tomllib

from infra.local import edge
from infra.local.deploy import SAM
from infra.local.edge import Edge
from infra.local.place import ROOT


def main(environment: str) -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    known = [name for name in config if name not in ("version", "default", "local")]
    if environment not in known:
        sys.exit(f"Say where to: make deploy ENV=... (one of {', '.join(known)})")
    about = config[environment]["deploy"]["parameters"]
    pairs: list[str] = about["parameter_overrides"]
    architecture = dict(pair.split("=", 1) for pair in pairs)["Architecture"]
    sam(["build", "--config-env", environment], PORTAL_ARCH=architecture)
    before = edge.edge_of(environment)
    if before is None:
        deploy_portal(environment, pairs)
    else:
        deploy_both(before, about["stack_name"], about["region"], pairs)


def deploy_both(front: Edge, portal: str, region: str, pairs: list[str]) -> None:
    """Twice the portal where the word is new to it: at the first time, the edge makes it."""
    secrets = edge.client("secretsmanager", front.region)
    known = edge.words(secrets, front.word_name)
    upload(front)
    deploy_portal(front.environment, [*pairs, digests(known)])
    told = edge.outputs(edge.client("cloudformation", region), portal)
    deploy_edge(front, told["RegionalDomainName"], known[0][0] if known else "")
    if (found := edge.words(secrets, front.word_name)) != known:
        upload(front)
        deploy_portal(front.environment, [*pairs, digests(found)])


def digests(words: list[tuple[str, str]]) -> str:
    return f"EdgeDigests={','.join(digest for _, digest in words)}"


def deploy_portal(environment: str, pairs: list[str]) -> None:
    sam(["deploy", "--config-env", environment, "--parameter-overrides", *pairs])


def deploy_edge(front: Edge, origin: str, version: str) -> None:
    pairs = [*front.pairs, f"OriginDomain={origin}", f"WordVersion={version}"]
    files = ["--template-file", str(edge.FOLDER / "template.yaml")]
    files += ["--config-file", str(edge.FOLDER / "samconfig.toml")]
    sam(["deploy", *files, "--config-env", front.environment, "--parameter-overrides", *pairs])


def upload(front: Edge) -> None:
    told = edge.outputs(edge.client("cloudformation", front.region), front.stack_name)
    if "AssetsBucket" in told:
        edge.upload(edge.client("s3", front.region), told["AssetsBucket"])


def sam(arguments: list[str], **more: str) -> None:
    ran = subprocess.run([*SAM, *arguments], cwd=ROOT, env=os.environ | more)
    if ran.returncode:
        sys.exit(ran.returncode)


if __name__ == "__main__":
    main(sys.argv[1])
