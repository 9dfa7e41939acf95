"""Real ORU messages of many senders, and patients enrolled as those messages name them."""

import csv
from datetime import date
from pathlib import Path

from tests.builders import a_patient
from tests.lab_results import LabResults, lab_results

from portal import hl7
from portal.errors import Unusable
from portal.patients import Patient, id_by_identifier


def oru_files(samples: Path, per_sender: int) -> list[Path]:
    """The first few of each source: every sender's habits, not a thousand of one."""
    with (samples / "manifest.csv").open(newline="") as rows:
        files = [
            samples.parent / row["file"] for row in csv.DictReader(rows) if "ORU" in row["types"]
        ]
    by_sender: dict[str, list[Path]] = {}
    for path in files:
        by_sender.setdefault(path.parent.name, []).append(path)
    return [path for paths in by_sender.values() for path in paths[:per_sender]]


def converted(raw: bytes) -> LabResults | None:
    try:
        return lab_results(hl7.read(raw), "America/New_York")
    except Unusable:
        return None


def enrolled(results: LabResults) -> Patient | None:
    """The patient this message is about, if nobody holds one of its identifiers yet."""
    claim = results.claim
    identifiers = tuple((each.authority, each.value) for each in claim.identifiers)
    if any(id_by_identifier(*each) for each in identifiers):
        return None
    return a_patient(
        family=claim.family or "Unnamed",
        given=claim.given or "Unnamed",
        birth_on=claim.birth_on or date(1970, 1, 1),
        identifiers=identifiers[:1],
    )
