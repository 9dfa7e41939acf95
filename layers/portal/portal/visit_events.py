"""What each ADT event means for the status of its visit (HL7 v2 chapter 3, FHIR EncounterStatus).

HL7's v2-to-FHIR map calls A04 "planned"; chapter 3 says that the patient "has arrived or checked
in", which FHIR calls arrived.
"""

from types import MappingProxyType

_EVENTS = {
    "planned": "A05 A14",
    "arrived": "A04",
    "in-progress": "A01 A02 A06 A07 A12 A13 A15 A16 A22 A25 A26 A52",
    "onleave": "A21 A53",
    "finished": "A03",
    "cancelled": "A11 A27 A38",
}
STATUS: MappingProxyType[str, str] = MappingProxyType(
    {event: status for status, events in _EVENTS.items() for event in events.split()}
)
CANCELLING = frozenset({"A11", "A13", "A27", "A38"})
# About a person or about two records: their PV1, which some structures demand, is no visit.
_OF_RECORDS = """
    A18 A24 A28 A29 A30 A31 A34 A35 A36 A37 A39 A40 A41 A42 A43 A44 A45 A46 A47 A48 A49 A50 A51
"""
WITHOUT_VISIT = frozenset(_OF_RECORDS.split())
