"""Who the clinic's patients are, and how to find one by identifier or contact.

An identifier is an assigning authority with a value (PID-3), never a value alone. Lookups go
through blind indexes: the table shows neither record numbers nor addresses.
"""

import unicodedata
from datetime import date

from pydantic import BaseModel, ConfigDict
from pynamodb.connection import Connection
from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from portal import chart, keys
from portal.moments import fresh_id
from portal.settings import settings
from portal.tables import ChartRow


class ContactTaken(Exception):
    """The address or identifier already belongs to another patient."""


class Patient(BaseModel):
    model_config = ConfigDict(frozen=True)

    patient_id: str
    family: str
    given: str
    birth_on: date
    sex: str = ""
    email: str = ""
    phone: str = ""  # E.164
    language: str = "en"
    identifiers: tuple[tuple[str, str], ...] = ()  # (assigning authority, value)
    is_demo: bool = False


def normal_contact(address: str) -> str:
    """E-mail in lower case; a phone as its digits with the country code (US when none is given)."""
    address = unicodedata.normalize("NFKC", address).strip()
    if "@" in address:
        return address.lower()
    digits = "".join(c for c in address if c.isdigit())
    return f"+1{digits}" if len(digits) == 10 and "+" not in address else f"+{digits}"


def enrol(patient: Patient) -> None:
    """All indexes and the patient in one transaction. Raises ContactTaken."""
    entries = [*_identifier_keys(patient), *_contact_keys(patient)]
    try:
        with TransactWrite(connection=Connection(region=settings().region)) as write:
            write.save(
                chart.sealed_row(patient.patient_id, "patient", patient.model_dump(mode="json")),
                condition=ChartRow.pk.does_not_exist(),
            )
            for pk in entries:
                row = ChartRow(pk, "patient", patient_id=patient.patient_id)
                write.save(row, condition=ChartRow.pk.does_not_exist())
    except TransactWriteError as error:
        raise ContactTaken from error


def new_id() -> str:
    return fresh_id()


def with_id(patient_id: str) -> Patient | None:
    found = chart.find(patient_id, "patient")
    return None if found is None else Patient.model_validate(found)


def id_by_identifier(authority: str, value: str) -> str | None:
    return _indexed(_identifier_key(authority, value))


def id_by_contact(address: str) -> str | None:
    return _indexed(_contact_key(address))


def contact_key(address: str) -> str:
    return _contact_key(address)


def _indexed(pk: str) -> str | None:
    row = ChartRow.find(pk, "patient")
    return None if row is None else row.patient_id


def _identifier_keys(patient: Patient) -> list[str]:
    return [_identifier_key(*identifier) for identifier in patient.identifiers]


def _identifier_key(authority: str, value: str) -> str:
    blind = keys.blind("identifier", f"{authority.strip().upper()}|{value.strip().upper()}")
    return f"identifier#{blind}"


def _contact_keys(patient: Patient) -> list[str]:
    return [_contact_key(address) for address in (patient.email, patient.phone) if address]


def _contact_key(address: str) -> str:
    return f"contact#{keys.blind('contact', normal_contact(address))}"
