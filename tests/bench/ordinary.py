"""One ordinary result in the units that AWS charges and limits: from counted calls, measured CPU,
and a few assumptions, all of which are in this module."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from tests.architecture.template import functions, template
from tests.bench import calls
from tests.bench.calls import Invocation, Ordinary

ONE_VCPU_MB = 1769  # AWS Lambda: at 1,769 MB a function has the equivalent of one vCPU
SLOWER = 1.25  # an arm64 vCPU of Lambda beside one core of the machine measured: an assumption
WAITS = {  # milliseconds until AWS has answered, within a region: assumptions, on the safe side
    "GetItem": 4.0,
    "Query": 5.0,
    "PutItem": 5.0,
    "UpdateItem": 5.0,
    "DeleteItem": 5.0,
    "TransactWriteItems": 12.0,
    "Decrypt": 6.0,
    "GetObject": 20.0,
    "PutObject": 30.0,
    "StartExecution": 25.0,
    "SendMessage": 10.0,
    "SendEmail": 60.0,
    "Publish": 60.0,
    "SendTextMessage": 60.0,
}
STATE_SECONDS = 0.02  # Step Functions between two steps: an assumption
PLATFORM_LOG_BYTES = 1_100  # start, report and metadata that Lambda writes of each call, as JSON
CALLS_TIMED = 300


@dataclass(frozen=True)
class Step:
    name: str
    function: str
    cpu_seconds: float  # of one vCPU
    wait_seconds: float
    memory_mb: int

    @property
    def seconds(self) -> float:
        return self.cpu_seconds * max(1.0, ONE_VCPU_MB / self.memory_mb) + self.wait_seconds

    @property
    def gigabyte_seconds(self) -> float:
        return self.seconds * self.memory_mb / 1024


@dataclass(frozen=True)
class Profile:
    """Of one result."""

    steps: tuple[Step, ...]
    write_units: float
    read_units: float
    kms: float
    puts: float
    gets: float
    emails: float
    log_bytes: float
    row_bytes: float
    object_bytes: float

    @property
    def gigabyte_seconds(self) -> float:
        return sum(step.gigabyte_seconds for step in self.steps)

    @property
    def received(self) -> Step:
        return self.steps[0]

    @property
    def released(self) -> tuple[Step, ...]:
        return self.steps[1:]

    @property
    def release_seconds(self) -> float:
        """In the function, without what lies between the steps."""
        return sum(step.seconds for step in self.released)

    @property
    def workflow_seconds(self) -> float:
        return self.release_seconds + STATE_SECONDS * len(self.released)

    def with_memory(self, memory_mb: int) -> "Profile":
        """Of the steps of the release."""
        changed = tuple(replace(step, memory_mb=memory_mb) for step in self.released)
        return replace(self, steps=(self.received, *changed))


def profile(found: Ordinary) -> Profile:
    per_call = botocore_seconds()
    used = Counter(f"{each.service} {each.operation}" for each in found.used)
    return Profile(
        steps=tuple(
            step(each, found.cpu_seconds[each.step], per_call) for each in found.invocations
        ),
        write_units=sum(each.writes + each.index_writes for each in found.used),
        read_units=sum(each.reads for each in found.used),
        kms=sum(count for name, count in used.items() if name.startswith("kms ")),
        puts=used["s3 PutObject"] + used["s3 ListObjectsV2"],
        gets=used["s3 GetObject"],
        emails=used["sesv2 SendEmail"],
        log_bytes=sum(each.log_bytes + PLATFORM_LOG_BYTES for each in found.invocations),
        row_bytes=sum(found.row_bytes.values()),
        object_bytes=found.object_bytes,
    )


def step(invocation: Invocation, cpu_seconds: float, per_call: float) -> Step:
    """`per_call`: of `botocore_seconds`, for each call that this one makes."""
    asked = calls.requests(invocation)
    cpu = cpu_seconds + per_call * len(asked)
    wait = sum(WAITS[operation] for operation in asked) / 1000
    memory = memory_of(invocation.function)
    return Step(invocation.step, invocation.function, SLOWER * cpu, wait, memory)


def memory_of(function: str) -> int:
    everybody = template()["Globals"]["Function"]["MemorySize"]
    return int(functions()[function]["Properties"].get("MemorySize", everybody))


def botocore_seconds() -> float:
    """CPU of one call outside our code: to sign it, and to read a row of 900 bytes."""
    from portal.aws import session
    from portal.settings import settings

    dynamodb: Any = session().create_client("dynamodb", region_name=settings().region)
    row = b'{"Item":{%s}}' % b",".join(b'"a%d":{"S":"%s"}' % (n, b"x" * 60) for n in range(12))
    dynamodb.meta.events.register("before-send.dynamodb.*", _answered(row))
    key = {"pk": {"S": "a"}, "sk": {"S": "b"}}
    dynamodb.get_item(TableName="care", Key=key)
    started = time.process_time()
    for _ in range(CALLS_TIMED):
        dynamodb.get_item(TableName="care", Key=key)
    return (time.process_time() - started) / CALLS_TIMED


def _answered(body: bytes) -> Callable[..., Any]:
    from botocore.awsrequest import AWSResponse, HTTPHeaders

    class Raw(BytesIO):
        def stream(self) -> Any:
            yield self.read()

    def answer(request: Any, **_: Any) -> Any:
        headers = HTTPHeaders()
        headers["content-length"] = f"{len(body)}"
        return AWSResponse(request.url, 200, headers, Raw(body))

    return answer
