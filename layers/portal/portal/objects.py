"""The raw bucket: each message exactly as received, documents, oversized rows.

raw/<raw id>              the bytes of a message; raw id = SHA-256 of them
sealed/<patient id>/<id>  a document or an oversized row, sealed with the patient's key
senders/<name>.toml       what is particular to a sender
"""

import hashlib
from contextlib import suppress
from functools import lru_cache

from botocore.exceptions import ClientError

from portal.aws import client
from portal.settings import settings


class AlreadyKept(Exception):
    """The object is there, and stays as it was."""


def raw_id(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def keep_raw(body: bytes, charset: str = "") -> str:
    """Stores once; the same bytes again change nothing. Returns the raw id."""
    name = raw_id(body)
    with suppress(AlreadyKept):
        put(f"raw/{name}", body, {"charset": charset} if charset else {}, IfNoneMatch="*")
    return name


@lru_cache(maxsize=2)
def raw(name: str) -> tuple[bytes, str | None]:
    """The bytes as received, and the charset HTTP named for them. They never change, and every
    step of a message asks for them."""
    answer = client("s3").get_object(Bucket=settings().raw_bucket, Key=f"raw/{name}")
    return answer["Body"].read(), answer["Metadata"].get("charset")


def put(key: str, body: bytes, metadata: dict[str, str] | None = None, **condition: str) -> None:
    """Raises AlreadyKept when `IfNoneMatch` finds an object there."""
    try:
        client("s3").put_object(
            Bucket=settings().raw_bucket, Key=key, Body=body, Metadata=metadata or {}, **condition
        )
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 412:
            raise AlreadyKept from None
        raise


def get(key: str) -> bytes:
    answer = client("s3").get_object(Bucket=settings().raw_bucket, Key=key)
    body: bytes = answer["Body"].read()
    return body


def names(prefix: str) -> list[str]:
    """At most a thousand, which is more than any clinic has senders."""
    answer = client("s3").list_objects_v2(Bucket=settings().raw_bucket, Prefix=prefix)
    return [found["Key"] for found in answer.get("Contents", ())]


def forget() -> None:
    raw.cache_clear()
