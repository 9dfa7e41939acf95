"""Between the product and AWS: which calls are made, and what happens when a store is down.

The door is botocore's own, below PynamoDB and above its retries, so the product meets the very
errors it would meet.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError

from portal import identity_providers, keys, organisations, senders, staff_provider
from portal.settings import settings

type Request = dict[str, Any]
_send: Any = vars(BaseClient)["_make_api_call"]


def forget() -> None:
    """As a function does that has just started."""
    for module in (identity_providers, keys, organisations, senders, staff_provider):
        module.forget()


@dataclass(frozen=True)
class Call:
    """`where`: DynamoDB's tables, or the service; `parts`: how many writes of a transaction."""

    operation: str
    where: frozenset[str]
    parts: int


def call_of(client: Any, operation: str, request: Request) -> Call:
    service = client.meta.service_model.service_name
    if service != "dynamodb":
        return Call(operation, frozenset({service}), 1)
    items = request.get("TransactItems", [])
    inner = [next(iter(each.values())) for each in items] or [request]
    tables = {each["TableName"] for each in inner if "TableName" in each}
    return Call(operation, frozenset(tables | set(request.get("RequestItems", {}))), len(inner))


@contextmanager
def noted() -> Iterator[list[Call]]:
    """The calls that are made inside, in order."""
    made: list[Call] = []

    def sent(client: Any, operation: str, request: Request) -> Any:
        made.append(call_of(client, operation, request))
        return _send(client, operation, request)

    with mock.patch.object(BaseClient, "_make_api_call", sent):
        yield made


@contextmanager
def down(what: str) -> Iterator[list[Call]]:
    """Nothing of `what` answers: a table's name or a service. Nothing is remembered in memory
    either. Gives the calls that failed."""
    failed: list[Call] = []

    def sent(client: Any, operation: str, request: Request) -> Any:
        call = call_of(client, operation, request)
        if what in call.where and operation != "DescribeTable":
            failed.append(call)
            raise EndpointConnectionError(endpoint_url="https://aws.invalid")
        return _send(client, operation, request)

    forget()
    with mock.patch.object(BaseClient, "_make_api_call", sent):
        yield failed
    forget()


def stores() -> dict[str, str]:
    """What may be down, by name."""
    said = settings()
    tables = {
        "sessions": said.sessions_table,
        "consents": said.consents_table,
        "audit": said.audit_table,
        "chart": said.chart_table,
        "care": said.care_table,
    }
    return tables | {"kms": "kms", "s3": "s3", "sqs": "sqs"}
