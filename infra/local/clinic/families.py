"""Who of the demo clinic may open whose record: parents their children's, and who cares for
somebody that one's. As if staff had seen the papers, or an invitation was accepted, long ago.
"""

from datetime import UTC, datetime

from infra.local.clinic.people import Patient, Tie, patient

BY_LAW = frozenset({"mother", "father"})
BY_INVITATION = frozenset({"carer"})
TODAY = datetime.now(UTC).date()


def open_record(person: Patient, enrolled_as: dict[str, str]) -> None:
    """`enrolled_as`: the portal's ids by record number."""
    for tie in person.ties:
        if (tie.relation in BY_LAW and is_minor(person)) or tie.relation in BY_INVITATION:
            grant(person, tie, enrolled_as)


def is_minor(person: Patient) -> bool:
    born = person.birth_on
    return (TODAY.year - born.year) - ((TODAY.month, TODAY.day) < (born.month, born.day)) < 18


def grant(person: Patient, tie: Tie, enrolled_as: dict[str, str]) -> None:
    from portal import birthdays, grants
    from portal.granting import EVERYTHING, Grant, GrantKind, GrantState
    from portal.moments import fresh_id, now

    holder = patient(tie.mrn)
    made = Grant(
        fresh_id(),
        enrolled_as[person.mrn],
        enrolled_as[holder.mrn],
        GrantKind.PARENT if tie.relation in BY_LAW else GrantKind.PROXY,
        GrantState.ACTIVE,
        EVERYTHING,
        now(),
        may_change=True,
        names={
            "patient": f"{person.given} {person.family}",
            "holder": f"{holder.given} {holder.family}",
        },
        by=enrolled_as[person.mrn],
    )
    birthdays.plan(made, person.birth_on)
    grants.keep(made)
