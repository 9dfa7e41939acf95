"""The whole ingestion in one process: the queue's poller, Step Functions and the minute's clock.

What runs is the product: its handlers, found in template.yaml, and its state machines' definitions.
"""

import base64
import importlib
import json
from functools import cache
from typing import Any

import yaml
from tests.architecture.sources import ROOT
from tests.architecture.template import functions, of_type
from tests.memory_aws import state_machine
from tests.memory_aws.door import Memory, forget
from tests.memory_aws.outside import Execution
from tests.memory_aws.queues import Waiting
from tests.memory_aws.state_machine import Failed, Task

from portal.moments import instant
from portal.settings import settings

LAB_MESSAGES, UNREAD = "LabMessages", "LabMessagesDeadLetters"
MAX_RECEIVES = 5  # RedrivePolicy of LabMessages
ROUND_SECONDS = 180  # past every deadline and lease
MAX_ROUNDS = 30
LEFT_ALONE = {"quarantine", "sequence"}  # kinds of due work that no sweep ends


class Killed(BaseException):
    """The process of a function died: nothing of the product runs any more, no `except` either."""


class FunctionDied(Exception):
    """What Step Functions is told of a process that died (Lambda.Unknown, Runtime.ExitError)."""


class Stopped(Killed):
    """The whole execution of the workflow died: Step Functions does not try its state again."""


class NotSettled(AssertionError):
    """Work is still waiting after more rounds than any schedule needs."""


@cache
def handler_of(function: str) -> Task:
    module, _, name = functions()[function]["Properties"]["Handler"].rpartition(".")
    found: Task = getattr(importlib.import_module(module), name)
    return found


def send(memory: Memory, raw: bytes) -> None:
    """An EHR's push to the queue. Bytes that are no text go in base64."""
    url = settings().lab_queue_url
    try:
        memory.sqs.send_message({"QueueUrl": url, "MessageBody": raw.decode()})
    except UnicodeDecodeError:
        body, kind = base64.b64encode(raw).decode(), {"DataType": "String", "StringValue": "base64"}
        request = {"QueueUrl": url, "MessageBody": body, "MessageAttributes": {"encoding": kind}}
        memory.sqs.send_message(request)


def deliver(memory: Memory, raw: bytes) -> None:
    """Sent and taken from the queue: its workflow waits to be run."""
    send(memory, raw)
    take(memory)


def take(memory: Memory, batch_size: int = 10) -> int:
    """One batch to the receiver, as Lambda's poller hands it over. Returns how many it held."""
    waiting = memory.queue(LAB_MESSAGES)
    batch = waiting[:batch_size]
    for message in batch:
        message.receives += 1
    failed = _refused(batch) if batch else set()
    for message in batch:
        if message.message_id not in failed:
            waiting.remove(message)
        elif message.receives >= MAX_RECEIVES:
            waiting.remove(message)
            memory.queue(UNREAD).append(message)
    return len(batch)


def _refused(batch: list[Waiting]) -> set[str]:
    """Ids of the messages that stay on the queue."""
    event = {"Records": [record(message) for message in batch]}
    everything = {message.message_id for message in batch}
    try:
        answer = invoked("LabReleaseReceiveFunction", event)
    except (Killed, Exception):
        return everything
    return {each["itemIdentifier"] for each in answer["batchItemFailures"]}


def record(message: Waiting) -> dict[str, Any]:
    attributes = {
        name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
        for name, value in message.attributes.items()
    }
    return {
        "messageId": message.message_id,
        "body": message.body,
        "messageAttributes": attributes,
        "eventSource": "aws:sqs",
        "attributes": {"ApproximateReceiveCount": str(message.receives)},
    }


def invoked(function: str, event: dict[str, Any]) -> Any:
    """Each time in a process of its own: nothing is remembered from the time before."""
    forget()
    return handler_of(function)(event, None)


def run_workflows(memory: Memory) -> list[str]:
    """Runs every execution that was asked for, also those asked for meanwhile. Returns where each
    ended: a state's name, "failed" or "stopped"."""
    ended = []
    while memory.stepfunctions.started:
        ended.append(run_workflow(memory.stepfunctions.started.pop(0)))
    return ended


def run_workflow(execution: Execution) -> str:
    try:
        return state_machine.run(definition(), tasks(), json.loads(execution.input)).state
    except Failed:
        return "failed"
    except Stopped:
        return "stopped"


@cache
def machine() -> dict[str, Any]:
    (found,) = of_type("AWS::Serverless::StateMachine").values()
    properties: dict[str, Any] = found["Properties"]
    return properties


@cache
def definition() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / machine()["DefinitionUri"]).read_text())
    return read


@cache
def tasks() -> dict[str, Task]:
    """Resource -> the handler that the template names for it."""
    return {
        f"${{{name}}}": _task(_function_named(value))
        for name, value in machine()["DefinitionSubstitutions"].items()
    }


def _function_named(reference: dict[str, str]) -> str:
    return next(iter(reference.values())).partition(".")[0]


def _task(function: str) -> Task:
    def invoke(event: Any, _context: Any) -> Any:
        try:
            return invoked(function, event)
        except Stopped:
            raise
        except Killed:
            raise FunctionDied from None

    return invoke


def sweep(memory: Memory) -> None:  # noqa: ARG001
    """The schedule's minute. An error or a death is left to the next one."""
    try:
        invoked("UpkeepFunction", {})
    except (Killed, Exception):
        return


def settle(memory: Memory) -> None:
    """Until nothing is queued, running or owed. Raises NotSettled."""
    for _ in range(MAX_ROUNDS):
        while take(memory) or run_workflows(memory):
            pass
        memory.clock.advance(seconds=ROUND_SECONDS)
        if not overdue(memory):
            return
        sweep(memory)
    raise NotSettled(f"{overdue(memory)} rows are still due")


def overdue(memory: Memory) -> int:
    """Rows of the index of due work whose deadline has passed, and that sweeps end."""
    deadline = instant(memory.clock.moment)
    rows = memory.dynamodb.tables[settings().care_table].items
    due = (row for row in rows if "kind" in row and row["kind"]["S"] not in LEFT_ALONE)
    return sum(row.get("due_at", {"S": "~"})["S"] < deadline for row in due)
