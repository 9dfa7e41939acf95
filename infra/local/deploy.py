"""`sam build` and `sam deploy` of template.yaml to the local AWS, when anything has changed."""

import hashlib
import platform
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from infra.local.place import REGION, ROOT, Place, aws_environment
from infra.local.progress import CannotRun, step

STACK = "portal"
INPUTS = "/portal/local/inputs"  # kept with the data: the digest of what is deployed
BUCKET = "portal-artifacts"
SAM = [str(ROOT / ".local" / "tools" / "bin" / "python"), "-m", "samcli"]
SOURCES = ("functions", "layers", "statemachines", "templates", "infra")
SOURCE_FILES = ("template.yaml", "samconfig.toml", "infra/local/emulator.py")
NOT_BUILT = ("infra/local/",)


def deployed(place: Place) -> dict[str, str]:
    """The stack's outputs, after deploying whatever is not deployed yet."""
    inputs = digest(place)
    if deployed_inputs(place) != inputs:
        build(place)
        deploy(place)
        client(place.endpoint_url, "ssm").put_parameter(
            Name=INPUTS, Value=inputs, Type="String", Overwrite=True
        )
    return outputs(place)


def client(endpoint_url: str, service: str) -> Any:
    session: Any = boto3.session.Session()
    return session.client(
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        config=Config(retries={"max_attempts": 3}, s3={"addressing_style": "path"}),
    )


def digest(place: Place) -> str:
    """Of every file and parameter that decides what is deployed."""
    found = hashlib.sha256(repr(parameters(place)).encode())
    for path in sources():
        found.update(str(path.relative_to(ROOT)).encode() + b"\0")
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def sources() -> Iterator[Path]:
    yield from (ROOT / name for name in SOURCE_FILES)
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.is_file() and "__pycache__" not in name and not name.startswith(NOT_BUILT):
                yield path


def parameters(place: Place) -> dict[str, str]:
    """Those of samconfig.toml's [local], for this stack's port and this machine."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    pairs = config["local"]["deploy"]["parameters"]["parameter_overrides"]
    own = {"PortalUrl": place.portal_url, "Architecture": architecture()}
    return dict(pair.replace('"', "").split("=", 1) for pair in pairs) | own


def overrides(place: Place) -> list[str]:
    """Quoted: the SAM CLI splits a value at its spaces."""
    return [f'{key}="{value}"' for key, value in parameters(place).items()]


def architecture() -> str:
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def deployed_inputs(place: Place) -> str:
    ssm = client(place.endpoint_url, "ssm")
    try:
        return str(ssm.get_parameter(Name=INPUTS)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        return ""


def outputs(place: Place) -> dict[str, str]:
    stack = client(place.endpoint_url, "cloudformation").describe_stacks(StackName=STACK)["Stacks"][
        0
    ]
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def build(place: Place) -> None:
    with step("Building the functions (sam build)"):
        sam(place, "build", "--parallel", "--build-dir", str(place.state / "build"),
            "--parameter-overrides", *overrides(place))  # fmt: skip


def deploy(place: Place) -> None:
    client(place.endpoint_url, "s3").create_bucket(Bucket=BUCKET)
    with step("Deploying template.yaml (sam deploy)"):
        sam(place, "deploy", "--template-file", str(place.state / "build" / "template.yaml"),
            "--stack-name", STACK, "--s3-bucket", BUCKET, "--region", REGION,
            "--capabilities", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND",
            "--no-confirm-changeset", "--no-fail-on-empty-changeset",
            "--parameter-overrides", *overrides(place))  # fmt: skip


def sam(place: Place, *arguments: str) -> None:
    log = place.state / f"sam-{arguments[0]}.log"
    ran = subprocess.run(
        [*SAM, *arguments],
        cwd=ROOT,
        env=aws_environment(place),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    log.write_text(ran.stdout + ran.stderr)
    if ran.returncode:
        why = failures(place) or tail(ran.stdout + ran.stderr)
        raise CannotRun(f"sam {arguments[0]} failed:\n{why}\nAll it said: {log}, {place.log}")


def failures(place: Place) -> str:
    """What the local CloudFormation objected to; the SAM CLI shows it in the middle of a table."""
    said = place.log.read_text(errors="replace").splitlines()
    return "\n".join(line for line in said if "[cloudformation]" in line and " ERROR " in line)


def tail(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and "Uploading to" not in line]
    return "\n".join(lines[-20:])
