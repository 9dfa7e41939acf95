"""The audit trail: written before the answer, never changed.

A view whose row cannot be written is refused (`Unavailable`): law 2 of the design.
"""

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from portal.access import Caller, Visitor
from portal.audit_events import Event as Event  # known by that name everywhere
from portal.audit_events import Outcome as Outcome
from portal.errors import Unavailable
from portal.moments import fresh_id, instant
from portal.staff_access import StaffCaller
from portal.tables import AuditRow

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
    why: str = "",
    outcome: Outcome = Outcome.DONE,
) -> None:
    """What a person did, or was refused. What is done at another's record is in that one's trail,
    with the grant it was done under."""
    caller = visitor if isinstance(visitor, Caller) else None
    grant = caller.acting if caller else None
    save(
        row(
            event,
            actor=visitor.subject_id if isinstance(visitor, Caller | StaffCaller) else NOBODY,
            patient_id=caller.patient_id if caller else patient_id,
            about=about,
            why=why or _why(caller),
            outcome=outcome,
            request_id=visitor.request_id,
            source=visitor.source,
            grant=grant.grant_id if grant else "",
        )
    )


def _why(caller: Caller | None) -> str:
    if caller and caller.is_preview:
        return "preview"
    return f"as-{caller.acting.kind}" if caller and caller.acting else "patient-request"


def viewers_of(patient_id: str, report_id: str) -> list[AuditRow]:
    """Who opened a report, for the privacy officer after a W. Oldest first."""
    return [row for row in of_patient(patient_id) if row.about == report_id and row.actor != PORTAL]


def of_patient(patient_id: str) -> list[AuditRow]:
    """Oldest first."""
    return list(AuditRow.query(patient_id))
