"""EI, the number of an appointment, a document or an order, as a FHIR Identifier."""

import re

from portal.fhir import Resource
from portal.hl7_segments import Value

_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
_OID = re.compile(r"[012](\.\d+){3,}", re.ASCII)


def identifier(sent: Value, kind: str = "") -> Resource:
    """`kind` is a code of table 0203. {} when there is no number."""
    value, authority, universal = (
        part.strip() for part in (sent.text(1), sent.text(2, 1), sent.text(3))
    )
    if not value:
        return {}
    parts = {
        "type": {"coding": [{"system": _TYPES, "code": kind}]} if kind else {},
        "system": f"urn:oid:{universal}" if _OID.fullmatch(universal) else "",
        "value": value,
        "assigner": {"display": authority} if authority else {},
    }
    return {name: part for name, part in parts.items() if part}
