"""Who they are, as the step asks it: the comparison itself is portal.proofing's."""

from datetime import date
from urllib.parse import urlencode

from portal import pages, proofing


def is_right(patient_id: str, born_on: date | None, identifier: str) -> bool:
    return proofing.is_right(patient_id, born_on, identifier)


def advice(language: str) -> str:
    _ = pages.words(language)
    return _("This is not what your clinic has on file. Check both, or ask the front desk.")


def query(return_to: str) -> str:
    return urlencode({"return_to": return_to})
