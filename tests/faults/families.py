"""A child with a parent's grant, whose 12th birthday is near and then corrected by a message."""

from datetime import UTC, date, datetime

from portal import birthdays, grants, outbox, patients
from portal.granting import EVERYTHING, Grant, GrantKind, GrantState
from portal.patients import Patient
from portal.tables import CareRow

PARENT = Patient(
    patient_id="parent-1",
    family="Rivera",
    given="Eva",
    birth_on=date(1984, 7, 1),
    email="parent1@example.org",
    identifiers=(("RIVERBEND", "P00001"),),
)
CHILD = Patient(
    patient_id="patient-1",
    family="Rivera",
    given="Ben",
    birth_on=date(2014, 11, 20),
    identifiers=(("RIVERBEND", "T00001"),),
)
CORRECTED = CHILD.model_copy(update={"birth_on": date(2014, 11, 25)})
GRANT = Grant(
    grant_id="grant-1",
    patient_id=CHILD.patient_id,
    holder_id=PARENT.patient_id,
    kind=GrantKind.PARENT,
    state=GrantState.ACTIVE,
    categories=EVERYTHING,
    starts_at=datetime(2020, 1, 1, tzinfo=UTC),
)
NOTICE = f"{birthdays.PREFIX}12#{GRANT.grant_id}"


def a_parents_grant() -> None:
    patients.enrol(PARENT)
    birthdays.plan(GRANT, CHILD.birth_on)
    grants.keep(GRANT)


def is_told_of_the_right_day() -> bool:
    row = CareRow.get(CHILD.patient_id, NOTICE)
    return (row.state, row.detail) == (birthdays.SENT, birthdays.planned_for(date(2026, 11, 25)))


def a_parent_who_listens() -> None:
    patients.enrol(PARENT)
    grants.keep(GRANT)


def owed_to_the_parent(
    audience: outbox.Audience = outbox.Audience.BIRTHDAY,
) -> list[CareRow]:
    rows = CareRow.query(PARENT.patient_id, CareRow.sk.startswith("outbox#"))
    return [row for row in rows if row.audience == audience]
