"""Messages we owe patients and staff. A row is written in the transaction that publishes what it
tells of.

`pending -> sent | nobody-to-tell`. Whoever delivers claims the row first, for as long as a lease; a
delivery that dies is taken up again by `upkeep`. A crash between the provider's yes and our note of
it sends the same words twice, which is better than never.
"""

from datetime import timedelta
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException, UpdateError

from portal import audit, failures, notices, notify, pages, patients
from portal.conditions import is_unmet
from portal.errors import Unavailable
from portal.moments import fresh_id, instant, now
from portal.settings import settings
from portal.tables import AuditRow, CareRow


class Audience(StrEnum):
    PATIENT = "patient"
    PRIVACY_OFFICER = "privacy-officer"
    ACCOUNT = "account"  # the patient, by every channel: something about signing in
    BREAK_GLASS = "break-glass"  # the privacy officer, after an emergency access


KIND = "outbox"
LEASE_SECONDS = 60
VIEWERS = "python -m infra.admin viewers"  # an operator's command
PENDING, SENT, NOBODY = "pending", "sent", "nobody-to-tell"


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


def tell_account(patient_id: str, event: audit.Event) -> None:
    row(patient_id, f"{event.value}#{fresh_id()}", Audience.ACCOUNT).save()


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
    told = 0
    for audience in Audience:
        theirs = [row for row in claimed if (row.audience or Audience.PATIENT) == audience]
        told += bool(theirs) and _deliver_to(audience, theirs)
    return told


def _deliver_to(audience: Audience, rows: list[CareRow]) -> bool:
    is_told = TELL[audience](rows)
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


def _tell_patient(owed: list[CareRow]) -> bool:
    """By e-mail where there is one, else by text message; never what it is about (law 1)."""
    patient = patients.current(owed[0].pk)
    if patient is None or not patient.may_sign_in:
        return False
    facts = {"portal_name": settings().portal_name, "link": f"{settings().portal_url}/results"}
    if patient.email:
        subject, body = pages.render_text("emails/new_result.txt", patient.language, **facts)
        notify.send_email(patient.email, subject, body)
    elif patient.phone:
        _, text = pages.render_text("sms/new_result.txt", patient.language, **facts)
        notify.send_sms(patient.phone, text)
    return bool(patient.email or patient.phone)


def _tell_account(owed: list[CareRow]) -> bool:
    """By every channel, each event once: whoever holds one cannot keep it from the owner."""
    patient = patients.current(owed[0].pk)
    if patient is None or not patient.may_sign_in:
        return False
    word = pages.words(patient.language)
    happened = dict.fromkeys(word(notices.words_of(row.sk)) for row in owed)
    facts = {"portal_name": settings().portal_name, "happened": " ".join(happened)}
    facts["link"] = f"{settings().portal_url}/settings/security"
    if patient.email:
        subject, body = pages.render_text("emails/account.txt", patient.language, **facts)
        notify.send_email(patient.email, subject, body)
    if patient.phone:
        _, text = pages.render_text("sms/account.txt", patient.language, **facts)
        notify.send_sms(patient.phone, text)
    return bool(patient.email or patient.phone)


def _tell_privacy_officer(owed: list[CareRow]) -> bool:
    """That there is something in the audit trail, and where; who it is about stays in there."""
    address = settings().privacy_email
    if not address:
        return False
    commands = (f"{VIEWERS} {row.pk} {row.sk.rpartition('#')[2]}" for row in owed)
    facts = {"portal_name": settings().portal_name, "commands": "\n".join(commands)}
    subject, body = pages.render_text("emails/wrong_patient.txt", "en", **facts)
    notify.send_email(address, subject, body)
    return True


def _tell_of_break_glass(_owed: list[CareRow]) -> bool:
    """Who, whose and why stay in the portal."""
    address = settings().privacy_email
    if address:
        facts = {"portal_name": settings().portal_name, "link": f"{settings().portal_url}/staff"}
        subject, body = pages.render_text("emails/break_glass.txt", "en", **facts)
        notify.send_email(address, subject, body)
    return bool(address)


TELL = {
    Audience.PATIENT: _tell_patient,
    Audience.PRIVACY_OFFICER: _tell_privacy_officer,
    Audience.ACCOUNT: _tell_account,
    Audience.BREAK_GLASS: _tell_of_break_glass,
}
NOTED = {  # the audit row of each: event and why
    Audience.PATIENT: (audit.Event.PATIENT_NOTIFIED, "new-result"),
    Audience.PRIVACY_OFFICER: (audit.Event.PRIVACY_OFFICER_NOTIFIED, "wrong-patient"),
    Audience.ACCOUNT: (audit.Event.ACCOUNT_NOTIFIED, "account-security"),
    Audience.BREAK_GLASS: (audit.Event.PRIVACY_OFFICER_NOTIFIED, "break-glass"),
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
