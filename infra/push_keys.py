"""`python -m infra.push_keys --stack portal`: the key pair that push services know us by.

Kept in SSM below /portal/<stack>/push/; made once. A new pair (`--again`) ends every subscription:
browsers take messages from the key they subscribed with (RFC 8292, 4.2).
"""

import argparse
import base64
import sys
from typing import Any

import boto3
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m infra.push_keys", description=__doc__)
    asked.add_argument("--stack", required=True)
    asked.add_argument("--region")
    asked.add_argument("--again", action="store_true", help="in place of the pair there is")
    options = asked.parse_args()
    ssm = boto3.client("ssm", region_name=options.region)
    made = keep(ssm, f"/portal/{options.stack}/push", again=options.again)
    said = "Made." if made else "They are there already. --again makes new ones."
    sys.stdout.write(f"{said}\n")


def keep(ssm: Any, path: str, *, again: bool = False) -> bool:
    """False when there is a pair already."""
    found = ssm.get_parameters(Names=[f"{path}/public-key"])["Parameters"]
    if found and not again:
        return False
    private, public = pair()
    values = {"private-key": (private, "SecureString"), "public-key": (public, "String")}
    for name, (value, kind) in values.items():
        ssm.put_parameter(Name=f"{path}/{name}", Value=value, Type=kind, Overwrite=True)
    return True


def pair() -> tuple[str, str]:
    """Base64url: 32 bytes, and the uncompressed point."""
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return text(key.private_numbers().private_value.to_bytes(32)), text(point)


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


if __name__ == "__main__":
    main()
