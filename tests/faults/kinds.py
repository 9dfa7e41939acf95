"""The ways a call to AWS can go wrong. Each is given the call, and what it would have done.

What stands "after" was done: only its answer is lost. "Repeated" is what botocore's own retries do
with a lost answer, so the caller sees the second answer of a call that was done twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from tests.memory_aws.clinic import Killed, Stopped
from tests.memory_aws.door import Call, Effect, Memory
from tests.memory_aws.refusals import Answer, Refused, cancelled

URL = "https://aws.invalid"


@dataclass(frozen=True)
class Happening:
    """One call at the moment it goes wrong. `meanwhile` lets others work in between."""

    memory: Memory
    call: Call
    effect: Effect
    meanwhile: Callable[[], None]


type Kind = Callable[[Happening], Answer]
OUTAGES = {"dynamodb": "InternalServerError", "s3": "InternalError", "kms": "KMSInternalException"}
THROTTLES = {
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "s3": ("SlowDown", 503),
    "kms": ("ThrottlingException", 400),
    "sqs": ("RequestThrottled", 403),
    "stepfunctions": ("ThrottlingException", 400),
    "sesv2": ("TooManyRequestsException", 429),
    "sns": ("Throttling", 400),
}


def refused(now: Happening) -> Answer:
    raise Refused(OUTAGES.get(now.call.service, "InternalFailure"), status=500)


def unreachable(_now: Happening) -> Answer:
    raise EndpointConnectionError(endpoint_url=URL)


def not_connected(_now: Happening) -> Answer:
    raise ConnectTimeoutError(endpoint_url=URL)


def throttled(now: Happening) -> Answer:
    if now.call.operation == "TransactWriteItems":
        raise cancelled(_reasons(now.call, "ThrottlingError"))
    code, status = THROTTLES[now.call.service]
    raise Refused(code, status=status)


def conflicting(now: Happening) -> Answer:
    """Another transaction holds the item; for what knows no transactions, a throttle."""
    if now.call.operation == "TransactWriteItems":
        raise cancelled(_reasons(now.call, "TransactionConflict"))
    if now.call.operation in {"PutItem", "UpdateItem", "DeleteItem"}:
        raise Refused("TransactionConflictException")
    return throttled(now)


def _reasons(call: Call, code: str) -> list[Answer]:
    rest = [{"Code": "None"} for _ in call.request["TransactItems"][1:]]
    return [*rest, {"Code": code, "Message": code}]


def unanswered(now: Happening) -> Answer:
    now.effect()
    raise ReadTimeoutError(endpoint_url=URL)


def repeated(now: Happening) -> Answer:
    request = now.call.request
    if now.call.operation == "TransactWriteItems":  # botocore makes one, and keeps it
        request = {"ClientRequestToken": uuid4().hex} | request
    again = Call(now.call.service, now.call.operation, request)
    now.memory.effect(again)
    return now.memory.effect(again)


def killed_before(_now: Happening) -> Answer:
    raise Killed


def killed_after(now: Happening) -> Answer:
    now.effect()
    raise Killed


def stopped_before(_now: Happening) -> Answer:
    raise Stopped


def stopped_after(now: Happening) -> Answer:
    now.effect()
    raise Stopped


def overtaken_before(now: Happening) -> Answer:
    """The process stood still; the others took all there was, and only now it goes on."""
    now.meanwhile()
    return now.effect()


def overtaken_after(now: Happening) -> Answer:
    answer = now.effect()
    now.meanwhile()
    return answer


KINDS: dict[str, Kind] = {
    kind.__name__.replace("_", "-"): kind
    for kind in (
        refused, unanswered, killed_after, throttled, overtaken_before, repeated, killed_before,
        conflicting, stopped_after, overtaken_after, unreachable, stopped_before, not_connected,
    )
}  # fmt: skip
AFTER = {"unanswered", "repeated", "killed-after", "stopped-after", "overtaken-after"}
STOPS = {"stopped-before", "stopped-after"}
STALLS = {"overtaken-before", "overtaken-after"}


def vanished(_now: Happening) -> Answer:
    """Of StartExecution only: an EXPRESS execution that was taken and never heard of again."""
    return {"executionArn": "arn:aws:states:us-east-1:000000000000:execution:vanished"}


SPECIAL: dict[str, Kind] = {"vanished": vanished}
