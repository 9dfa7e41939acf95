"""What AWS would meter of each call that a test's memory answers: request units, bytes, CPU.

Read and write units are those of DynamoDB's on-demand mode: 4 kB read (a half when it may be
stale), 1 kB written, twice in a transaction; an index entry that comes, goes or moves is written,
too.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.memory_aws import values
from tests.memory_aws.door import Call, Effect, Memory
from tests.memory_aws.refusals import Answer
from tests.memory_aws.tables import Shape, Table
from tests.memory_aws.values import Item

READ_BYTES, WRITE_BYTES = 4096, 1024
WRITES = {"PutItem": 1, "UpdateItem": 1, "DeleteItem": 1, "TransactWriteItems": 2}
READS = {"GetItem", "Query"}
BUCKET = "the raw bucket"


@dataclass(frozen=True)
class Used:
    service: str
    operation: str
    table: str = ""
    reads: float = 0.0
    writes: float = 0.0
    index_writes: float = 0.0
    index_keys: tuple[str, ...] = ()  # partitions of global indexes that were written


@dataclass
class Meter:
    """Stands between a call and its effect: `memory.plan = meter.plan`."""

    memory: Memory
    used: list[Used] = field(default_factory=list)
    emulated_seconds: float = 0.0

    def plan(self, call: Call, effect: Effect) -> Answer:
        started = time.process_time()
        written = list(self._written(call))
        before = [values.copied(table.find(key)) for table, key in written]
        answer = effect()
        if call.service != "dynamodb" or call.operation == "DescribeTable":
            self.used.append(Used(call.service, call.operation))
        elif call.operation in READS:
            self.used.append(_read(call, answer))
        for (table, key), old in zip(written, before, strict=True):
            self.used.append(_write(call, table, old, table.find(key)))
        self.emulated_seconds += time.process_time() - started
        return answer

    def _written(self, call: Call) -> Iterator[tuple[Table, Item]]:
        if call.service != "dynamodb" or call.operation not in WRITES:
            return
        whole = call.operation == "TransactWriteItems"
        requests = call.request["TransactItems"] if whole else [{"": call.request}]
        for request in (part for each in requests for part in each.values()):
            table = self.memory.dynamodb.table(request["TableName"])
            yield table, request.get("Key") or request["Item"]


def _read(call: Call, answer: Answer) -> Used:
    rows = answer.get("Items") or [answer.get("Item") or {}]
    units = max(1, math.ceil(sum(map(values.size_of_item, rows)) / READ_BYTES))
    is_strong = bool(call.request.get("ConsistentRead"))
    reads = units if is_strong else units / 2
    return Used("dynamodb", call.operation, call.request["TableName"], reads=reads)


def _write(call: Call, table: Table, old: Item | None, new: Item | None) -> Used:
    size = max(values.size_of_item(old or {}), values.size_of_item(new or {}))
    units = WRITES[call.operation] * math.ceil(size / WRITE_BYTES)
    entries = list(_index_entries(table, old, new))
    return Used(
        "dynamodb",
        call.operation,
        table.name,
        writes=units,
        index_writes=sum(count for _, count in entries),
        index_keys=tuple(key for key, _ in entries if key),
    )


def _index_entries(table: Table, old: Item | None, new: Item | None) -> Iterator[tuple[str, int]]:
    """The partition of each entry written ("" for a local index), and its units."""
    for shape in table.indexes.values():
        before, after = _entry(shape, old), _entry(shape, new)
        if before == after:
            continue
        for entry in (before, after) if _moves(shape, before, after) else (after or before,):
            if entry:
                units = math.ceil(values.size_of_item(entry) / WRITE_BYTES)
                yield "" if shape.is_consistent else entry[shape.hash_key]["S"], units


def _moves(shape: Shape, before: Item | None, after: Item | None) -> bool:
    return bool(before and after) and any(
        (before or {})[name] != (after or {})[name] for name in (shape.hash_key, shape.range_key)
    )


def _entry(shape: Shape, item: Item | None) -> Item | None:
    if not item or shape.hash_key not in item or shape.range_key not in item:
        return None
    return shape.projected(item)


def stored_bytes(memory: Memory) -> dict[str, int]:
    """By table, with its indexes (100 bytes are charged beside each item), and of the bucket."""
    found = {BUCKET: sum(len(each.body) for each in memory.s3.kept.values())}
    for name, table in memory.dynamodb.tables.items():
        shapes = [table.shape, *table.indexes.values()]
        entries = (_entry(shape, item) for item in table.items for shape in shapes)
        found[name] = sum(values.size_of_item(entry) + 100 for entry in entries if entry)
    return found
