"""Tables and indexes in memory, with the shapes of the product's own models."""

from dataclasses import dataclass, field
from typing import Any

from pynamodb.indexes import Index, LocalSecondaryIndex
from tests.memory_aws import values
from tests.memory_aws.expressions import Scope, condition
from tests.memory_aws.refusals import Answer, Refused, condition_failed, invalid
from tests.memory_aws.updates import updated
from tests.memory_aws.values import Item, Value

from portal import tables as product

MAX_ITEM_BYTES = 400 * 1024
type Key = tuple[Any, ...]


@dataclass(frozen=True)
class Shape:
    """Of an index, or of the table itself."""

    hash_key: str
    range_key: str
    shown: frozenset[str] | None = None  # None shows everything
    is_consistent: bool = True

    def projected(self, item: Item) -> Item:
        if self.shown is None:
            return item
        return {name: value for name, value in item.items() if name in self.shown}


@dataclass
class Table:
    name: str
    shape: Shape
    indexes: dict[str, Shape]
    partitions: dict[str, dict[Key, Item]] = field(default_factory=dict)

    @property
    def items(self) -> list[Item]:
        partitions = (self.partitions[hash_key] for hash_key in sorted(self.partitions))
        return [rows[key] for rows in partitions for key in sorted(rows)]

    def key_of(self, item: Item) -> tuple[str, Key]:
        try:
            return item[self.shape.hash_key]["S"], (item[self.shape.range_key]["S"],)
        except KeyError:
            raise invalid("The provided key element does not match the schema") from None

    def find(self, key: Item) -> Item | None:
        hash_key, rest = self.key_of(key)
        return self.partitions.get(hash_key, {}).get(rest)

    def store(self, item: Item) -> None:
        hash_key, rest = self.key_of(item)
        self.partitions.setdefault(hash_key, {})[rest] = item

    def forget(self, key: Item) -> None:
        hash_key, rest = self.key_of(key)
        self.partitions.get(hash_key, {}).pop(rest, None)

    def check(self, item: Item) -> None:
        if values.size_of_item(item) > MAX_ITEM_BYTES:
            raise invalid("Item size has exceeded the maximum allowed size")
        for shape in (self.shape, *self.indexes.values()):
            for name in (shape.hash_key, shape.range_key):
                if name in item and not item[name].get("S"):
                    raise invalid(f"A key attribute is empty or of another type: {name}")


def table_of(model: type[product.Row]) -> Table:
    indexes = {found.Meta.index_name: _shape(found) for found in model._indexes.values()}
    return Table(model.Meta.table_name, Shape("pk", "sk"), indexes)


def _shape(index: Index[Any]) -> Shape:
    named = {bool(each.is_hash_key): each.attr_name for each in _key_attributes(index)}
    projection = index.Meta.projection
    keys = {"pk", "sk", *named.values()}
    listed = keys | set(getattr(projection, "non_key_attributes", None) or ())
    shown = None if projection.projection_type == "ALL" else frozenset(listed)
    is_local = isinstance(index, LocalSecondaryIndex)
    return Shape(named[True], named[False], shown, is_local)


def _key_attributes(index: Index[Any]) -> list[Any]:
    found = [getattr(type(index), name) for name in dir(type(index)) if not name.startswith("__")]
    return [
        each
        for each in found
        if getattr(each, "is_hash_key", 0) or getattr(each, "is_range_key", 0)
    ]


@dataclass
class Write:
    """One item's change, judged before it happens: alone, or with others in a transaction."""

    table: Table
    request: Answer
    old: Item | None = None
    new: Item | None = None

    @property
    def key(self) -> Item:
        found: Item = self.request["Key"] if "Key" in self.request else self.request["Item"]
        return found

    def judge(self) -> None:
        """Raises Refused. Afterwards `new` is what the item would be (None: gone)."""
        self.old = self.table.find(self.key)
        if not _holds(self.request, self.old):
            is_asked = self.request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
            raise condition_failed(values.copied(self.old) if is_asked and self.old else None)
        self.new = self._wanted()
        if self.new is not None:
            self.table.check(self.new)

    def _wanted(self) -> Item | None:
        if "Item" in self.request:
            made: Item = values.copied(self.request["Item"])
            return made
        if "UpdateExpression" not in self.request:
            return None
        item = self.old if self.old is not None else values.copied(self.key)
        given = self.request.get("ExpressionAttributeValues", {})
        names = self.request.get("ExpressionAttributeNames")
        new = updated(item, self.request["UpdateExpression"], names, given)
        if self.table.key_of(new) != self.table.key_of(self.key):
            raise invalid("Cannot update attribute. This attribute is part of the key")
        return new

    def apply(self) -> None:
        if self.new is None:
            self.table.forget(self.key)
        else:
            self.table.store(self.new)


