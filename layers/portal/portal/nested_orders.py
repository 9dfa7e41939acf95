"""Child orders put below their parents: OBR-26 names the parent's result, OBR-29 its numbers.

A child stays a report of its own where its parent is not in the message, or not for certain.
"""

from portal import codings
from portal.hl7_segments import Segment
from portal.orders import Order, Result


def nested(found: list[Order]) -> list[Order]:
    """The orders that have no parent here; all others stand below them, in the message's order."""
    parents = {id(order): _parent(order, found) for order in found}
    roots = {id(order): _root(order, parents) for order in found}
    for order in found:
        root = roots[id(order)]
        if root is not order:
            root.nested.append(order)
    return [order for order in found if roots[id(order)] is order]


def group(order: Order) -> str:
    """What tells the results of one child order from those of its siblings, in every message."""
    named = order.obr.value(26)
    code = codings.code(named.text(1, 1) or named.text(1, 4))
    child = codings.code(order.obr.text(4) or order.obr.text(4, 4) or order.obr.text(4, 2))
    if code:
        return f"{code}#{named.text(2).strip()}#{child}"
    return f"{order.obr.text(3).strip() or order.obr.text(2).strip()}#{child}"


def _root(order: Order, parents: dict[int, Order | None]) -> Order:
    passed = [order]
    while (parent := parents[id(passed[-1])]) is not None:
        if any(parent is each for each in passed):  # two orders that call each other parent
            return order
        passed.append(parent)
    return passed[-1]


def _parent(child: Order, found: list[Order]) -> Order | None:
    """By OBR-29 an order with other numbers than the child's own; among orders that share their
    numbers, or have others, the one with the result that OBR-26 names."""
    if not (child.obr.raw(26) or child.obr.raw(29)):
        return None
    others = [order for order in found if order is not child]
    numbered = [order for order in others if _is_numbered(order, child.obr)]
    order = _with_result(child, numbered or others, is_certain=bool(numbered))
    if order:
        return order
    own = _numbers(child)
    apart = [order for order in numbered if not own & _numbers(order)]
    return apart[0] if len(apart) == 1 else None


def _is_numbered(order: Order, child: Segment) -> bool:
    """OBR-29: placer number ^ filler number, each an EI in subcomponents."""
    placer, filler = child.text(29, 1, 1).strip(), child.text(29, 2, 1).strip()
    if filler:
        return filler in {order.obr.text(3).strip(), order.orc.text(3).strip()}
    return bool(placer) and placer in {order.obr.text(2).strip(), order.orc.text(2).strip()}


def _numbers(order: Order) -> set[str]:
    return {segment.text(n).strip() for segment in (order.obr, order.orc) for n in (2, 3)} - {""}


def _with_result(child: Order, orders: list[Order], *, is_certain: bool) -> Order | None:
    """The one order with the result that OBR-26 names; sets it as the parent of the child's
    results. Where OBR-29 does not lead there, or OBR-26 has no sub-id, its text must agree."""
    named = [
        (order, result)
        for order in orders
        for result in order.results
        if _is_named(result, child.obr)
    ]
    if not is_certain or len(named) > 1 or not child.obr.text(26, 2).strip():
        named = [(order, result) for order, result in named if _says(result, child.obr)]
    if len(named) != 1:
        return None
    order, germ = named[0]
    for result in child.results:
        result.parent = germ
    return order


def _is_named(result: Result, child: Segment) -> bool:
    wanted = {child.text(26, 1, n).strip() for n in (1, 4)} - {""}
    codes = {result.first.text(3, n).strip() for n in (1, 4)} - {""}
    sub_id = child.text(26, 2).strip()
    return bool(wanted & codes) and sub_id in {"", result.first.whole(4).strip()}


def _says(result: Result, child: Segment) -> bool:
    said = child.text(26, 3).strip().casefold()
    words = {part.strip().casefold() for part in result.first.value(5).components()}
    return bool(said) and said in words
