"""What one ordinary result asks of AWS, counted: the product's own handlers and state machine run
in memory, from the queue to the mailbox.

An ordinary result is a comprehensive metabolic panel (14 values) of a patient with an e-mail
address who has had results before. A process is warm (it knows the senders' settings and the
portal's own key, which it keeps for minutes) and meets each message for the first time: of six
steps in six processes none knows what another has read.
"""

import contextlib
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

from tests.bench.metering import BUCKET, Meter, Used, stored_bytes

type Task = Callable[[dict[str, Any], Any], Any]

VALUES = 14
WARM_UP, MEASURED = 3, 48
OBX = "NM|{code}-{n}^Analyte {n}^LN||{value}.{n}|mg/dL^^UCUM|70-99|N|||F|||20261101080000-0500"


@dataclass(frozen=True)
class Invocation:
    """One call of a function: its own CPU, and what it asked of others."""

    function: str
    step: str
    cpu_seconds: float  # without what stands in for AWS, and without botocore
    log_bytes: int
    used: tuple[Used, ...]


@dataclass(frozen=True)
class Ordinary:
    invocations: tuple[Invocation, ...]  # of the last message
    cpu_seconds: dict[str, float]  # by step, the mean of all
    row_bytes: dict[str, float]  # by table
    object_bytes: float

    @property
    def used(self) -> list[Used]:
        return [used for each in self.invocations for used in each.used]


def ordinary(messages: int = MEASURED) -> Ordinary:
    """Counted on a fresh memory; the same each time, but for the CPU."""
    from tests.memory_aws import clinic
    from tests.memory_aws.door import memory_aws

    load_models()
    with memory_aws() as memory:
        meter, found = Meter(memory), list[Invocation]()
        memory.plan = meter.plan

        def invoked(function: str, event: dict[str, Any]) -> Any:
            forget_message()
            answer, invocation = measured(meter, function, clinic.handler_of(function), event)
            found.append(invocation)
            return answer

        with mock.patch.object(clinic, "invoked", invoked):
            sent = results()
            for _ in range(WARM_UP):
                run(memory, next(sent))
            found.clear()
            stored = stored_bytes(memory)
            for _ in range(messages):
                run(memory, next(sent))
        after = stored_bytes(memory)
    grown = {name: (after[name] - stored[name]) / messages for name in after}
    last = tuple(found[-(len(found) // messages) :])
    return Ordinary(last, means(found), grown, grown.pop(BUCKET))


def load_models() -> None:
    """What a process imports once, when it checks its first message with fhir.resources."""
    from portal import fhir

    fhir.validate_with_models({"resourceType": "Observation", "status": "final", "code": {}})
    fhir.validate_with_models({"resourceType": "DiagnosticReport", "status": "final", "code": {}})


def requests(invocation: Invocation) -> list[str]:
    """The operations called: the rows of a transaction are metered apart, and sent together."""
    found = [each.operation for each in invocation.used]
    together = "TransactWriteItems"
    alone = [each for each in found if each != together]
    return [*alone, together] if together in found else alone


def run(memory: Any, raw: bytes) -> None:
    from tests.memory_aws import clinic

    clinic.deliver(memory, raw)
    ended = clinic.run_workflows(memory)
    assert ended == ["Released"], ended


def results(patient: Any = None) -> Iterator[bytes]:
    from tests.builders import a_message, a_patient

    patient = patient or a_patient()
    number = 0
    while True:
        number += 1
        lines = [OBX.format(code=2345, n=n, value=70 + number) for n in range(VALUES)]
        yield a_message(patient, *lines)


def forget_message() -> None:
    """What a process knows of one message and one patient; the rest it keeps for minutes."""
    from portal import keys, objects

    objects.forget()
    for owner in set(keys._cached) - {keys.PORTAL}:
        del keys._cached[owner]


def measured(
    meter: Meter, function: str, handler: Task, event: dict[str, Any]
) -> tuple[Any, Invocation]:
    meter.used.clear()
    meter.emulated_seconds, logged = 0.0, io.StringIO()
    started = time.process_time()
    with contextlib.redirect_stdout(logged):
        answer = handler(event, None)
    spent = time.process_time() - started - meter.emulated_seconds
    step = event.get("step", "receive")
    size = len(logged.getvalue().encode())
    return answer, Invocation(function, step, spent, size, tuple(meter.used))


def means(found: list[Invocation]) -> dict[str, float]:
    steps = dict.fromkeys(each.step for each in found)
    times = {step: [each.cpu_seconds for each in found if each.step == step] for step in steps}
    return {step: sum(some) / len(some) for step, some in times.items()}
