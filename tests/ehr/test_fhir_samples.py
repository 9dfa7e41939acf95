"""Real FHIR files, pushed: each ends in FHIR's answer, with its reasons where it is refused."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.ehr.fhir_pushed import a_sender, push, raw_id, responses, statuses

from portal import chart, fhir, fhir_bundles, fhir_results, patients, record_versions, reports
from portal.fhir_charts import Chart
from portal.folding import fold

pytestmark = pytest.mark.usefixtures("portal")


@pytest.fixture(scope="module")
def files() -> Path:
    """A user's machine has none."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "data" / "fhir" / "dev"
    if not folder.is_dir():
        pytest.skip("the shared FHIR files are not on this machine")
    return folder


def reasons(document: Any) -> list[str]:
    """Codes of all issues, those of entries too."""
    entries = document.get("entry", ())
    inner = [issue for each in entries for issue in reasons(each["response"].get("outcome", {}))]
    return inner + [
        each["code"] for each in document.get("issue", ()) if each["severity"] == "error"
    ]


def test_synthetic_patients_are_stored_whole(files: Path) -> None:
    """Each bundle is a patient's whole life. Prints entries a second."""
    token, entries, seconds = a_sender(), 0, 0.0
    for path in sorted(files.glob("synthea_bundles/*.json"))[:4]:
        body = path.read_bytes()
        started = time.perf_counter()
        response = push(body, token)
        seconds += time.perf_counter() - started

        assert response.status == 200, (path.name, response.text[:2000])
        assert set(statuses(response)) == {"201"}
        sent = fhir.loads(body)["entry"]
        entries += len(sent)
        locations = [each["location"].split("/")[:2] for each in responses(response)]
        assert [kind for kind, _ in locations] == [
            each["resource"]["resourceType"] for each in sent
        ]
        (patient_id,) = (named for kind, named in locations if kind == "Patient")
        check_chart(patient_id, body, raw_id(body, token))
    print(f"\n{entries} entries in {seconds:.1f} s: {entries / seconds:.0f} entries/s")  # noqa: T201


def check_chart(patient_id: str, body: bytes, named: str) -> None:
    """Every resource is there and every value of every card is the body's own."""
    patient = patients.with_id(patient_id)
    assert patient
    converted = fhir_bundles.convert(body, named)
    there = {(each.resource_type, each.entry_id) for each in record_versions.everything(patient_id)}
    assert {(each.resource_type, each.entry_id) for each in converted.entries} <= there
    assert all(not each.is_deleted for each in converted.entries)
    assert Chart(patient, "").resource("Patient", converted.entries[0].entry_id) is not None
    for report in converted.reports:
        for resource in report.resources:
            fhir.validate(resource)
    names = {key.split("#")[1] for key in chart.names(patient_id, "report#")}
    assert len(names) == len(converted.reports)
    for name in names:
        (version,) = reports.versions(patient_id, name)
        assert fold([version]).readings
        assert fhir_results.traced(version.resources, body, named)


def test_every_file_is_answered_in_fhir(files: Path) -> None:
    """Prints how many of each, and why they were refused."""
    token, found, why = a_sender(), Counter[str](), Counter[str]()
    for path in sorted(files.glob("*/*.json")):
        if path.parent.name == "synthea_bundles":
            continue
        response = push(path.read_bytes(), token)
        document = json.loads(response.body)

        assert response.status < 500, path.name
        assert document["resourceType"] in ("OperationOutcome", "Bundle"), path.name
        said = reasons(document)
        assert said or response.status in (200, 201), path.name
        found[str(response.status)] += 1
        why.update(set(said))
    print(f"\n{dict(found)} {dict(why)}")  # noqa: T201
    assert found["201"] > 0
