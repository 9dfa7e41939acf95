"""What a card may say: each value traced to its OBX (law 6), each test looked up for words.

The words themselves are added when the card is read, in the reader's language; here we only make
sure that nothing shown differs from what the lab sent, and count the tests without words.
"""

from functions.lab_release.incoming import message_of

from portal import analytes, reports, tracing
from portal.errors import Reason, Unusable
from portal.folding import fold
from portal.hl7 import Message

NOT_TRACED = "A converted value differs from its OBX; the card was not published."


def check(patient_id: str, raw_id: str, report_ids: list[str]) -> int:
    """The number of readings without an explanation. Raises Unusable for a value not traced."""
    message = message_of(raw_id)
    return sum(_check_report(patient_id, raw_id, name, message) for name in report_ids)


def _check_report(patient_id: str, raw_id: str, report_id: str, message: Message) -> int:
    versions = reports.versions(patient_id, report_id)
    for version in versions:
        if version.raw_id == raw_id and not _is_traced(version, message):
            raise Unusable(Reason.NOT_TRACED, NOT_TRACED)
    readings = fold(versions).readings
    return sum(analytes.find(reading.loinc) is None for reading in readings)


def _is_traced(version: reports.Version, message: Message) -> bool:
    observations = (r for r in version.parsed() if r["resourceType"] == "Observation")
    return all(tracing.traced(observation, message) for observation in observations)
