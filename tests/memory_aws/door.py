"""The single door: every call of botocore ends here instead of on the wire.

PynamoDB's connections end in botocore's client too, so `BaseClient._make_api_call` is all there is
to replace. It stands above botocore's own retries: what a caller sees here is the last word.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from threading import RLock
from typing import Any
from unittest import mock

from botocore import xform_name
from botocore.client import BaseClient
from botocore.session import Session
from botocore.validate import validate_parameters
from pynamodb.connection import base as pynamodb
from tests.clock import Clock
from tests.memory_aws.data_keys import KMS
from tests.memory_aws.dynamodb import DynamoDB
from tests.memory_aws.objects import S3
from tests.memory_aws.outside import SES, SNS, EndUserMessaging, Sent, StepFunctions
from tests.memory_aws.queues import SQS, Waiting
from tests.memory_aws.refusals import Answer, NotInMemory, Refused

from portal import moments

STARTS_AT = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Call:
    service: str  # as botocore names it: "dynamodb"
    operation: str  # "PutItem"
    request: Answer


type Effect = Callable[[], Answer]
type Plan = Callable[[Call, Effect], Answer]


def straight(_call: Call, effect: Effect) -> Answer:
    return effect()


class Memory:
    """One AWS. `plan` stands between a call and its effect; a test may put another there."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.dynamodb, self.s3, self.kms, self.sqs = DynamoDB(), S3(), KMS(), SQS()
        self.stepfunctions = StepFunctions()
        self.clock = Clock()
        self.clock.moment = STARTS_AT
        self.plan: Plan = straight
        self.calls: list[Call] = []
        self._lock = RLock()  # a function may ask from several threads
        self._services = {
            "dynamodb": self.dynamodb,
            "s3": self.s3,
            "kms": self.kms,
            "sqs": self.sqs,
            "stepfunctions": self.stepfunctions,
            "sesv2": SES(self.sent),
            "sns": SNS(self.sent),
            "pinpoint-sms-voice-v2": EndUserMessaging(self.sent),
        }

    def queue(self, url_or_name: str) -> list[Waiting]:
        return self.sqs.queue(url_or_name)

    def snapshot(self) -> dict[str, Any]:
        """A copy of all there is, in an order of its own."""
        return {
            "tables": self.dynamodb.snapshot(),
            "objects": self.s3.snapshot(),
            "data_keys": self.kms.snapshot(),
            "queues": self.sqs.snapshot(),
            "started": list(self.stepfunctions.history),
            "sent": list(self.sent),
        }

    def answer(self, call: Call) -> Answer:
        self.calls.append(call)
        return self.plan(call, lambda: self.effect(call))

    def effect(self, call: Call) -> Answer:
        service = self._services.get(call.service)
        operation = getattr(service, xform_name(call.operation), None)
        if operation is None:
            raise NotInMemory(f"{call.service} {call.operation}")
        with self._lock:
            answer: Answer = operation(call.request)
        return {"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}}} | answer


@contextmanager
def memory_aws() -> Iterator[Memory]:
    """A fresh AWS in this process, with a clock that stands still until it is moved."""
    memory = Memory()

    def answered(client: Any, operation: str, request: Answer) -> Answer:
        service = client.meta.service_model.service_name
        if service != "dynamodb":  # PynamoDB asks for no validation, and for speed
            shape = client.meta.service_model.operation_model(operation).input_shape
            _validate(request, shape)
        try:
            return memory.answer(Call(service, operation, request))
        except Refused as refusal:
            raise refusal.raised_by(client, operation) from None

    with (
        mock.patch.object(BaseClient, "_make_api_call", answered),
        mock.patch.object(pynamodb, "get_session", _session),
        mock.patch.object(moments, "clock", memory.clock),
    ):
        forget()
        yield memory
    forget()


def forget() -> None:
    """All that modules of the portal keep in memory of what stores told them."""
    for name in [name for name in sys.modules if name.startswith("portal.")]:
        if forgets := getattr(sys.modules[name], "forget", None):
            forgets()


def _validate(request: Answer, shape: Any) -> None:
    if shape is not None:
        validate_parameters(request, shape)


class _OneClientEach(Session):
    """A transaction's connection asks for a client of its own; making one takes long."""

    def create_client(self, *given: Any, **named: Any) -> Any:
        config = named["config"]
        key = *given, config.connect_timeout, config.read_timeout
        if key not in _clients:
            _clients[key] = super().create_client(*given, **named)
        return _clients[key]


_clients: dict[tuple[Any, ...], Any] = {}


@cache
def _session() -> Session:
    return _OneClientEach()
