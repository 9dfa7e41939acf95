"""The identity of a report: what makes two messages speak of the same one."""

from dataclasses import replace

import pytest
from tests.lab_results import lab_results
from tests.portal.lab_messages import OBR, an_oru

from portal import hl7, reports
from portal.lab_reports import LabReport

pytestmark = pytest.mark.usefixtures("portal")


def a_report(order: str = OBR) -> LabReport:
    return lab_results(hl7.read(an_oru(order=order)), "UTC").reports[0]


def test_an_id_follows_from_sender_number_and_test_and_not_from_the_patient() -> None:
    report = a_report()

    names = {
        reports.report_id("LAB", report),
        reports.report_id("LAB 2", report),
        reports.report_id("LAB", replace(report, filler_order_number="F2")),
        reports.report_id("LAB", replace(report, code="X")),
    }
    assert len(names) == 4
    assert reports.report_id("LAB", a_report(OBR.replace("P1", "P2"))) in names


def test_an_id_cannot_be_computed_by_one_who_knows_the_order() -> None:
    from hashlib import sha256

    report = a_report()
    key = f"LAB\n{report.filler_order_number}\n{report.code}"

    name = reports.report_id("LAB", report)
    assert len(name) == 32
    assert name != sha256(key.encode()).hexdigest()[:32]
