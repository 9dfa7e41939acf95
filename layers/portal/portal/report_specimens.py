"""What a report is about, and in which condition it came: SPM, and OBR-15 before version 2.5."""

from portal import codings, timestamps
from portal.fhir import Resource
from portal.hl7_segments import Segment
from portal.orders import Order


def specimen(order: Order, zone: str) -> Resource:
    """{} when nothing is said of it."""
    spm = order.specimen
    conditions = [*spm.repetitions(24), *spm.repetitions(21)]
    collection = {
        "collectedDateTime": timestamps.fhir_datetime(spm.text(17), zone),
        "bodySite": codings.concept(spm.value(8)) or _text(order.obr.text(15, 4)),
    }
    parts = {
        "type": codings.concept(spm.value(4)) or _text(_older(order.obr)),
        "receivedTime": timestamps.fhir_datetime(spm.text(18) or order.obr.text(14), zone),
        "collection": {key: part for key, part in collection.items() if part},
        "condition": [concept for concept in map(codings.concept, conditions) if concept],
    }
    found = {key: part for key, part in parts.items() if part}
    return {"resourceType": "Specimen", "id": "specimen"} | found if found else {}


def called(order: Order) -> Resource:
    """A Reference by its name: SPM-4; before version 2.5, OBR-15."""
    text = codings.shown(order.specimen.value(4)) or _older(order.obr)
    return {"display": text} if text else {}


def _older(obr: Segment) -> str:
    source = obr.value(15)
    return source.text(1, 2).strip() or source.text(1, 1).strip() or source.text(2).strip()


def _text(text: str) -> Resource:
    return {"text": text.strip()} if text.strip() else {}
