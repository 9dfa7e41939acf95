"""Messages we owe patients. A row is written in the transaction that publishes what it tells of.

`pending -> sent | nobody-to-tell`. Whoever delivers claims the row first, for as long as a lease; a
delivery that dies is taken up again by `upkeep`. A crash between the provider's yes and our note of
it sends the same words twice, which is better than never.
"""

from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException, UpdateError

from portal import audit, failures, notify, pages, patients
from portal.moments import instant, now
from portal.patients import Patient
from portal.settings import settings
from portal.tables import AuditRow, CareRow

KIND = "outbox"
LEASE_SECONDS = 60
PENDING, SENT, NOBODY = "pending", "sent", "nobody-to-tell"


def row(patient_id: str, key: str) -> CareRow:
    """To be saved in the publishing transaction. `key` makes the same news the same row."""
    return CareRow(
        patient_id, f"outbox#{key}", state=PENDING, kind=KIND, due_at=instant(), steps={}
    )


def deliver_for(patient_id: str, key_prefix: str) -> int:
    """Tells one patient once of all that is pending under this key. Returns messages sent."""
    sort_key = CareRow.sk.startswith(f"outbox#{key_prefix}")
    return _deliver(patient_id, list(CareRow.query(patient_id, sort_key, consistent_read=True)))


def deliver_overdue() -> int:
    due = CareRow.due_work.query(KIND, CareRow.due_at < instant(), limit=100)
    by_patient: dict[str, list[CareRow]] = {}
    for found in due:
        by_patient.setdefault(found.pk, []).append(CareRow.get(found.pk, found.sk))
    return sum(_tried(patient_id, rows) for patient_id, rows in by_patient.items())


def _tried(patient_id: str, rows: list[CareRow]) -> int:
    """One address that fails must not hold back the others; its lease ends, and it comes again."""
    try:
        return _deliver(patient_id, rows)
    except (BotoCoreError, ClientError, PynamoDBException) as error:
        failures.log("not-delivered", error)
        return 0


def _deliver(patient_id: str, rows: list[CareRow]) -> int:
    claimed = [row for row in rows if row.state == PENDING and _claim(row)]
    if not claimed:
        return 0
    patient = patients.with_id(patient_id)
    told = patient is not None and _tell(patient)
    if told:
        audit.save(_audit_row(claimed[0]))
    for found in claimed:
        state = CareRow.state.set(SENT if told else NOBODY)
        found.update([state, CareRow.kind.remove(), CareRow.due_at.remove()])
    return int(told)


def _claim(found: CareRow) -> bool:
    """Only one deliverer wins; the lease is the row's own deadline."""
    lease = instant(now() + timedelta(seconds=LEASE_SECONDS))
    free = (CareRow.state == PENDING) & (CareRow.due_at <= instant())
    try:
        found.update([CareRow.due_at.set(lease)], free)
    except UpdateError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        return False
    return True


def _tell(patient: Patient) -> bool:
    """By e-mail where there is one, else by text message; never what it is about (law 1)."""
    facts = {"portal_name": settings().portal_name, "link": f"{settings().portal_url}/results"}
    if patient.email:
        subject, body = pages.render_text("emails/new_result.txt", patient.language, **facts)
        notify.send_email(patient.email, subject, body)
    elif patient.phone:
        _, text = pages.render_text("sms/new_result.txt", patient.language, **facts)
        notify.send_sms(patient.phone, text)
    return bool(patient.email or patient.phone)


def _audit_row(found: CareRow) -> AuditRow:
    return audit.row(
        audit.Event.PATIENT_NOTIFIED,
        actor=audit.PORTAL,
        patient_id=found.pk,
        request_id=found.sk.removeprefix("outbox#")[:64],
        why="new-result",
    )
