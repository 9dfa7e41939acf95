"""S3 with conditional writes; buckets come to be when something is put into them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from botocore.response import StreamingBody
from tests.memory_aws.refusals import Answer, Refused

KEPT_AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Kept:
    body: bytes
    metadata: dict[str, str]
    content_type: str

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'

    @property
    def facts(self) -> Answer:
        return {
            "ContentLength": len(self.body),
            "ContentType": self.content_type,
            "ETag": self.etag,
            "LastModified": KEPT_AT,
            "Metadata": dict(self.metadata),
        }


class S3:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Kept] = {}

    def snapshot(self) -> dict[str, tuple[bytes, dict[str, str]]]:
        names = sorted(self.kept)
        return {
            f"{bucket}/{key}": (found.body, dict(found.metadata))
            for bucket, key in names
            for found in [self.kept[bucket, key]]
        }

    def put_object(self, request: Answer) -> Answer:
        place = request["Bucket"], request["Key"]
        _check(self.kept.get(place), request)
        body = request.get("Body", b"")
        content = body.read() if hasattr(body, "read") else bytes(body)
        kind = request.get("ContentType", "binary/octet-stream")
        self.kept[place] = Kept(content, dict(request.get("Metadata", {})), kind)
        return {"ETag": self.kept[place].etag}

    def get_object(self, request: Answer) -> Answer:
        found = self._found(request, "NoSuchKey")
        body = StreamingBody(BytesIO(found.body), len(found.body))
        return {"Body": body} | found.facts

    def head_object(self, request: Answer) -> Answer:
        return self._found(request, "404").facts

    def delete_object(self, request: Answer) -> Answer:
        self.kept.pop((request["Bucket"], request["Key"]), None)
        return {}

    def list_objects_v2(self, request: Answer) -> Answer:
        start = request.get("ContinuationToken") or request.get("StartAfter", "")
        names = [key for key in self._keys(request["Bucket"], request) if key > start]
        page = names[: request.get("MaxKeys", 1000)]
        answer: Answer = {"KeyCount": len(page), "IsTruncated": len(page) < len(names)}
        if page:
            answer["Contents"] = [self._listed(request["Bucket"], key) for key in page]
        if answer["IsTruncated"]:
            answer["NextContinuationToken"] = page[-1]
        return answer

    def _listed(self, bucket: str, key: str) -> Answer:
        found = self.kept[bucket, key]
        return {"Key": key, "Size": len(found.body), "ETag": found.etag, "LastModified": KEPT_AT}

    def _keys(self, bucket: str, request: Answer) -> Iterable[str]:
        prefix = request.get("Prefix", "")
        return sorted(k for where, k in self.kept if where == bucket and k.startswith(prefix))

    def _found(self, request: Answer, code: str) -> Kept:
        found = self.kept.get((request["Bucket"], request["Key"]))
        if found is None:
            raise Refused(code, "The specified key does not exist.", 404)
        return found


def _check(there: Kept | None, request: Answer) -> None:
    if request.get("IfNoneMatch") == "*" and there is not None:
        raise Refused("PreconditionFailed", status=412)
    wanted = request.get("IfMatch")
    if wanted is not None and there is None:
        raise Refused("NoSuchKey", "The specified key does not exist.", 404)
    if wanted is not None and there is not None and wanted.strip('"') != there.etag.strip('"'):
        raise Refused("PreconditionFailed", status=412)
