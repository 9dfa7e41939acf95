"""The audit trail: written before the answer, never changed.

A view whose row cannot be written is refused (`Unavailable`): law 2 of the design.
"""

from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from portal.access import Caller, Visitor
from portal.errors import Unavailable
from portal.moments import fresh_id, instant
from portal.staff_access import StaffCaller
from portal.tables import AuditRow


class Event(StrEnum):
    HOME_VIEWED = "home.viewed"
    RESULTS_LISTED = "results.listed"
    RESULT_VIEWED = "results.viewed"
    DOCUMENT_VIEWED = "results.document-viewed"
    SIGN_IN_ASKED = "sign-in.asked"
    SIGN_IN_LINK_SENT = "sign-in.link-sent"
    SIGNED_IN = "sign-in.signed-in"
    SIGN_IN_REFUSED = "sign-in.refused"
    STEP_VIEWED = "sign-in.step-viewed"
    STEP_REFUSED = "sign-in.step-refused"
    DEVICE_REMEMBERED = "sign-in.device-remembered"
    STEPPED_UP = "sign-in.stepped-up"
    STEP_CODE_SENT = "sign-in.step-code-sent"
    IDENTITY_SHOWN = "sign-in.identity-shown"
    SESSION_KEPT = "sign-in.session-kept"
    SSO_BEGUN = "sign-in.sso-begun"
    SSO_CONNECTED = "sign-in.sso-connected"
    SSO_REMOVED = "sign-in.sso-removed"
    HOSPITALS_VIEWED = "sign-in.hospitals-viewed"
    NEW_DEVICE = "sign-in.new-device"
    NEW_COUNTRY = "sign-in.new-country"
    IMPOSSIBLE_TRAVEL = "sign-in.impossible-travel"
    MANY_REFUSALS = "sign-in.many-refusals"
    RECOVERY_CODE_USED = "sign-in.recovery-code-used"
    PASSKEY_COPIED = "sign-in.passkey-copied"
    FACTOR_CLOSED = "sign-in.factor-closed"
    ACCOUNT_ACTIVATED = "activate.activated"
    ACCOUNT_ACTIVATED_AGAIN = "activate.activated-again"
    ACTIVATION_MADE = "activate.made"
    ACTIVATION_SENT = "activate.sent"
    ACTIVATION_REFUSED = "activate.refused"
    REGISTRATION_ASKED = "activate.registration-asked"
    REGISTRATION_CODE_SENT = "activate.registration-code-sent"
    REGISTRATION_UNREACHABLE = "activate.registration-unreachable"
    ACCOUNT_CLOSED = "account.closed"
    ACCOUNT_REOPENED = "account.reopened"
    CONTACTS_CORRECTED = "account.contacts-corrected"
    ACCOUNT_NOTIFIED = "account.notified"
    SECURITY_VIEWED = "settings.security-viewed"
    FACTOR_BEGUN = "settings.factor-begun"
    FACTOR_ADDED = "settings.factor-added"
    FACTOR_REMOVED = "settings.factor-removed"
    PASSWORD_CHANGED = "settings.password-changed"  # noqa: S105 - the word
    RECOVERY_CODES_MADE = "settings.recovery-codes-made"
    SESSION_ENDED = "settings.session-ended"
    DEVICE_FORGOTTEN = "settings.device-forgotten"
    SIGNED_OUT = "sign-out"
    SIGNED_OUT_EVERYWHERE = "sign-out.everywhere"
    LANGUAGE_CHOSEN = "settings.language-chosen"
    ACCESS_REFUSED = "access.refused"
    MESSAGE_TAKEN = "ehr.message-taken"
    MESSAGE_REFUSED = "ehr.message-refused"
    RESULT_RELEASED = "lab-release.released"
    MESSAGE_QUARANTINED = "lab-release.quarantined"
    QUARANTINE_VIEWED = "lab-release.quarantine-viewed"
    PATIENT_NOTIFIED = "lab-release.patient-notified"
    WRONG_PATIENT = "lab-release.wrong-patient"
    PRIVACY_OFFICER_NOTIFIED = "lab-release.privacy-officer-notified"
    STAFF_SIGN_IN_BEGUN = "staff.sign-in-begun"
    STAFF_SIGNED_IN = "staff.signed-in"
    STAFF_SIGN_IN_REFUSED = "staff.sign-in-refused"
    STAFF_SIGNED_OUT = "staff.signed-out"
    STAFF_SESSION_KEPT = "staff.session-kept"
    STAFF_ROOM_VIEWED = "staff.room-viewed"
    STAFF_PEOPLE_LISTED = "staff.people-listed"
    STAFF_SESSIONS_ENDED = "staff.sessions-ended"
    REVIEW_VIEWED = "staff.review-viewed"
    REVIEW_TAKEN = "staff.review-taken"
    REVIEW_CLOSED = "staff.review-closed"
    PATIENT_SOUGHT = "staff.patient-sought"
    PATIENT_VIEWED = "staff.patient-viewed"
    RECOVERY_VIEWED = "staff.recovery-viewed"
    ACCOUNT_RECOVERED = "staff.account-recovered"
    BREAK_GLASS_ASKED = "staff.break-glass-asked"
    BREAK_GLASS_OPENED = "staff.break-glass-opened"
    BREAK_GLASS_ENDED = "staff.break-glass-ended"
    RECORDS_MERGED = "chart.merged"
    RECORDS_SEPARATED = "chart.separated"
    PATIENT_DECEASED = "chart.deceased"


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"


NOBODY = "nobody"
PORTAL = "portal"  # the actor of what we do by ourselves


def row(
    event: Event,
    *,
    actor: str,
    request_id: str,
    patient_id: str = "",
    about: str = "",
    why: str = "patient-request",
    outcome: Outcome = Outcome.DONE,
    source: str = "",
    grant: str = "",
) -> AuditRow:
    """A row to save in a transaction of the caller's; `record` saves it alone."""
    moment = instant()
    return AuditRow(
        patient_id or f"{NOBODY}#{moment[:10]}",
        f"{moment}#{fresh_id()}",
        event=event.value,
        actor=actor,
        acting_for=patient_id or None,
        about=about or None,
        why=why,
        outcome=outcome.value,
        request_id=request_id,
        source=source or None,
        grant=grant or None,
    )


def save(entry: AuditRow) -> None:
    """Raises Unavailable when the store cannot take it."""
    try:
        entry.save(AuditRow.pk.does_not_exist())
    except (PynamoDBException, BotoCoreError, ClientError) as error:
        raise Unavailable from error


def record(
    event: Event,
    visitor: Visitor,
    *,
    about: str = "",
    patient_id: str = "",
    why: str = "patient-request",
    outcome: Outcome = Outcome.DONE,
) -> None:
    """What a person did, or was refused."""
    caller = visitor if isinstance(visitor, Caller) else None
    save(
        row(
            event,
            actor=visitor.subject_id if isinstance(visitor, Caller | StaffCaller) else NOBODY,
            patient_id=caller.patient_id if caller else patient_id,
            about=about,
            why=why,
            outcome=outcome,
            request_id=visitor.request_id,
            source=visitor.source,
        )
    )


def viewers_of(patient_id: str, report_id: str) -> list[AuditRow]:
    """Who opened a report, for the privacy officer after a W. Oldest first."""
    return [row for row in of_patient(patient_id) if row.about == report_id and row.actor != PORTAL]


def of_patient(patient_id: str) -> list[AuditRow]:
    """Oldest first."""
    return list(AuditRow.query(patient_id))
