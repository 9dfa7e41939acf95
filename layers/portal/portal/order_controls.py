"""What has become of an order, told by ORC-1 (table 0119) and ORC-5 (table 0038).

The words are MedicationRequest.status; `SERVICE_REQUEST` turns them into ServiceRequest.status.
As the HL7 v2-to-FHIR guide has it, but for this: a request to cancel, stop or hold counts as done,
since the portal hears of it only from the EHR; refills granted or refused leave the order as it is;
and what says nothing of the status (RE, SC, XO, CH, UA, a sender's own code) leaves it too.
"""

from portal.hl7 import Message
from portal.hl7_segments import Segment

ORDER_CONTROL = {  # table 0119
    "NW": "active",
    "OK": "active",
    "OP": "active",
    "PY": "active",
    "RO": "active",
    "RL": "active",
    "OE": "active",
    "OR": "active",
    "CA": "cancelled",
    "OC": "cancelled",
    "CR": "cancelled",
    "DC": "stopped",
    "OD": "stopped",
    "DR": "stopped",
    "RQ": "stopped",
    "RU": "stopped",
    "HD": "on-hold",
    "OH": "on-hold",
    "HR": "on-hold",
}
ORDER_STATUS = {  # table 0038
    "A": "active",
    "CA": "cancelled",
    "CM": "completed",
    "DC": "stopped",
    "ER": "entered-in-error",
    "HD": "on-hold",
    "IP": "active",
    "RP": "stopped",
    "SC": "active",
}
SERVICE_REQUEST = {"cancelled": "revoked", "stopped": "revoked"}

_NEW = frozenset({"", "NW", "OP", "PY", "RO", "SN"})
_REPLACE, _REPLACEMENT = "RP", "RO"


def control(orc: Segment) -> str:
    return orc.text(1).strip().upper()


def is_new(orc: Segment) -> bool:
    """ORC-9 and ORC-16 then speak of the order itself, else of what happens to it."""
    return control(orc) in _NEW


def standing(orc: Segment, message: Message) -> tuple[str, int]:
    """The word and the field of ORC that said it; ("", 0) when neither did.

    ORC-5 wins, except where it only says that the order goes on: then this message may be what
    ends or holds it.
    """
    ordered = ORDER_CONTROL.get(control(orc), "")
    if control(orc) == _REPLACE and _has_replacement(message):
        ordered = "stopped"
    stands = ORDER_STATUS.get(orc.text(5).strip().upper(), "")
    if stands and not (stands == "active" and ordered):
        return stands, 5
    return (ordered, 1) if ordered else ("", 0)


def _has_replacement(message: Message) -> bool:
    """RP names the old order and RO the new ones; some senders change an order by RP alone."""
    return any(control(orc) == _REPLACEMENT for orc in message.all("ORC"))
