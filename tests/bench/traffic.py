"""Results pushed into the running stack, and the ledger that says when each was done."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import batched
from typing import Any
from urllib.parse import urlsplit

from infra.local.clinic.messages import fresh
from infra.local.clinic.people import patients
from infra.local.progress import CannotRun
from infra.local.pushed import as_text
from infra.local.stack import Stack
from tests.bench import crowd
from tests.bench.schedule import Followed

AT_ONCE = 10  # SendMessageBatch
ASKED_AT_ONCE = 100  # BatchGetItem


def check_is_here(stack: Stack) -> None:
    if urlsplit(stack.endpoint_url).hostname not in ("127.0.0.1", "localhost"):
        raise CannotRun("This load is for the local stack alone.")


def message(number: int) -> bytes:
    """A new result for one of the crowd after another."""
    person = crowd.member(number)
    known = patients()[number % len(patients())]
    raw = fresh(datetime.now(UTC), mrn=known.mrn, panel="bmp")
    return raw.replace(known.mrn.encode(), person.mrn.encode())


def send(sqs: Any, queue_url: str, raws: Sequence[bytes]) -> None:
    entries = [{"Id": str(n), "MessageBody": as_text(raw)} for n, raw in enumerate(raws)]
    if sqs.send_message_batch(QueueUrl=queue_url, Entries=entries).get("Failed"):
        raise CannotRun("The queue did not take a message.")


class Ledger:
    """The arrivals, asked in hundreds."""

    def __init__(self, stack: Stack) -> None:
        self.dynamodb, self.table = stack.client("dynamodb"), stack.outputs["CareTable"]

    def look(self, found: Followed) -> None:
        for some in batched(found.open, ASKED_AT_ONCE, strict=False):
            found.ended_at |= dict(self._ended(some))

    def _ended(self, raw_ids: Sequence[str]) -> Iterator[tuple[str, float]]:
        """With the time that the last step noted, just after the card was there."""
        keys = [{"pk": {"S": f"arrival#{each}"}, "sk": {"S": "arrival"}} for each in raw_ids]
        wanted = {"Keys": keys, "ProjectionExpression": "pk, steps"}
        answer = self.dynamodb.batch_get_item(RequestItems={self.table: wanted})
        for row in answer["Responses"].get(self.table, ()):
            steps = row.get("steps", {}).get("M", {})
            if "notify" in steps:
                ended_at = datetime.fromisoformat(steps["notify"]["S"]).timestamp()
                yield row["pk"]["S"].removeprefix("arrival#"), ended_at
