"""What a run leaves behind, in words that two runs can be compared by."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from portal import audit, chart, outbox, patients
from portal.patients import Patient
from portal.tables import AuditRow, CareRow, ChartRow

POINTERS = ("key", "values#")  # a row of values only says which card to look into
CLAIMS = ("only#", "successor#")  # of conditions in FHIR
OF_THE_RUN = {"arrived_at", "released_at"}  # by our own clock


@dataclass(frozen=True)
class Ledger:
    """One message's row: where it came to rest, and why."""

    state: str
    reason: str


def chart_of(patient: Patient) -> dict[str, list[Any]]:
    """Every row of the patient, opened, by its kind."""
    found: dict[str, list[Any]] = {}
    for row in ChartRow.query(patient.patient_id, consistent_read=True):
        if not row.sk.startswith(POINTERS):
            found.setdefault(row.sk.partition("#")[0], []).append(_told_by(row))
    return {kind: sorted(contents, key=repr) for kind, contents in found.items()}


def _told_by(row: ChartRow) -> Any:
    is_claim = row.sk.startswith(CLAIMS)
    return (row.sk, row.fingerprint) if is_claim else timeless(chart.content(row))


def timeless(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: timeless(each) for name, each in content.items() if name not in OF_THE_RUN}
    return [timeless(each) for each in content] if isinstance(content, list) else content


def ledger_of(raw_id: str) -> Ledger | None:
    row = CareRow.find(f"arrival#{raw_id}", "arrival")
    return None if row is None else Ledger(row.state, row.reason or "")


def cards_shown_to(patient: Patient) -> list[Any]:
    """Whatever they are called by: after a merge that depends on which came first."""
    kept = {"report_id", "documents"}
    survivor = patients.current(patient.patient_id) or patient
    rows = ChartRow.query(survivor.patient_id, ChartRow.sk.startswith("card#"))
    found = [timeless(chart.content(row)) for row in rows]
    return sorted(({k: v for k, v in card.items() if k not in kept} for card in found), key=repr)


def releases_to(patient: Patient) -> dict[str, tuple[int, int]]:
    """Report id -> the revision of its card, and how many releases the audit trail has of it."""
    cards = ChartRow.query(patient.patient_id, ChartRow.sk.startswith("card#"))
    found = Counter(row.about for row in trail_of(patient, audit.Event.RESULT_RELEASED))
    names = ((row.sk.removeprefix("card#"), int(row.revision or 0)) for row in cards)
    return {name: (revision, found[name]) for name, revision in names}


def owed_to(patient: Patient) -> list[CareRow]:
    rows = CareRow.query(patient.patient_id, CareRow.sk.startswith("outbox#"))
    return [row for row in rows if row.audience == outbox.Audience.PATIENT]


def trail_of(patient: Patient, event: audit.Event) -> list[AuditRow]:
    rows = audit.of_patient(patient.patient_id)
    return [row for row in rows if row.event == event.value]


def trail_about(name: str, event: audit.Event) -> list[AuditRow]:
    return [row for row in AuditRow.scan() if (row.event, row.about) == (event.value, name)]