def _holds(request: Answer, item: Item | None) -> bool:
    text = request.get("ConditionExpression")
    if not text:
        return True
    wanted = condition(text, request.get("ExpressionAttributeNames"))
    return wanted.holds(Scope(item or {}, request.get("ExpressionAttributeValues", {})))


def queried(table: Table, request: Answer) -> Answer:
    shape = table.indexes[request["IndexName"]] if "IndexName" in request else table.shape
    if request.get("ConsistentRead") and not shape.is_consistent:
        raise invalid("Consistent reads are not supported on global secondary indexes")
    found = _matching(table, shape, request)
    start = request.get("ExclusiveStartKey")
    if start:
        after = _place_of(shape, start)
        is_forward = request.get("ScanIndexForward", True)
        found = [
            item
            for item in found
            if (_place_of(shape, item) > after if is_forward else _place_of(shape, item) < after)
        ]
    return _page(shape, found, request)


def _matching(table: Table, shape: Shape, request: Answer) -> list[Item]:
    names, given = request.get("ExpressionAttributeNames"), request["ExpressionAttributeValues"]
    wanted = condition(request["KeyConditionExpression"], names)
    if shape.hash_key not in wanted.equalities:
        raise invalid("Query condition missed key schema element")
    items = table.items
    if shape.hash_key == table.shape.hash_key:
        hash_key = given[wanted.equalities[shape.hash_key]]["S"]
        items = list(table.partitions.get(hash_key, {}).values())
    indexed = [each for each in items if shape.hash_key in each and shape.range_key in each]
    found = [each for each in indexed if wanted.holds(Scope(each, given))]
    is_backward = not request.get("ScanIndexForward", True)
    return sorted(found, key=lambda item: _place_of(shape, item), reverse=is_backward)


def _place_of(shape: Shape, item: Item) -> Key:
    return tuple(item[name]["S"] for name in (shape.range_key, "pk", "sk"))


def _page(shape: Shape, found: list[Item], request: Answer) -> Answer:
    limit = request.get("Limit", len(found) + 1)
    if limit < 1:
        raise invalid("Limit must be at least 1")
    taken = found[:limit]
    kept = [item for item in taken if _passes_filter(item, request)]
    answer: Answer = {"Count": len(kept), "ScannedCount": len(taken)}
    if request.get("Select") != "COUNT":
        answer["Items"] = [values.copied(shape.projected(item)) for item in kept]
    if len(taken) == limit:
        names = dict.fromkeys((shape.hash_key, shape.range_key, "pk", "sk"))
        answer["LastEvaluatedKey"] = {name: dict(taken[-1][name]) for name in names}
    return answer


def _passes_filter(item: Item, request: Answer) -> bool:
    text = request.get("FilterExpression")
    if not text:
        return True
    wanted = condition(text, request.get("ExpressionAttributeNames"))
    return wanted.holds(Scope(item, request.get("ExpressionAttributeValues", {})))


def projected(item: Item, request: Answer) -> dict[str, Value]:
    """Only what a ProjectionExpression of plain names asks for."""
    text = request.get("ProjectionExpression")
    if not text:
        made: Item = values.copied(item)
        return made
    names = request.get("ExpressionAttributeNames", {})
    wanted = [names.get(each.strip(), each.strip()) for each in text.split(",")]
    return {name: values.copied(item[name]) for name in wanted if name in item}


def no_table(name: str) -> Refused:
    return Refused("ResourceNotFoundException", f"Requested resource not found: {name}")
