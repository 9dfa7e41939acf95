"""OBX-11 = W: the lab sent somebody else's result."""

import pytest
from tests import stores
from tests.builders import a_message, a_patient, released

from portal import audit, published
from portal.access import Caller
from portal.cards import CardStatus
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")

POTASSIUM = "NM|2823-3^POTASSIUM^LN||4.1|mmol/L|3.5-5.1|N|||{}"


def sent(patient: Patient, status: str, control_id: str = "") -> str:
    """Returns the id of its report."""
    raw = a_message(patient, POTASSIUM.format(status), filler="W1", control_id=control_id)
    report_id: str = released(raw).report_ids[0]
    return report_id


def told_the_privacy_officer() -> list[str]:
    return [mail.text for mail in stores.sent_to("privacy@example.org")]


def events(patient: Patient) -> list[str]:
    return [row.event for row in audit.of_patient(patient.patient_id)]


def test_the_wrong_patient_sees_it_no_more() -> None:
    patient = a_patient()
    report_id = sent(patient, "F")
    sent(patient, "W")

    found = published.find(patient.patient_id, report_id)

    assert found is not None
    assert found.card.status is CardStatus.WITHDRAWN
    assert "4.1" not in found.card.model_dump_json()


def test_the_privacy_officer_is_told_once_and_how_to_see_who_opened_it() -> None:
    patient = a_patient()
    report_id = sent(patient, "F")
    sent(patient, "W", "W-1")
    sent(patient, "W", "W-2")

    told = [text for text in told_the_privacy_officer() if patient.patient_id in text]

    assert len(told) == 1
    assert f"viewers {patient.patient_id} {report_id}" in told[0]
    assert patient.family not in told[0]
    assert events(patient).count(audit.Event.WRONG_PATIENT) == 1
    assert audit.Event.PRIVACY_OFFICER_NOTIFIED in events(patient)


def test_who_opened_it_can_be_listed() -> None:
    patient = a_patient()
    report_id = sent(patient, "F")
    caller = Caller(
        request_id="r1",
        source="192.0.2.1",
        language="en",
        subject_id=patient.patient_id,
        patient_id=patient.patient_id,
    )
    audit.record(audit.Event.RESULT_VIEWED, caller, about=report_id)
    sent(patient, "W")

    (viewer,) = audit.viewers_of(patient.patient_id, report_id)

    assert (viewer.event, viewer.actor) == (audit.Event.RESULT_VIEWED, patient.patient_id)


def test_a_deleted_result_is_no_matter_for_the_privacy_officer() -> None:
    patient = a_patient()
    sent(patient, "F")
    sent(patient, "D")

    assert not [text for text in told_the_privacy_officer() if patient.patient_id in text]
