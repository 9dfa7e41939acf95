"""How far a report is: OBR-25 (HL7 table 0123), its results and its child orders."""

from portal.observations import STATUS as RESULT_STATUS
from portal.orders import Order

_STATUS = {
    "A": "partial",
    "C": "corrected",
    "F": "final",
    "I": "registered",
    "M": "preliminary",
    "N": "registered",
    "O": "registered",
    "P": "preliminary",
    "R": "preliminary",
    "S": "registered",
    "X": "cancelled",
}
_OPEN = frozenset({"registered", "preliminary", "partial"})


def report_status(order: Order) -> str:
    """A culture is not final before its susceptibilities are; withdrawn when all results are."""
    results = [result for each in order.family for result in each.results]
    codes = {result.first.text(11).strip().upper() for result in results}
    if {RESULT_STATUS.get(code) for code in codes} == {"entered-in-error"}:
        return "entered-in-error"
    own, below = order_status(order), {order_status(child) for child in order.nested}
    if own == "final" and below & _OPEN:
        return "partial"
    return "corrected" if own == "final" and "corrected" in below else own


def order_status(order: Order) -> str:
    """Of one OBR; when OBR-25 is empty, what all its results agree on."""
    said = order.obr.text(25).strip().upper()
    if said:
        return _STATUS.get(said, "unknown")
    codes = {result.first.text(11).strip().upper() for result in order.results}
    found = {RESULT_STATUS.get(code, "unknown") for code in codes}
    return found.pop() if len(found) == 1 else "partial" if "final" in found else "unknown"
