"""Which fields are compared: identity, code, value, unit, range, status, times."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from tests.pairs.sayings import (
    Saying,
    at,
    coded_at,
    digits,
    every,
    moment_at,
    reference_range,
    unit,
    value,
)


class Agree(Enum):
    ANY = auto()  # they share a word: a code, or a word for it
    ALL = auto()  # they say the same, no more and no less


@dataclass(frozen=True)
class Field:
    saying: Saying
    agree: Agree = Agree.ALL


def _any(saying: Saying) -> Field:
    return Field(saying, Agree.ANY)


def _all(saying: Saying) -> Field:
    return Field(saying, Agree.ALL)


_NUMBERS = _all(every(at("identifier.value"), at("requisition.value")))
_STATUS = _all(at("status"))

# `same` names the fields by which two resources are known as one; without it their order counts.
SAME: Mapping[str, str] = {
    "Observation": "code",
    "Condition": "code",
    "AllergyIntolerance": "code",
    "Immunization": "code",
    "ChargeItem": "code",
}
FIELDS: Mapping[str, Mapping[str, Field]] = {
    "Patient": {
        "numbers": _NUMBERS,
        "family name": _all(at("name.family")),
        "given names": _all(at("name.given")),
        "birth date": _all(moment_at("birthDate")),
        "gender": _all(at("gender")),
        "city": _all(at("address.city")),
        "postal code": _all(at("address.postalCode")),
        "phone and e-mail": _all(digits("telecom.value")),
        "marital status": _any(coded_at("maritalStatus")),
        "dead": _all(moment_at("deceasedDateTime")),
    },
    "Observation": {
        "code": _any(coded_at("code")),
        "value": _any(value),
        "unit": _any(unit),
        "range": _all(reference_range),
        "flag": _any(coded_at("interpretation")),
        "status": _STATUS,
        "time": _all(moment_at("effectiveDateTime", "effectivePeriod.start")),
    },
    "DiagnosticReport": {
        "code": _any(coded_at("code")),
        "numbers": _NUMBERS,
        "status": _STATUS,
        "time": _all(moment_at("effectiveDateTime", "effectivePeriod.start")),
        "issued": _all(moment_at("issued")),
    },
    "ServiceRequest": {
        "code": _any(coded_at("code")),
        "numbers": _NUMBERS,
        "status": _STATUS,
        "ordered": _all(moment_at("authoredOn")),
    },
    "Specimen": {
        "type": _any(coded_at("type")),
        "collected": _all(
            moment_at("collection.collectedDateTime", "collection.collectedPeriod.start")
        ),
    },
    "Encounter": {
        "numbers": _NUMBERS,
        "class": _any(coded_at("class")),
        "status": _STATUS,
        "start": _all(moment_at("period.start")),
        "end": _all(moment_at("period.end")),
    },
    "Condition": {
        "code": _any(coded_at("code")),
        "time": _all(moment_at("onsetDateTime", "recordedDate")),
    },
    "AllergyIntolerance": {
        "code": _any(coded_at("code")),
        "severity": _any(coded_at("criticality", "reaction.severity")),
        "reaction": _any(coded_at("reaction.manifestation")),
        "time": _all(moment_at("onsetDateTime", "recordedDate")),
    },
    "Immunization": {
        "code": _any(coded_at("vaccineCode")),
        "status": _STATUS,
        "time": _all(moment_at("occurrenceDateTime")),
        "lot": _all(at("lotNumber")),
        "dose": _all(at("doseQuantity.value")),
    },
    "Appointment": {
        "numbers": _NUMBERS,
        "status": _STATUS,
        "start": _all(moment_at("start")),
        "end": _all(moment_at("end")),
    },
    "DocumentReference": {
        "type": _any(coded_at("type")),
        "status": _STATUS,
        "made": _all(moment_at("date")),
        "time": _all(moment_at("context.period.start")),
    },
    "Coverage": {
        "numbers": _any(every(at("subscriberId"), at("identifier.value"))),
        "start": _all(moment_at("period.start")),
        "end": _all(moment_at("period.end")),
    },
    "RelatedPerson": {
        "family name": _all(at("name.family")),
        "relationship": _any(coded_at("relationship")),
        "phone": _all(digits("telecom.value")),
    },
    "MedicationRequest": {"status": _STATUS, "ordered": _all(moment_at("authoredOn"))},
    "MedicationDispense": {
        "status": _STATUS,
        "amount": _all(at("quantity.value")),
        "time": _all(moment_at("whenHandedOver")),
    },
    "Account": {"numbers": _NUMBERS},
    "ChargeItem": {
        "code": _any(coded_at("code")),
        "time": _all(moment_at("occurrenceDateTime", "occurrencePeriod.start")),
        "quantity": _all(at("quantity.value")),
    },
}
