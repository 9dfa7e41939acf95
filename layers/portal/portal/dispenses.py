"""One RXD as a FHIR MedicationDispense."""

from portal import placed_orders, timestamps
from portal.dosages import dosages
from portal.drugs import put_medication, quantity, settled
from portal.entries import Draft, Entry, reference
from portal.envelopes import Envelope
from portal.hl7_segments import Segment
from portal.order_controls import ORDER_STATUS, control
from portal.prescriptions import prescription_number, refills_remaining
from portal.rx_orders import RxOrder, number

# ORC-1 and ORC-5 speak of the order. Of a dispense they say these things.
CONTROL = {  # table 0119
    "CA": "cancelled",
    "OC": "cancelled",
    "CR": "cancelled",
    "DC": "stopped",
    "OD": "stopped",
    "DR": "stopped",
    "HD": "on-hold",
    "OH": "on-hold",
    "HR": "on-hold",
}
_NOT_GIVEN = frozenset({"cancelled", "stopped", "on-hold", "entered-in-error"})


def dispense_key(rxd: Segment, order_key: str) -> str:
    """RXD-1 counts the dispenses of an order, but some senders count none: its day stands by."""
    day = timestamps.day(rxd.text(3))
    return f"{order_key}\n{rxd.text(1).strip()}\n{day or ''}"


def dispense(order: RxOrder, rxd: Segment, keys: tuple[str, str], envelope: Envelope) -> Entry:
    """`keys` are its order's and its own."""
    order_key, key = keys
    draft, zone = Draft("MedicationDispense", key, at=envelope.at), envelope.zone
    _put_status(draft, order.orc, rxd)
    put_medication(draft, rxd, order.under(rxd, "RXC"))
    if value := rxd.text(7).strip():
        draft.put("identifier", [prescription_number(value)], rxd, 7)
    draft.put("whenHandedOver", timestamps.fhir_datetime(rxd.text(3), zone), rxd, 3)
    amount = quantity(rxd.text(4), rxd.value(number(rxd, "amount unit")))
    draft.put("quantity", amount, rxd, 4)
    draft.put("extension", refills_remaining(rxd.text(8)), rxd, 8)
    people = filter(None, map(placed_orders.person, rxd.repetitions(10)))
    draft.put("performer", [{"actor": person} for person in people], rxd, 10)
    if placed_orders.has_number(order_key):
        draft.state("authorizingPrescription", [reference("MedicationRequest", order_key)], rxd)
    told, source = dosages(order.only(rxd), zone, "RXD", "RXE", "RXO")
    draft.put("dosageInstruction", told, *source)
    _put_notes(draft, rxd, order.under(rxd, "NTE"))
    return settled(draft.entry())


def _put_status(draft: Draft, orc: Segment, rxd: Segment) -> None:
    """What was handed over at a known time is done, whatever goes on with its order."""
    stands = ORDER_STATUS.get(orc.text(5).strip().upper(), "")
    asked = CONTROL.get(control(orc), "")
    if stands in _NOT_GIVEN:
        draft.put("status", stands, orc, 5)
    elif asked:
        draft.put("status", asked, orc, 1)
    elif rxd.text(3).strip():
        draft.put("status", "completed", rxd, 3)
    elif stands == "completed":
        draft.put("status", stands, orc, 5)


def _put_notes(draft: Draft, rxd: Segment, found: list[Segment]) -> None:
    told = [text for text in (sent.whole().strip() for sent in rxd.repetitions(9)) if text]
    draft.put("note", [{"text": text} for text in told], rxd, 9)
    if added := placed_orders.notes(found):
        place = (rxd, 9) if told else next((nte, 3) for nte in found if placed_orders.text(nte))
        draft.put("note", [*({"text": text} for text in told), *added], *place)
