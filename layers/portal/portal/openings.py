"""An account opened: a secret for a session, in one transaction with its audit row, the message its
owner is owed, and an end to every other session.

So nothing is added silently: whoever was signed in is signed out, and links that are under way are
void. Who has a second factor already must show it, as after any sign-in.
"""

from dataclasses import dataclass, replace

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from portal import audit, outbox, sessions, unusual, user_accounts
from portal.access import Visitor
from portal.audit import Event
from portal.conditions import UNMET, is_cancelled
from portal.errors import ActivationIsSpent
from portal.methods import Confidence, Method
from portal.moments import fresh_id
from portal.outbox import Audience
from portal.patients import Patient, contact_key
from portal.secrets_kept import token
from portal.tables import AuditRow, CareRow, SessionRow, connection
from portal.user_accounts import Account

MOST_TRIES = 3


@dataclass(frozen=True)
class Opening:
    """What a secret opens, and how sure it makes us that its owner is the patient."""

    patient_id: str
    about: str  # for the audit trail: how
    methods: frozenset[Method]
    confidence: Confidence


def is_for(patient: Patient | None, secret: SessionRow) -> bool:
    """Whether what was handed out still opens anything: not for who died, was merged or closed, nor
    from an address that is no longer theirs."""
    if patient is None or not patient.may_sign_in:
        return False
    return not secret.contact or secret.contact in map(contact_key, patient.contacts)


def opened(opening: Opening, spent: SessionRow, is_unspent: Condition, visitor: Visitor) -> str:
    """The cookie of a fresh session. `spent` is deleted; two who come at once open one session.
    Raises ActivationIsSpent."""
    cookie = _swapped(opening, spent, is_unspent, visitor)
    unusual.signed_in(visitor, opening.patient_id, opening.methods)
    return sessions.rise(cookie, None) if opening.confidence >= Confidence.PROOFED else cookie


def _swapped(opening: Opening, spent: SessionRow, is_unspent: Condition, visitor: Visitor) -> str:
    """Somebody may sign out everywhere at this moment: then again, with the account's new
    generation."""
    for _ in range(MOST_TRIES):
        cookie, before = token(256), user_accounts.of(opening.patient_id)
        after = replace(before, generation=before.generation + 1)
        new = sessions.new_rows(cookie, after, opening.methods, visitor)
        try:
            with TransactWrite(connection=connection()) as write:
                write.delete(spent, condition=is_unspent)
                for row in new:
                    write.save(row, condition=SessionRow.pk.does_not_exist())
                _tell(write, opening, before, visitor)
                _begin_again(write, before, opening.confidence)
        except TransactWriteError as error:
            if not is_cancelled(error):
                raise
            if _is_gone(error):
                raise ActivationIsSpent from error
            continue
        return cookie
    raise ActivationIsSpent


def _tell(write: TransactWrite, opening: Opening, before: Account, visitor: Visitor) -> None:
    event = Event.ACCOUNT_ACTIVATED_AGAIN if before.factors else Event.ACCOUNT_ACTIVATED
    entry = audit.row(
        event,
        actor=audit.NOBODY,
        patient_id=opening.patient_id,
        about=opening.about,
        request_id=visitor.request_id,
        source=visitor.source,
    )
    owed = outbox.row(opening.patient_id, f"{event.value}#{fresh_id()}", Audience.ACCOUNT)
    write.save(entry, condition=AuditRow.pk.does_not_exist())
    write.save(owed, condition=CareRow.pk.does_not_exist())


def _begin_again(write: TransactWrite, before: Account, confidence: Confidence) -> None:
    write.update(
        user_accounts.row(before.patient_id),
        [
            SessionRow.generation.add(1),
            SessionRow.newest.remove(),
            SessionRow.confidence.set(int(max(before.confidence, confidence))),
        ],
        condition=user_accounts.is_same(before),
    )


def _is_gone(error: TransactWriteError) -> bool:
    """Reasons stand in the order in which PynamoDB sends the parts: deletions first."""
    first = error.cancellation_reasons[0]
    return first is not None and first.code == UNMET
