"""The chart table's verbs for sealed rows. Every key starts with the patient's id.

report#<report id>#<raw id>   what one message said of one report: FHIR R4, never changed
card#<report id>              the card as published; `revision` guards it
values#<time>#<report>#<tests>  which tests have a value there, for "earlier values"
document#<report>#<id>        which sealed object holds a document
record#<type>#<blind>#<raw id>  what one message said of one other resource (portal.record_versions)
merge#<blind>#<raw id>        a message that retired an identifier, or gave it back
moved#<blind>#<raw id>        a visit that turned out to be another patient's
labels#<report id>#<id>       what staff changed of a card's labels (portal.labels)
patient                       who they are and how to reach them
"""

import hashlib
from typing import Any

from portal import keys, objects
from portal.tables import ChartRow

INLINE_BYTES = 300_000  # DynamoDB's limit for a row is 400 kB


def sealed_row(patient_id: str, sk: str, content: Any, **indexed: Any) -> ChartRow:
    """A row ready to save. A body too large for DynamoDB goes to S3 first."""
    body = keys.seal(patient_id, sk, content)
    row = ChartRow(patient_id, sk, **indexed)
    if len(body) <= INLINE_BYTES:
        row.sealed = body
    else:
        row.sealed_at = f"sealed/{patient_id}/{hashlib.sha256(body).hexdigest()}"
        objects.put(row.sealed_at, body)
    return row


def content(row: ChartRow) -> Any:
    body = objects.get(row.sealed_at) if row.sealed_at else row.sealed
    return keys.unseal(row.pk, row.sk, body or b"")


def find(patient_id: str, sk: str) -> Any | None:
    row = ChartRow.find(patient_id, sk)
    return None if row is None else content(row)


def starting_with(patient_id: str, prefix: str) -> list[Any]:
    """Contents of all rows whose sort key starts so, in the order of the keys."""
    rows = ChartRow.query(patient_id, ChartRow.sk.startswith(prefix), consistent_read=True)
    return [content(row) for row in rows]


def keep(patient_id: str, sk: str, what: Any) -> None:
    """For rows whose content follows from their key: writing them twice is writing them once."""
    sealed_row(patient_id, sk, what).save()


def names(patient_id: str, prefix: str = "") -> list[str]:
    """The sort keys of all rows whose key starts so."""
    condition = ChartRow.sk.startswith(prefix) if prefix else None
    rows = ChartRow.query(
        patient_id, condition, consistent_read=True, attributes_to_get=["pk", "sk"]
    )
    return [row.sk for row in rows]
