"""Bills that are not paid yet (FHIR Invoice), the oldest first."""

from decimal import Decimal

from functions.home.views import Bill

from portal import seen_records
from portal.fhir import Resource
from portal.patients import Patient

MOST = 3
LARGEST = 10**12
OWED = "issued"  # "balanced" is paid, in FHIR's words


def of(patient: Patient) -> list[Bill]:
    """For the patient alone: what a bill is for stands in other resources, whose labels it lacks
    (decision 0023)."""
    found = (each.resource for each in seen_records.held(patient, "Invoice"))
    owed = sorted((each for each in found if each.get("status") == OWED), key=_on)
    return [_bill(each) for each in owed[:MOST]]


def _on(invoice: Resource) -> str:
    return str(invoice.get("date", ""))


def _bill(invoice: Resource) -> Bill:
    """An amount without a currency, or beyond any bill, is not shown: the clinic is asked."""
    total = invoice.get("totalGross") or invoice.get("totalNet") or {}
    value, currency = total.get("value"), total.get("currency", "")
    if value is None or not currency or abs(value) >= LARGEST:
        return Bill(on=_on(invoice))
    return Bill(on=_on(invoice), amount=format(Decimal(value), "f"), currency=currency)
