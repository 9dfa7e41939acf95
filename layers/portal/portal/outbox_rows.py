"""Rows of the outbox, as whoever owes a message makes them; `portal.outbox` delivers."""

from enum import StrEnum

from portal import keys
from portal.moments import instant
from portal.tables import CareRow

KIND = "outbox"
PENDING = "pending"


class Audience(StrEnum):
    PATIENT = "patient"
    PRIVACY_OFFICER = "privacy-officer"
    ACCOUNT = "account"  # the patient, by every channel: something about signing in
    BREAK_GLASS = "break-glass"  # the privacy officer, after an emergency access
    OPENED_RECORD = "opened-record"  # the patient, after the same
    HOLDER = "holder"  # who may open the record: portal.holder_notices
    BIRTHDAY = "birthday"  # who holds a grant that changes, and whose record it is
    FORMER = "former"  # an address that the patient gave up: sealed in the row


def row(patient_id: str, key: str, audience: Audience = Audience.PATIENT) -> CareRow:
    """To be saved in the publishing transaction. `key` makes the same news the same row."""
    return CareRow(
        patient_id,
        f"outbox#{key}",
        state=PENDING,
        kind=KIND,
        audience=audience.value,
        due_at=instant(),
        steps={},
    )


def to_former(patient_id: str, key: str, address: str) -> CareRow:
    made = row(patient_id, key, Audience.FORMER)
    made.sealed = keys.seal(patient_id, made.sk, {"address": address})
    return made


def former_of(made: CareRow) -> str:
    return str(keys.unseal(made.pk, made.sk, made.sealed or b"")["address"])
