"""The edge before a region's portal (infra/edge): the word it sends, and the files it serves."""

import hashlib
import tomllib
from dataclasses import dataclass
from typing import Any

import boto3
from infra.local.place import ROOT

from portal import assets

FOLDER = ROOT / "infra" / "edge"
STAGES = ("AWSCURRENT", "AWSPREVIOUS")  # of a secret that was changed, both


@dataclass(frozen=True)
class Edge:
    environment: str
    stack_name: str
    region: str
    pairs: tuple[str, ...]  # "PortalDomain=us.portal.example.org"

    @property
    def word_name(self) -> str:
        """Of the secret, as infra/edge/template.yaml names it."""
        domain = dict(pair.split("=", 1) for pair in self.pairs)["PortalDomain"]
        return f"/portal-edge/{domain}/word"


def edge_of(environment: str) -> Edge | None:
    """None where this environment has no edge."""
    config = tomllib.loads((FOLDER / "samconfig.toml").read_text())
    if environment not in config:
        return None
    about = config[environment]["deploy"]["parameters"]
    pairs = tuple(about["parameter_overrides"])
    return Edge(environment, about["stack_name"], about["region"], pairs)


def client(service: str, region: str) -> Any:
    session: Any = boto3.session.Session()
    return session.client(service, region_name=region)


def words(secrets: Any, name: str) -> list[tuple[str, str]]:
    """Version and digest of the current word, and of the one before it while both count; none
    before the first deploy."""
    found = []
    for stage in STAGES:
        try:
            kept = secrets.get_secret_value(SecretId=name, VersionStage=stage)
        except secrets.exceptions.ResourceNotFoundException:
            continue
        digest = hashlib.sha256(kept["SecretString"].encode()).hexdigest()
        found.append((str(kept["VersionId"]), digest))
    return found


def outputs(cloudformation: Any, stack_name: str) -> dict[str, str]:
    """{} for a stack that does not exist yet."""
    try:
        (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except cloudformation.exceptions.ClientError as error:
        if "does not exist" in str(error):
            return {}
        raise
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}


def upload(s3: Any, bucket: str) -> None:
    """Nothing is ever removed: pages that are open know the files of earlier releases."""
    for asset in assets.every().values():
        s3.put_object(
            Bucket=bucket,
            Key=asset.path.removeprefix("/"),
            Body=asset.body,
            ContentType=asset.content_type,
            CacheControl=assets.CACHE_CONTROL,
        )
