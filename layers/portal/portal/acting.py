"""At whose record a session is: its owner's own, another's by a grant, or a preview of what a grant
shows. Kept in the session's row, so that no address and no form names a record.
"""

from dataclasses import dataclass

from pynamodb.exceptions import UpdateError

from portal import grants, patients
from portal.conditions import is_unmet
from portal.errors import SignInNeeded
from portal.granting import Grant, Record
from portal.moments import now
from portal.patients import Patient
from portal.record_rules import in_force
from portal.secrets_kept import hashed
from portal.settings import settings
from portal.tables import SessionRow


@dataclass(frozen=True)
class Acting:
    patient_id: str
    grant_id: str
    is_preview: bool


def of_row(row: SessionRow) -> Acting | None:
    if not row.acting_for or not row.grant:
        return None
    return Acting(row.acting_for, row.grant, bool(row.is_preview))


def begin(cookie: str, grant: Grant, *, is_preview: bool = False) -> None:
    """Raises SignInNeeded when the session ended meanwhile."""
    preview = [SessionRow.is_preview.set(1)] if is_preview else [SessionRow.is_preview.remove()]
    place = [SessionRow.acting_for.set(grant.patient_id), SessionRow.grant.set(grant.grant_id)]
    _update(cookie, [*place, *preview])


def end(cookie: str) -> None:
    """Back at one's own record."""
    gone = (SessionRow.acting_for, SessionRow.grant, SessionRow.is_preview)
    _update(cookie, [each.remove() for each in gone])


def _update(cookie: str, actions: list[object]) -> None:
    row = SessionRow(f"session#{hashed(cookie)}", "session")
    try:
        row.update(actions, SessionRow.pk.exists())  # type: ignore[arg-type]
    except UpdateError as error:
        if not is_unmet(error):
            raise
        raise SignInNeeded from error


def record_of(patient: Patient) -> Record:
    state = patient.state or settings().clinic_state
    return Record(patient.birth_on, patient.is_deceased, state)


def held(caller_id: str, acting: Acting) -> tuple[Grant, Patient] | None:
    """The grant and whose record it opens, as they are at this moment; None when it opens nothing
    (any more). A record that was merged into another needs a new grant: proxies do not move."""
    grant = grants.find(acting.patient_id, acting.grant_id)
    patient = patients.with_id(acting.patient_id)
    if grant is None or patient is None or patient.replaced_by:
        return None
    owner = patient.patient_id if acting.is_preview else grant.holder_id
    if caller_id != owner or not in_force(grant, record_of(patient), patient.patient_id, now()):
        return None
    return grant, patient
