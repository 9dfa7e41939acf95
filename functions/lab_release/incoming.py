"""The message behind a raw id, read again by each step: no second copy of it lies about."""

from portal import hl7, objects, oru
from portal.settings import settings


def message_of(raw_id: str) -> hl7.Message:
    body, charset = objects.raw(raw_id)
    return hl7.read(body, charset)


def results_of(raw_id: str) -> oru.LabResults:
    """Raises Unusable for what can be no lab result."""
    return oru.lab_results(message_of(raw_id), settings().clinic_time_zone)
