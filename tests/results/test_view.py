"""One result, through its route."""

from tests.builders import a_message, a_patient, a_session, released
from tests.client import Client

from portal import audit


def signed_in(patient, **facts):
    return Client(cookies={"session": a_session(patient)}, **facts)


def test_a_card_shows_exactly_what_the_lab_sent(portal: None) -> None:
    patient = a_patient()
    obx = "NM|2345-7^GLUCOSE, PLASMA^LN||105.0|mg/dL|70-99|H|||F"
    report_id = released(a_message(patient, obx)).report_ids[0]

    page = signed_in(patient).get(f"/results/{report_id}").text

    for text in ("105.0", "mg/dL", "70-99", "GLUCOSE, PLASMA"):
        assert text in page
    assert [row.event for row in audit.of_patient(patient.patient_id)][-1] == "results.viewed"
