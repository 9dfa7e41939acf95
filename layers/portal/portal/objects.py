"""The raw bucket: each message exactly as received, documents, oversized rows.

raw/<raw id>              the bytes of a message; the id is their SHA-256, held against them
                          whenever they are read
sealed/<patient id>/<id>  a document or an oversized row, sealed with the patient's key
senders/<name>.toml       what is particular to a sender
"""

import hashlib
from contextlib import suppress
from functools import lru_cache
from urllib.parse import quote, unquote

from botocore.exceptions import ClientError

from portal.aws import client
from portal.settings import settings


class AlreadyKept(Exception):
    """The object is there, and stays as it was."""


class Altered(Exception):
    """A message is not what was received (45 CFR 164.312(c)). Nothing is read from it."""


def raw_id(body: bytes, sender: str = "") -> str:
    """With a sender, the same bytes of two are two messages: their ids mean something within it
    only."""
    return hashlib.sha256((f"{sender}\n".encode() if sender else b"") + body).hexdigest()


def keep_raw(body: bytes, charset: str = "", sender: str = "") -> str:
    """Stores once; the same bytes again change nothing. Returns the raw id."""
    name = raw_id(body, sender)
    facts = {"charset": charset, "sender": quote(sender)}
    with suppress(AlreadyKept):
        put(f"raw/{name}", body, {k: v for k, v in facts.items() if v}, IfNoneMatch="*")
    return name


@lru_cache(maxsize=2)
def raw(name: str) -> tuple[bytes, str | None]:
    """The bytes as received, and the charset HTTP named for them. They never change, and every
    step of a message asks for them. Raises Altered."""
    answer = client("s3").get_object(Bucket=settings().raw_bucket, Key=f"raw/{name}")
    body, facts = answer["Body"].read(), answer["Metadata"]
    if raw_id(body, unquote(facts.get("sender", ""))) != name:
        raise Altered(f"raw/{name} is not what was received")
    return body, facts.get("charset")


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
