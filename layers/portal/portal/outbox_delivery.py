"""Delivers what the outbox owes.

`pending -> sent | nobody-to-tell`; what must wait (`care_texts`, quiet hours) is pending until its
`due_at`. Whoever delivers claims the row first, for as long as a lease; a delivery that dies is
taken up again by `upkeep`. A crash between the provider's yes and our note of it sends the same
words twice, which is better than never.
"""

from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException, UpdateError

from portal import audit, birthday_notices, deliveries, failures, holder_notices, notices
from portal.care_texts import NotYet
from portal.conditions import is_unmet
from portal.errors import Unavailable
from portal.moments import instant, now
from portal.outbox import KIND, NOBODY, PENDING, SENT, Audience
from portal.tables import AuditRow, CareRow

LEASE_SECONDS = 60


def deliver_for(patient_id: str, key_prefix: str) -> int:
    """Tells one patient once of all that is pending under this key. Returns messages sent."""
    sort_key = CareRow.sk.startswith(f"outbox#{key_prefix}")
    return _deliver(list(CareRow.query(patient_id, sort_key, consistent_read=True)))


def deliver_overdue() -> int:
    due = CareRow.due_work.query(KIND, CareRow.due_at < instant(), limit=100)
    by_patient: dict[str, list[CareRow]] = {}
    for found in due:
        by_patient.setdefault(found.pk, []).append(CareRow.get(found.pk, found.sk))
    return sum(map(_tried, by_patient.values()))


def _tried(rows: list[CareRow]) -> int:
    """One address that fails must not hold back the others; its lease ends, and it comes again."""
    try:
        return _deliver(rows)
    except (BotoCoreError, ClientError, PynamoDBException, Unavailable) as error:
        failures.log("not-delivered", error)
        return 0


def _deliver(rows: list[CareRow]) -> int:
    """One message for all that is new to the same reader."""
    claimed = [row for row in rows if row.state == PENDING and _claim(row)]
    together: dict[tuple[Audience, str], list[CareRow]] = {}
    for each in claimed:
        together.setdefault(_kind(each), []).append(each)
    return sum(_deliver_to(audience, theirs) for (audience, _), theirs in together.items())


def _kind(found: CareRow) -> tuple[Audience, str]:
    """What may go in one message: of an account, what can wait and what cannot are two."""
    audience = Audience(found.audience or Audience.PATIENT)
    return audience, notices.topic_of(found.sk) if audience is Audience.ACCOUNT else ""


def _deliver_to(audience: Audience, rows: list[CareRow]) -> bool:
    try:
        is_told = TELL[audience](rows)
    except NotYet as error:
        for found in rows:
            found.update([CareRow.due_at.set(instant(error.until))])
        return False
    if is_told:
        audit.save(_audit_row(rows[0], audience))
    for found in rows:
        state = CareRow.state.set(SENT if is_told else NOBODY)
        found.update([state, CareRow.kind.remove(), CareRow.due_at.remove()])
    return is_told


def _claim(found: CareRow) -> bool:
    """Only one deliverer wins; the lease is the row's own deadline."""
    lease = instant(now() + timedelta(seconds=LEASE_SECONDS))
    free = (CareRow.state == PENDING) & (CareRow.due_at <= instant())
    try:
        found.update([CareRow.due_at.set(lease)], free)
    except UpdateError as error:
        if not is_unmet(error):
            raise
        return False
    return True


TELL = {
    Audience.PATIENT: deliveries.new_result,
    Audience.PRIVACY_OFFICER: deliveries.wrong_patient,
    Audience.ACCOUNT: deliveries.account_change,
    Audience.BREAK_GLASS: deliveries.break_glass,
    Audience.OPENED_RECORD: deliveries.opened_record,
    Audience.HOLDER: holder_notices.tell,
    Audience.BIRTHDAY: birthday_notices.tell,
    Audience.FORMER: deliveries.former_address,
}
NOTED = {  # the audit row of each: event and why
    Audience.PATIENT: (audit.Event.PATIENT_NOTIFIED, "new-result"),
    Audience.PRIVACY_OFFICER: (audit.Event.PRIVACY_OFFICER_NOTIFIED, "wrong-patient"),
    Audience.ACCOUNT: (audit.Event.ACCOUNT_NOTIFIED, "account-security"),
    Audience.BREAK_GLASS: (audit.Event.PRIVACY_OFFICER_NOTIFIED, "break-glass"),
    Audience.OPENED_RECORD: (audit.Event.ACCOUNT_NOTIFIED, "break-glass"),
    Audience.HOLDER: (audit.Event.HOLDERS_NOTIFIED, "new-result"),
    Audience.BIRTHDAY: (audit.Event.ACCOUNT_NOTIFIED, "birthday"),
    Audience.FORMER: (audit.Event.ACCOUNT_NOTIFIED, "former-address"),
}


def _audit_row(found: CareRow, audience: Audience) -> AuditRow:
    event, why = NOTED[audience]
    return audit.row(
        event,
        actor=audit.PORTAL,
        patient_id=found.pk,
        request_id=found.sk.removeprefix("outbox#")[:64],
        why=why,
    )
