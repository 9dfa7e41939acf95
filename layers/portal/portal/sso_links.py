"""Which sign-in at which hospital opens which account. A patient may connect several hospitals.

account#<patient id> / sso#<organisation>#<blind of it, issuer and sub>    in the account's list
sso-subject#<the same blind> / sso                                       leads to the patient
"""

from dataclasses import dataclass

from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite

from portal import keys, user_accounts
from portal.conditions import is_cancelled, is_unmet
from portal.identity_providers import Fault, Refused
from portal.moments import now
from portal.tables import SessionRow, connection

PREFIX = "sso#"


@dataclass(frozen=True)
class Link:
    """Times are epoch seconds."""

    organisation_id: str
    subject: str  # the blind
    created_at: float
    seen_at: float


def subject_of(organisation_id: str, issuer: str, sub: str) -> str:
    """A `sub` is one person's within its issuer only; one issuer may serve several hospitals, and
    each is connected by itself."""
    return keys.blind("sso-subject", f"{organisation_id}\0{issuer}\0{sub}")


def owner_of(subject: str) -> str | None:
    """The patient id."""
    row = SessionRow.find(_pk(subject), "sso")
    return None if row is None else row.patient_id


def add(patient_id: str, organisation_id: str, subject: str, before: str = "") -> None:
    """`before`: a patient it led to whose record was merged into this one. Raises Refused when it
    leads to anybody else, meanwhile too."""
    moment = now().timestamp()
    listed = SessionRow(
        user_accounts.pk(patient_id),
        _sk(organisation_id, subject),
        created_at=moment,
        seen_at=moment,
    )
    lookup = SessionRow(_pk(subject), "sso", patient_id=patient_id)
    is_free = SessionRow.pk.does_not_exist()
    try:
        with TransactWrite(connection=connection()) as write:
            is_as_seen = (SessionRow.patient_id == before) if before else is_free
            write.save(lookup, condition=is_as_seen)
            write.save(listed, condition=is_free)
            if before:
                write.delete(SessionRow(user_accounts.pk(before), listed.sk))
    except TransactWriteError as error:
        if not is_cancelled(error):
            raise
        raise Refused(Fault.TAKEN) from None


def seen(patient_id: str, organisation_id: str, subject: str) -> bool:
    """Marks it as used; False when it was removed meanwhile."""
    row = SessionRow(user_accounts.pk(patient_id), _sk(organisation_id, subject))
    try:
        row.update([SessionRow.seen_at.set(now().timestamp())], SessionRow.pk.exists())
    except UpdateError as error:
        if not is_unmet(error):
            raise
        return False
    return True


def of(patient_id: str) -> list[Link]:
    """Oldest first."""
    found = map(_link, user_accounts.rows(patient_id, PREFIX))
    return sorted(found, key=lambda each: each.created_at)


def remove(patient_id: str, organisation_id: str) -> bool:
    """Every sign-in of this hospital. False when there was none."""
    found = [each for each in of(patient_id) if each.organisation_id == organisation_id]
    for each in found:
        with TransactWrite(connection=connection()) as write:
            write.delete(SessionRow(_pk(each.subject), "sso"))
            write.delete(
                SessionRow(user_accounts.pk(patient_id), _sk(organisation_id, each.subject))
            )
    return bool(found)


def is_in_use(patient_id: str) -> bool:
    """Whether the account's owner has made it their own: whoever comes by another way must show
    that they are the same person."""
    return bool(user_accounts.of(patient_id).factors or of(patient_id))


def _pk(subject: str) -> str:
    return f"sso-subject#{subject}"


def _sk(organisation_id: str, subject: str) -> str:
    return f"{PREFIX}{organisation_id}#{subject}"


def _link(row: SessionRow) -> Link:
    _, organisation_id, subject = row.sk.split("#")
    return Link(organisation_id, subject, float(row.created_at or 0), float(row.seen_at or 0))
