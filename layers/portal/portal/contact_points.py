"""Where a person is reached: an address counts when its owner typed the code that we sent there.

Until then it is nowhere but in the session that asked (`setup#`), so nothing is ever sent to it but
that code. What the clinic has on file came from the clinic; messages from its systems never change
an address here (they are chart, not account), so a confirmed one is not overwritten by them.
"""

import re

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from portal import outbox, patients, user_accounts
from portal.audit import Event
from portal.conditions import is_cancelled
from portal.errors import Conflict, NotFound
from portal.moments import fresh_id
from portal.outbox import Audience
from portal.patients import Patient, normal_contact
from portal.tables import AuditRow, CareRow, connection

EMAIL, PHONE = "email", "phone"
TRIES = 3
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
_EMAIL = re.compile(r"[^@\s\"<>,;:]{1,64}@[^@\s\"<>,;:]{1,190}\.[^@\s\"<>,;:.]{2,60}")


def kind_of(address: str) -> str:
    return EMAIL if "@" in address else PHONE


def normal(kind: str, typed: str) -> str:
    """As it is kept; "" for what is no such address."""
    if kind == EMAIL:
        address = normal_contact(typed) if "@" in typed else ""
        return address if _EMAIL.fullmatch(address) and address.isascii() else ""
    number = "" if "@" in typed else normal_contact(typed)
    return number if _E164.fullmatch(number) else ""


def is_confirmed(patient: Patient, address: str) -> bool:
    return bool(address) and normal_contact(address) in patient.confirmed


def confirm(patient_id: str, address: str, entry: AuditRow) -> None:
    """It takes the place of the one before. The old one and those that stay are told, and a link
    under way to the old one opens nothing. Raises Conflict when others kept changing the record."""
    from portal import activations

    for _ in range(TRIES):
        before = patients.with_id(patient_id)
        if before is None:
            raise NotFound
        user_accounts.drop_link(patient_id)
        activations.withdraw(patient_id)
        if _is_kept(_with(before, address), [entry, *_owed(before, address)]):
            return
    raise Conflict


def _is_kept(after: Patient, written: list[AuditRow | CareRow]) -> bool:
    """False when the record was changed meanwhile."""
    try:
        with TransactWrite(connection=connection()) as write:
            patients.put(write, after)
            for row in written:
                write.save(row, condition=type(row).pk.does_not_exist())
    except TransactWriteError as error:
        if not is_cancelled(error):
            raise
        return False
    return True


def _with(before: Patient, address: str) -> Patient:
    after = before.model_copy(update={kind_of(address): address})
    known = {*before.confirmed, normal_contact(address)} & set(after.contacts)
    return after.model_copy(update={"confirmed": tuple(sorted(known))})


def _owed(before: Patient, address: str) -> list[CareRow]:
    """To the old address, which nothing else remembers, and to the ones that hold now."""
    old = str(getattr(before, kind_of(address)))
    if old and normal_contact(old) == normal_contact(address):
        return []
    key = f"{Event.CONTACT_CHANGED.value}#{fresh_id()}"
    told = outbox.row(before.patient_id, key, Audience.ACCOUNT)
    former = [outbox.to_former(before.patient_id, f"{key}#former", old)] if old else []
    return [told, *former]
