"""What happens to a grant, from the invitation to the end: each is one more version of it, together
with its audit row in the trail of whose record it is, and with the message that is owed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from pynamodb.transactions import TransactWrite

from portal import audit, birthdays, grants, joins, outbox
from portal.access import Caller, Visitor
from portal.audit import Event
from portal.errors import Conflict
from portal.granting import Category, Grant, GrantKind, GrantState
from portal.joins import Join, Opened
from portal.moments import fresh_id, now
from portal.outbox import Audience
from portal.patients import Patient
from portal.sensitivity import Segment
from portal.staff_access import StaffCaller
from portal.tables import AuditRow, CareRow, SessionRow


@dataclass(frozen=True)
class Offer:
    """What somebody chose to share. `notes` keeps a written consent (42 CFR 2.31) as signed."""

    categories: frozenset[Category]
    segments: frozenset[Segment]
    may_change: bool
    ends_at: datetime | None
    has_part2_consent: bool
    notes: dict[str, str]


def full_name(patient: Patient) -> str:
    return f"{patient.given} {patient.family}".strip()


def invite(
    caller: Caller, patient: Patient, offer: Offer, to: dict[str, str], *, by_teen: bool
) -> tuple[Grant, Join]:
    """`to`: "holder" and "email", as the inviter typed them."""
    grant = Grant(
        fresh_id(),
        patient.patient_id,
        "",
        GrantKind.PROXY,
        GrantState.INVITED,
        starts_at=now(),
        by_teen=by_teen,
        names={"patient": full_name(patient), **to},
        by=caller.subject_id,
        **_offered(offer),
    )
    join = joins.new()
    row = joins.row_of(join, grant)

    def with_join(write: TransactWrite) -> None:
        write.save(row, condition=SessionRow.pk.does_not_exist())

    kept = grants.keep(grant, _entry(Event.PROXY_INVITED, caller, grant), also=with_join)
    return kept, join


def accept(
    visitor: Visitor,
    opened: Opened,
    holder: Patient,
    also: Callable[[TransactWrite], None] | None = None,
) -> Grant:
    """Spends the invitation. Raises Conflict when somebody else was first."""
    grant = opened.grant
    accepted = replace(
        grant,
        holder_id=holder.patient_id,
        state=GrantState.ACTIVE,
        names=grant.names | {"holder": full_name(holder), "invited": grant.names["holder"]},
        by=holder.patient_id,
    )

    def with_spent(write: TransactWrite) -> None:
        write.delete(opened.row, condition=SessionRow.code == opened.row.code)
        if also:
            also(write)

    entry = _entry(Event.PROXY_JOINED, visitor, grant, holder.patient_id)
    owed = _owed(Event.PROXY_JOINED, grant.patient_id)
    return grants.keep(accepted, entry, owed=owed, also=with_spent)


def change(caller: Caller, grant: Grant, offer: Offer) -> Grant:
    """In whatever state it is. Raises Conflict."""
    notes = {name: text for name, text in grant.notes.items() if name != "part2"} | offer.notes
    changed = replace(grant, by=caller.subject_id, **_offered(offer) | {"notes": notes})
    return grants.keep(changed, _entry(Event.PROXY_CHANGED, caller, grant))


def revoke(caller: Caller, grant: Grant) -> None:
    """Whoever was first, it is over."""
    _end(grant, caller.subject_id, _entry(Event.PROXY_REVOKED, caller, grant), ())


def give_back(caller: Caller, grant: Grant) -> None:
    entry = _entry(Event.PROXY_GIVEN_BACK, caller, grant)
    _end(grant, caller.subject_id, entry, _owed(Event.PROXY_GIVEN_BACK, grant.patient_id))


def set_notices(caller: Caller, grant: Grant, is_told: bool) -> Grant:
    changed = replace(grant, is_told=is_told, by=caller.subject_id)
    return grants.keep(changed, _entry(Event.PROXY_NOTICES, caller, grant))


def suspend(staff: StaffCaller, grant: Grant, reason: str) -> Grant:
    """Raises Conflict for one that is not active."""
    if grant.state is not GrantState.ACTIVE:
        raise Conflict
    notes = grant.notes | {"suspended": reason}
    stopped = replace(grant, state=GrantState.SUSPENDED, notes=notes, by=staff.subject_id)
    return grants.keep(stopped, _entry(Event.PROXY_SUSPENDED, staff, grant, why="clinic-work"))


def lift(staff: StaffCaller, grant: Grant, reason: str, birth_on: date) -> Grant:
    """Raises Conflict for one that is not suspended."""
    if grant.state is not GrantState.SUSPENDED:
        raise Conflict
    birthdays.plan(grant, birth_on)
    notes = grant.notes | {"lifted": reason}
    active = replace(grant, state=GrantState.ACTIVE, notes=notes, by=staff.subject_id)
    return grants.keep(active, _entry(Event.PROXY_LIFTED, staff, grant, why="clinic-work"))


def approve(staff: StaffCaller, grant: Grant, birth_on: date) -> Grant:
    """For whom staff saw a proof. Both are told. Raises Conflict for the second of two."""
    birthdays.plan(grant, birth_on)
    owed = _owed(Event.PROXY_GIVEN, grant.patient_id) + _owed(Event.PROXY_APPROVED, grant.holder_id)
    entry = _entry(Event.PROXY_APPROVED, staff, grant, why="clinic-work")
    return grants.keep(replace(grant, by=staff.subject_id), entry, owed=owed)


def _end(grant: Grant, by: str, entry: AuditRow, owed: tuple[CareRow, ...]) -> None:
    """A change that came in between does not keep it alive."""
    found: Grant | None = grant
    for _ in range(5):
        if found is None or found.state is GrantState.REVOKED:
            return
        try:
            grants.keep(replace(found, state=GrantState.REVOKED, by=by), entry, owed=owed)
        except Conflict:
            found = grants.find(grant.patient_id, grant.grant_id)
            continue
        return
    raise Conflict


def _offered(offer: Offer) -> dict[str, Any]:
    return {
        "categories": offer.categories,
        "segments": offer.segments,
        "may_change": offer.may_change,
        "ends_at": offer.ends_at,
        "has_part2_consent": offer.has_part2_consent,
        "notes": offer.notes,
    }


def _owed(event: Event, patient_id: str) -> tuple[CareRow, ...]:
    return (outbox.row(patient_id, f"{event.value}#{fresh_id()}", Audience.ACCOUNT),)


def _entry(
    event: Event, visitor: Visitor, grant: Grant, actor: str = "", why: str = "patient-request"
) -> AuditRow:
    known = visitor.subject_id if isinstance(visitor, Caller | StaffCaller) else ""
    return audit.row(
        event,
        actor=actor or known or audit.NOBODY,
        patient_id=grant.patient_id,
        about=grant.grant_id,
        why=why,
        request_id=visitor.request_id,
        source=visitor.source,
        grant=grant.grant_id,
    )
