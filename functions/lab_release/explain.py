"""What a card may say: each value traced to its OBX (law 6), each test looked up for words.

The words themselves are added when the card is read, in the reader's language; here we only make
sure that nothing shown differs from what the lab sent, and count the tests without words.
"""

from functions.lab_release import charts, incoming
from functions.lab_release.incoming import Tracer

from portal import analytes, patients
from portal.errors import Reason, Unusable
from portal.folding import fold
from portal.patients import Patient

NOT_TRACED = "A converted value differs from its OBX; the card was not published."


def check(patient_id: str, raw_id: str, report_ids: list[str]) -> int:
    """The number of readings without an explanation. Raises Unusable for a value not traced."""
    patient = patients.current(patient_id)
    if patient is None:
        raise LookupError("the matched patient is not there")
    trace = incoming.tracer(raw_id)
    return sum(_check_report(patient, raw_id, name, trace) for name in report_ids)


def _check_report(patient: Patient, raw_id: str, report_id: str, trace: Tracer) -> int:
    versions = charts.versions(patient, report_id)
    for version in versions:
        if version.raw_id == raw_id and not trace(version):
            raise Unusable(Reason.NOT_TRACED, NOT_TRACED)
    readings = fold(versions).readings if versions else ()
    return sum(analytes.find(reading.loinc) is None for reading in readings)
