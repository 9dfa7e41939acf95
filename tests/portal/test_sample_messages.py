"""Real messages of many senders: each becomes results, or is refused in words for a person."""

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.lab_results import lab_results

from portal import fhir, hl7
from portal.acks import AckCode, ack
from portal.errors import Unusable
from portal.moments import now
from portal.tracing import traced

_FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "hl7v2"
_MANIFEST = _FOLDER / "dev" / "manifest.csv"

pytestmark = pytest.mark.skipif(
    not _MANIFEST.exists(), reason="the sample messages are not beside this project"
)


def sample_files() -> list[Path]:
    with _MANIFEST.open(newline="") as rows:
        wanted = [
            row
            for row in csv.DictReader(rows)
            if "ORU" in row["types"] or row["kind"] == "malformed"
        ]
    return [_FOLDER / row["file"] for row in wanted]


def outcome(raw: bytes) -> str:
    message = hl7.read(raw)
    try:
        found = lab_results(message, "America/New_York")
        resources = [one for report in found.reports for one in report.resources]
        for resource in resources:
            fhir.validate(fhir.loads(fhir.dumps(resource)))
    except Unusable as refused:
        return refused.reason.value if refused.detail.endswith(".") else "without words"
    observations = [one for one in resources if one["resourceType"] == "Observation"]
    assert all(traced(fhir.loads(fhir.dumps(one)), message) for one in observations)
    return "results"


def test_each_sample_becomes_results_or_a_reason(
    record_property: Callable[[str, object], None],
) -> None:
    whole, alone = Counter[str](), Counter[str]()
    for file in sample_files():
        raw = file.read_bytes()
        whole[outcome(raw)] += 1
        alone.update(outcome(part) for part in hl7.split(raw))

    record_property(
        "figures", f"files as they are: {dict(whole)}\nmessages one by one: {dict(alone)}"
    )
    assert alone["results"] > 900
    assert not alone["invalid-fhir"]
    assert not alone["without words"]


def test_each_sample_can_be_acknowledged() -> None:
    for file in sample_files():
        message = hl7.read(file.read_bytes())
        reply = hl7.read(ack(message, AckCode.ACCEPTED, at=now(), control_id="A1"))

        assert reply.first("MSA").text(1) == "AA"
