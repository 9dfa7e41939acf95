"""Interpreters that patients ask for: work of the front desk, with owner and deadline, as all that
staff must look at (`portal.reviews`). It is free (45 CFR 92.201)."""

from pynamodb.transactions import TransactWrite

from portal import keys, reviews
from portal.audit import Event
from portal.languages import LANGUAGES
from portal.reviews import Review
from portal.tables import AuditRow, CareRow, connection


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


OTHER = "other"
OTHERS: dict[str, str] = {"ase": N_("American Sign Language"), OTHER: N_("Another language")}
SPOKEN = (*(each.code for each in LANGUAGES[1:]), *OTHERS)
WAYS: dict[str, str] = {
    "phone": N_("By phone, before my next visit"),
    "video": N_("In a video call"),
    "visit": N_("In person, at my next visit"),
}


def ask(patient_id: str, told: dict[str, str], entry: AuditRow) -> None:
    """`told`: language, how and words. With its audit row: both or none."""
    row = reviews.new_row(patient_id, Event.INTERPRETER_ASKED, told=told)
    with TransactWrite(connection=connection()) as write:
        write.save(row, condition=CareRow.pk.does_not_exist())
        write.save(entry, condition=AuditRow.pk.does_not_exist())


def of(patient_id: str) -> list[Review]:
    """The newest first."""
    rows = CareRow.query(patient_id, CareRow.sk.startswith(reviews.PREFIX), consistent_read=True)
    mine = [row for row in rows if row.reason == Event.INTERPRETER_ASKED]
    found = [reviews.of_row(row, keys.unseal(row.pk, row.sk, row.sealed or b"")) for row in mine]
    return sorted(found, key=lambda each: each.asked_at, reverse=True)
