"""Who the clinic's patients are, and how to find one by identifier or contact.

An identifier is an assigning authority with a value (PID-3), never a value alone. Lookups go
through blind indexes: the table shows neither record numbers nor addresses.

identifier#<blind> / patient            whose it is: one patient's
contact#<blind>, number#<blind>         may be several patients': portal.patient_search

A merge retires a patient in favour of another: `replaced_by` leads there, its identifiers become
`former` ones of the survivor, and the row stays, so that the merge can be undone.
"""

import unicodedata
from collections.abc import Iterable
from datetime import date

from pydantic import Field
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from portal import ages, chart, keys, waiting
from portal.conditions import explain
from portal.model import Frozen
from portal.moments import fresh_id, now
from portal.tables import AuditRow, CareRow, ChartRow, connection

type Known = tuple[str, str]  # (assigning authority, value)


class IdentifierTaken(Exception):
    """The identifier already belongs to another patient."""


class Changed(Exception):
    """Somebody changed the patient meanwhile: read again and try again."""


class Patient(Frozen):
    patient_id: str
    family: str
    given: str
    birth_on: date
    sex: str = ""
    email: str = ""
    phone: str = ""  # E.164
    language: str = "en"
    state: str = Field(default="", pattern="^([A-Z]{2})?$")  # US postal code; "": nobody said
    identifiers: tuple[Known, ...] = ()
    former: tuple[Known, ...] = ()  # of records merged into this one, by identifier
    absorbed: tuple[str, ...] = ()  # patient ids of those records
    replaced_by: str = ""
    confirmed: tuple[str, ...] = ()  # of the contacts, those that their owner confirmed
    is_deceased: bool = False
    is_closed: bool = False  # by the clinic: nobody signs in
    has_record: bool = True  # False: somebody who only helps others with theirs
    is_demo: bool = False
    revision: int = Field(default=0, exclude=True)  # of the row it was read from

    @property
    def mine(self) -> frozenset[Known]:
        return frozenset(map(normal, (*self.identifiers, *self.former)))

    @property
    def is_small_child(self) -> bool:
        return ages.age_on(self.birth_on, now().date()) < ages.TEEN

    @property
    def may_sign_in(self) -> bool:
        return not (self.replaced_by or self.is_deceased or self.is_closed or self.is_small_child)

    @property
    def contacts(self) -> tuple[str, ...]:
        return tuple(normal_contact(each) for each in (self.email, self.phone) if each)


def normal(identifier: Known) -> Known:
    authority, value = identifier
    return authority.strip().upper(), value.strip().upper()


def normal_contact(address: str) -> str:
    """E-mail in lower case; a phone as its digits with the country code (US when none is given)."""
    address = unicodedata.normalize("NFKC", address).strip()
    if "@" in address:
        return address.lower()
    digits = "".join(c for c in address if c.isdigit())
    return f"+1{digits}" if len(digits) == 10 and "+" not in address else f"+{digits}"


def enrol(patient: Patient) -> None:
    """All indexes and the patient in one transaction. Raises IdentifierTaken. What waited for these
    identifiers in quarantine goes on by itself."""
    try:
        with TransactWrite(connection=connection()) as write:
            add_to(write, patient)
    except TransactWriteError as error:
        explain(error, IdentifierTaken)
    waiting.release(_identifier_keys(patient))


def add_to(write: TransactWrite, patient: Patient) -> None:
    """The same in a transaction of the caller's; what waits is not released."""
    is_free = ChartRow.pk.does_not_exist()
    write.save(_row(patient), condition=is_free)
    _index(write, patient, is_free)


def rewrite(*patients: Patient, audited: Iterable[AuditRow | CareRow] = ()) -> None:
    """Each as it shall be, with its indexes, the audit rows, and what staff or patients are owed.
    Raises Changed when one of them is not as it was read, or an identifier is a third patient's."""
    try:
        with TransactWrite(connection=connection()) as write:
            put(write, *patients)
            for entry in audited:
                write.save(entry, condition=type(entry).pk.does_not_exist())
    except TransactWriteError as error:
        explain(error, Changed)
    waiting.release(key for patient in patients for key in _identifier_keys(patient))


def put(write: TransactWrite, *patients: Patient) -> None:
    """In a transaction of the caller's, which fails unless each is as it was read."""
    is_ours = ChartRow.patient_id.is_in(*(each.patient_id for each in patients))
    for patient in patients:
        write.save(_row(patient), condition=_is_as_read(patient))
        _index(write, patient, ChartRow.pk.does_not_exist() | is_ours)


new_id = fresh_id


def with_id(patient_id: str) -> Patient | None:
    row = ChartRow.find(patient_id, "patient")
    if row is None:
        return None
    read = {"revision": int(row.revision or 0)}
    return Patient.model_validate(chart.content(row)).model_copy(update=read)


def current(patient_id: str) -> Patient | None:
    """Whose record this one is part of now: the survivor of its merges."""
    patient = with_id(patient_id)
    while patient is not None and patient.replaced_by:
        patient = with_id(patient.replaced_by)
    return patient


def id_by_identifier(authority: str, value: str) -> str | None:
    row = ChartRow.find(identifier_key((authority, value)), "patient")
    return None if row is None else row.patient_id


def identifier_key(identifier: Known) -> str:
    return f"identifier#{keys.blind('identifier', '|'.join(normal(identifier)))}"


def retired_key(identifier: Known) -> str:
    """The index of a merged record's own number: there when its name and birth date are known."""
    return f"retired-{identifier_key(identifier)}"


def contact_key(address: str) -> str:
    return f"contact#{keys.blind('contact', normal_contact(address))}"


def number_key(value: str) -> str:
    return f"number#{keys.blind('number', normal(('', value))[1])}"


def _row(patient: Patient) -> ChartRow:
    what = patient.model_dump(mode="json")
    return chart.sealed_row(patient.patient_id, "patient", what, revision=patient.revision + 1)


def _is_as_read(patient: Patient) -> Condition:
    if patient.revision:
        return ChartRow.revision == patient.revision
    return ChartRow.revision.does_not_exist()


def _index(write: TransactWrite, patient: Patient, is_free: Condition) -> None:
    for pk in _identifier_keys(patient):
        write.save(ChartRow(pk, "patient", patient_id=patient.patient_id), condition=is_free)
    for pk in _shared_keys(patient):
        write.save(ChartRow(pk, f"patient#{patient.patient_id}", patient_id=patient.patient_id))


def _shared_keys(patient: Patient) -> list[str]:
    if patient.replaced_by:  # numbers and contacts lead to the survivor now, if to anybody
        return []
    numbers = [number_key(value) for _, value in sorted(patient.mine)]
    return list(dict.fromkeys([*numbers, *map(contact_key, patient.contacts)]))


def _identifier_keys(patient: Patient) -> list[str]:
    if patient.replaced_by:
        return list(dict.fromkeys(map(retired_key, patient.identifiers)))
    return list(dict.fromkeys(map(identifier_key, (*patient.identifiers, *patient.former))))
