"""RDE, OMP, RDS and ORM with RXO: what is prescribed and dispensed, one MedicationRequest for each
order and one MedicationDispense for each RXD.

An order is known by its number in ORC-2, else ORC-3, else by its prescription number; without any
by its drug and time, in the end by the sending (MSH-7). What stands under OBX, and instructions to
the pharmacist, is not read.
"""

from typing import Any

from portal import placed_orders
from portal.dispenses import dispense, dispense_key
from portal.drugs import is_named
from portal.entries import Entry
from portal.envelopes import Envelope
from portal.errors import Reason, Unusable
from portal.hl7 import Message
from portal.prescriptions import medication_request, requested
from portal.rx_orders import RxOrder, number, rx_orders

REQUIRED: dict[str, dict[str, Any]] = {
    "MedicationRequest": {"status": "unknown", "intent": "order"},
    "MedicationDispense": {"status": "unknown"},
}
_DETAILS = ("RXO", "RXE", "RXD")
_NO_DRUG = (
    "An order names no drug: RXE-2 (RDE), RXO-1 (OMP, ORM) or RXD-2 (RDS) must hold its code or "
    "name, even where the order is cancelled."
)


def entries(message: Message, envelope: Envelope) -> list[Entry]:
    """Raises Unusable when an order names no drug."""
    every = rx_orders(message)
    orders = [order for order in every if any(map(order.heads, _DETAILS))]
    may_be_others = envelope.message_type == "ORM"  # ORC of tests, which order_requests reads
    if not may_be_others and (not orders or len(orders) < len(every)):
        raise Unusable(Reason.BAD_VALUE, _NO_DRUG)
    if not all(map(_is_named, orders)):
        raise Unusable(Reason.BAD_VALUE, _NO_DRUG)
    known = placed_orders.distinct(_known_by(order, envelope) for order in orders)
    keys = placed_orders.counted(known)
    return [
        entry
        for key, order in zip(keys, orders, strict=True)
        for entry in _of_order(order, key, message, envelope)
    ]


def _is_named(order: RxOrder) -> bool:
    head = requested(order)
    if head and not is_named(head, order.parts("RXC", "RXE", "RXO")):
        return False
    return all(is_named(rxd, order.under(rxd, "RXC")) for rxd in order.heads("RXD"))


def _known_by(order: RxOrder, envelope: Envelope) -> tuple[str, str]:
    orc, rxe, rxd = order.orc, order.head("RXE"), order.head("RXD")
    head = requested(order) or rxd
    prescription = rxe.text(15).strip() or rxd.text(7).strip()
    key = placed_orders.order_key(envelope, orc)
    key = key or placed_orders.scoped("rx", [prescription], envelope)
    code, times = head.value(number(head, "code")), (orc.text(9), orc.text(15), rxe.text(32))
    return key, placed_orders.what(orc, code, key, *times, rxd.text(3), envelope.sent)


def _of_order(order: RxOrder, key: str, message: Message, envelope: Envelope) -> list[Entry]:
    made = [medication_request(order, key, message, envelope)] if requested(order) else []
    handed = order.heads("RXD")
    keys = placed_orders.counted(dispense_key(rxd, key) for rxd in handed)
    return made + [
        dispense(order, rxd, (key, own), envelope) for rxd, own in zip(handed, keys, strict=True)
    ]
