"""The key pair by which push services know us (RFC 8292): SSM parameters that
`python -m infra.push_keys` makes. Without them nothing is offered and nothing sent.
"""

from functools import cache

from botocore.exceptions import ClientError

from portal.aws import client
from portal.settings import settings

PUBLIC, PRIVATE = "public-key", "private-key"  # base64url: an uncompressed point; 32 bytes
MISSING = "ParameterNotFound"


def public_key() -> str:
    """ "" where push is not set up."""
    return _parameter(PUBLIC)


def private_key() -> str:
    """For the sender alone: no other function may read it."""
    return _parameter(PRIVATE)


@cache
def _parameter(name: str) -> str:
    if not settings().push_parameters:
        return ""
    full = f"{settings().push_parameters}/{name}"
    try:
        found = client("ssm").get_parameter(Name=full, WithDecryption=True)
    except ClientError as error:
        if error.response["Error"]["Code"] != MISSING:
            raise
        return ""
    return str(found["Parameter"]["Value"])
