"""Real messages all the way: each ends as a card, or in quarantine with a reason for a person."""

import re
from collections import Counter
from pathlib import Path

import pytest
from functions.results import plain_words
from tests.builders import released
from tests.lab_release.samples import converted, enrolled, oru_files

from portal import arrivals, objects, published
from portal.access import Caller
from portal.errors import Reason, Unusable
from portal.tables import CareRow

pytestmark = pytest.mark.usefixtures("portal")


def test_every_real_message_becomes_cards_or_waits_with_a_reason(samples: Path) -> None:
    outcomes: Counter[str] = Counter()
    for path in oru_files(samples, per_sender=6):
        raw = path.read_bytes()
        results = converted(raw)
        if results is not None:
            enrolled(results)
        try:
            ids = released(raw)
        except Unusable as refusal:
            outcomes[refusal.reason.value] += 1
            assert_explained(raw, path)
        else:
            outcomes["carded"] += len(ids.report_ids) > 0
            assert_readable(ids.patient_id, ids.report_ids, path)

    assert outcomes["carded"] >= 20
    assert set(outcomes) <= {"carded", *(reason.value for reason in Reason)}
    assert not outcomes[Reason.INVALID_FHIR] + outcomes[Reason.NOT_TRACED]


def assert_explained(raw: bytes, path: Path) -> None:
    row = CareRow.get(f"arrival#{objects.raw_id(raw)}", "arrival")
    assert row.state == arrivals.QUARANTINED, path
    assert re.search(r"[A-Z]{3}|identifier|value|FHIR", row.detail or ""), path


def assert_readable(patient_id: str, report_ids: list[str], path: Path) -> None:
    caller = Caller("r", "s", "es", patient_id=patient_id, subject_id=patient_id)
    for report_id in report_ids:
        found = published.find(patient_id, report_id)
        assert found is not None, path
        view = plain_words.of(caller, found.card, 5)
        assert view.title or found.card.status == "registered", path
        for reading in view.readings:
            assert reading.value or reading.status_words or reading.notes or reading.lab_name, path
