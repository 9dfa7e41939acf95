"""DynamoDB's operations as PynamoDB calls them."""

from collections.abc import Iterable
from typing import Any

from tests.memory_aws import values
from tests.memory_aws.refusals import Answer, Refused, cancelled, invalid
from tests.memory_aws.tables import Table, Write, no_table, projected, queried, table_of
from tests.memory_aws.values import Item

from portal.tables import ALL

MAX_IN_TRANSACTION = 100
MAX_TRANSACTION_BYTES = 4 * 1024 * 1024
CODES = {"ConditionalCheckFailedException": "ConditionalCheckFailed"}


class DynamoDB:
    def __init__(self) -> None:
        self.tables = {made.name: made for made in map(table_of, ALL)}
        self.tokens: dict[str, Any] = {}  # ClientRequestToken -> what it was sent with

    def table(self, name: str) -> Table:
        if name not in self.tables:
            raise no_table(name)
        return self.tables[name]

    def snapshot(self) -> dict[str, list[Item]]:
        return {name: values.copied(self.tables[name].items) for name in sorted(self.tables)}

    def describe_table(self, request: Answer) -> Answer:
        table = self.table(request["TableName"])
        schema = [
            {"AttributeName": table.shape.hash_key, "KeyType": "HASH"},
            {"AttributeName": table.shape.range_key, "KeyType": "RANGE"},
        ]
        return {"Table": {"TableName": table.name, "TableStatus": "ACTIVE", "KeySchema": schema}}

    def get_item(self, request: Answer) -> Answer:
        found = self.table(request["TableName"]).find(request["Key"])
        return {} if found is None else {"Item": projected(found, request)}

    def put_item(self, request: Answer) -> Answer:
        write = self._written(request)
        return _shown(write, request, {"ALL_OLD"})

    def update_item(self, request: Answer) -> Answer:
        write = self._written({"UpdateExpression": ""} | request)
        return _shown(write, request, {"ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"})

    def delete_item(self, request: Answer) -> Answer:
        write = self._written(request)
        return _shown(write, request, {"ALL_OLD"})

    def _written(self, request: Answer) -> Write:
        write = Write(self.table(request["TableName"]), request)
        write.judge()
        write.apply()
        return write

    def query(self, request: Answer) -> Answer:
        return queried(self.table(request["TableName"]), request)

    def scan(self, request: Answer) -> Answer:
        found = self.table(request["TableName"]).items
        return {"Items": values.copied(found), "Count": len(found), "ScannedCount": len(found)}

    def batch_get_item(self, request: Answer) -> Answer:
        answers: dict[str, list[Item]] = {}
        for name, wanted in request["RequestItems"].items():
            rows = map(self.table(name).find, wanted["Keys"])
            answers[name] = [projected(row, wanted) for row in rows if row is not None]
        return {"Responses": answers, "UnprocessedKeys": {}}

    def transact_get_items(self, request: Answer) -> Answer:
        found = [self.get_item(each["Get"]) for each in request["TransactItems"]]
        return {"Responses": found}

    def transact_write_items(self, request: Answer) -> Answer:
        """All or nothing; the same token with the same items is done once (for ten minutes)."""
        token = request.get("ClientRequestToken")
        if token in self.tokens:
            if self.tokens[token] != request["TransactItems"]:
                raise Refused("IdempotentParameterMismatchException")
            return {}
        writes = [self._write_of(each) for each in request["TransactItems"]]
        _check_size(writes)
        reasons = [_reason(write) for write in writes]
        if any(reason["Code"] != "None" for reason in reasons):
            raise cancelled(reasons)
        for write in writes:
            if "is_check" not in write.request:
                write.apply()
        if token:
            self.tokens[token] = values.copied(request["TransactItems"])
        return {}

    def _write_of(self, item: Answer) -> Write:
        ((name, request),) = item.items()
        extra = {"ConditionCheck": {"is_check": True}, "Update": {"UpdateExpression": ""}}
        return Write(self.table(request["TableName"]), extra.get(name, {}) | request)


def _check_size(writes: list[Write]) -> None:
    if not 1 <= len(writes) <= MAX_IN_TRANSACTION:
        raise invalid("A transaction holds between 1 and 100 items")
    keys = [(write.table.name, write.table.key_of(write.key)) for write in writes]
    if len(set(keys)) < len(keys):
        raise invalid("Transaction request cannot include multiple operations on one item")
    if sum(values.size_of_item(write.request.get("Item", {})) for write in writes) > (
        MAX_TRANSACTION_BYTES
    ):
        raise invalid("Transaction request size exceeds 4 MB")


def _reason(write: Write) -> Answer:
    try:
        write.judge()
    except Refused as refusal:
        if refusal.code not in CODES:
            raise
        return {"Code": CODES[refusal.code], "Message": refusal.message} | refusal.more
    return {"Code": "None"}


def _shown(write: Write, request: Answer, allowed: Iterable[str]) -> Answer:
    asked = request.get("ReturnValues", "NONE")
    if asked == "NONE":
        return {}
    if asked not in allowed:
        raise invalid(f"ReturnValues {asked} is not valid here")
    item = write.old if asked.endswith("OLD") else write.new
    if item is None:
        return {}
    if asked.startswith("UPDATED"):
        other = write.new if asked.endswith("OLD") else write.old
        item = {name: value for name, value in item.items() if (other or {}).get(name) != value}
    return {"Attributes": values.copied(item)}
