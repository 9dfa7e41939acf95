"""Patients found by what several may share: an address or phone, a number without its authority.

contact#<blind> / patient#<patient id>   whose address it is or was: a family may have one
number#<blind> / patient#<patient id>    the same of an identifier's bare value
contact#<blind> / patient                as it was written when an address was one patient's

Index rows are never removed, so each find is compared with the patient as it is now: an address
that was given up leads nowhere. Merged records are not found; their survivors are.
"""

from portal import patients
from portal.patients import Patient
from portal.tables import ChartRow

MOST_AT_ONE_CONTACT = 10  # more is no family: a placeholder such as none@example.org


def at_contact(address: str) -> list[Patient]:
    wanted = patients.normal_contact(address)
    return [each for each in _named(patients.contact_key(address)) if wanted in each.contacts]


def ids_at_contact(address: str) -> list[str]:
    """Of all whose address it is or was, none of them looked at: one call for every address, so
    that time does not tell a known one. None for a placeholder."""
    pk = patients.contact_key(address)
    rows = ChartRow.query(pk, ChartRow.sk.startswith("patient"), consistent_read=True)
    found = list(dict.fromkeys(row.patient_id for row in rows if row.patient_id))
    return found if len(found) <= MOST_AT_ONE_CONTACT else []


def with_number(value: str) -> list[Patient]:
    _, wanted = patients.normal(("", value))
    found = _named(patients.number_key(value))
    return [each for each in found if wanted in {number for _, number in each.mine}]


def _named(pk: str) -> list[Patient]:
    rows = ChartRow.query(pk, ChartRow.sk.startswith("patient"), consistent_read=True)
    found = map(patients.with_id, dict.fromkeys(row.patient_id for row in rows if row.patient_id))
    return [each for each in found if each and not each.replaced_by]
