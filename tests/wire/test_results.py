"""Rows of the checklist about results and records that no other test proves."""

import json
from typing import Any

import pytest
from functions.lab_release import app as lab_release
from tests.architecture.template import read
from tests.builders import a_message, a_patient, released

from portal import arrivals, conversion, hl7, objects, records
from portal.patients import Patient
from portal.senders import UNKNOWN

COMPLETE = "\r".join(
    [
        "MSH|^~\\&|LAB|RIVERBEND|P|C|20260301120000-0500||ORU^R01^ORU_R01|1|P|2.5.1",
        "PID|1||T1^^^RB^MR||Rivera^Ana||19800203|F",
        "OBR|1|P1|F1|2345-7^Glucose^LN|||20260301080000-0500|||||||||99^Raman^Priya||||||"
        "20260301110000-0500|||F",
        "OBX|1|NM|2345-7^Glucose^LN||98|mg/dL|70-99|N|||F||||||||||||Riverbend Laboratory"
        "|1 Main Street^^Springfield^IL^62701",
        "SPM|1|S1||119364003^Serum specimen^SCT||||||||||||||||||||HEM^Hemolyzed^HL70493",
    ]
).encode()


def test_a_stored_report_holds_what_a_laboratory_must_report() -> None:
    """42 CFR 493.1291(c), but for the patient's name, which the patient's own record holds."""
    found = conversion.convert(hl7.read(COMPLETE), UNKNOWN)
    stored = json.dumps(
        [each for report in found.reports for each in report.resources], default=str
    )

    assert (found.claim.family, found.claim.given) == ("Rivera", "Ana")
    for needed in (
        '"T1"',
        "Riverbend Laboratory",
        "1 Main Street",
        "2026-03-01T11:00:00-05:00",
        "Glucose",
        "Serum specimen",
        "mg/dL",
        "Hemolyzed",
    ):
        assert needed in stored, needed


@pytest.mark.usefixtures("portal")
def test_a_critical_value_that_is_held_rings_for_the_staff(
    capsys: pytest.CaptureFixture[str],
) -> None:
    obx = "NM|2823-3^Potassium^LN||7.9|mmol/L|3.5-5.1|HH|||F"
    raw = a_message(a_patient(), obx, pid={"born": "19990101"})
    ids = {"raw_id": objects.keep_raw(raw)}
    arrivals.received(ids["raw_id"], "test")

    for step in ("parse", "match"):
        lab_release.handler({"step": step, "ids": ids}, None)

    assert arrivals.arrival(ids["raw_id"]).state == arrivals.QUARANTINED
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]
    assert [line["Quarantined"] for line in printed if "Quarantined" in line] == [[1.0]]
    alarm = read("infra/alarms.yaml")["Resources"]["MessagesInQuarantine"]["Properties"]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("Quarantined", 0)


def test_nothing_of_a_chart_or_a_message_expires() -> None:
    """42 CFR 493.1105 asks for two years."""
    resources = read("infra/data.yaml")["Resources"]

    for name in ("ChartTable", "RawBucket"):
        properties: dict[str, Any] = resources[name]["Properties"]
        assert "TimeToLiveSpecification" not in properties
        rules = properties.get("LifecycleConfiguration", {}).get("Rules", [])
        assert all(
            rule.keys() <= {"Id", "Status", "AbortIncompleteMultipartUpload"} for rule in rules
        )


def an_update(patient: Patient, minute: int, address: str) -> bytes:
    authority, number = patient.identifiers[0]
    at = f"202611021200{minute:02d}+0000"
    return (
        f"MSH|^~\\&|ADT|RIVERBEND|PORTAL|CLINIC|{at}||ADT^A08^ADT_A01|U{number}{minute}|P|2.5.1\r"
        f"EVN|A08|{at}\rPID|1||{number}^^^{authority}^MR||{patient.family}^{patient.given}"
        f"||19800203|F|||{address}\r"
    ).encode()


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize(("later", "is_there"), [("", True), ('""', False)])
def test_two_quotes_clear_what_is_stored_and_an_empty_field_leaves_it(
    later: str, is_there: bool
) -> None:
    patient = a_patient()
    released(an_update(patient, 1, "1 Main Street^^Springfield^IL^62701"))

    released(an_update(patient, 2, later))

    (found,) = records.resources(patient.patient_id, "Patient", patient.mine)
    assert ("address" in found) == is_there
