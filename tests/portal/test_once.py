"""What arrives twice under one key is carried out once."""

import uuid
from urllib.parse import urlencode

import pytest
from tests.builders import a_patient, a_session
from tests.client import Client, Response
from tests.family.ties import a_grant
from tests.visitors import an_app, signed_in

from portal import grants, offline
from portal.errors import Unavailable
from portal.patients import Patient
from portal.tables import AuditRow

pytestmark = pytest.mark.usefixtures("portal")

PATH = "/privacy/consents/research"


def a_key(patient: Patient) -> str:
    return f"{offline.mark(patient.patient_id)}.{uuid.uuid4()}"


def decides(client: Client, once: str, **fields: str) -> Response:
    return client.post(PATH, **({"decision": "withdraw"} | fields), once=once)


def decisions(patient: Patient) -> int:
    events = [row.event for row in AuditRow.query(patient.patient_id)]
    return events.count("privacy.consent-withdrawn")


def test_the_same_form_twice_is_one_decision_and_the_same_answer() -> None:
    patient = a_patient()
    browser, key = signed_in(patient), a_key(patient)

    first, second = decides(browser, key), decides(browser, key)

    assert (first.status, first.location) == (second.status, second.location)
    assert first.status == 303
    assert decisions(patient) == 1


def test_a_browsers_form_and_its_repetition_by_the_worker_are_one() -> None:
    patient = a_patient()
    browser, key = signed_in(patient), a_key(patient)
    decides(browser, key)

    again = Client(accept="application/json", cookies=browser.cookies)

    assert decides(again, key).json == {"purpose": "research", "done": "withdrawn"}
    assert decisions(patient) == 1


def test_what_the_browser_calls_the_form_is_no_part_of_it() -> None:
    patient = a_patient()
    browser, key = signed_in(patient), a_key(patient)

    decides(browser, key, keep="Research")

    assert decides(browser, key).status == 303


def test_the_same_key_with_another_answer_is_refused() -> None:
    patient = a_patient()
    browser, key = signed_in(patient), a_key(patient)
    decides(browser, key)

    other = decides(browser, key, seen="7")

    assert other.status == 409
    assert "This form was sent before" in other.text
    assert decisions(patient) == 1


def test_another_persons_same_key_is_another_key() -> None:
    one, other = a_patient(), a_patient()
    key = str(uuid.uuid4())

    assert decides(signed_in(one), key).status == 303
    assert decides(signed_in(other), key).status == 303
    assert decisions(one) == decisions(other) == 1


def test_a_form_counts_for_the_record_it_was_filled_in_for() -> None:
    """Filled in at one's own record, sent when another's was open."""
    patient, parent = a_patient(), a_patient()
    browser = signed_in(parent)

    answer = decides(browser, a_key(patient))

    assert answer.status == 409
    assert decisions(parent) == decisions(patient) == 0


def test_a_programs_header_counts_as_well() -> None:
    patient = a_patient()
    app = an_app(cookies={"session": a_session(patient)})
    body = urlencode({"decision": "withdraw"}).encode()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "idempotency-key": str(uuid.uuid4()),
    }

    first, second = (app.send("POST", PATH, body, headers) for _ in range(2))

    assert first.json == second.json
    assert decisions(patient) == 1


def test_what_was_refused_may_be_sent_again_under_its_key() -> None:
    patient = a_patient()
    browser, key = signed_in(patient), a_key(patient)

    assert decides(browser, key, decision="give", wording="99999").status == 409
    assert decides(browser, key).status == 303


def test_what_may_or_may_not_have_been_done_is_never_done_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient = a_patient()
    browser, key = signed_in(patient), a_key(patient)

    def dies(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr("functions.privacy.app.consents.decide", dies)
        assert decides(browser, key).status == 503

    again = decides(browser, key)
    assert again.status == 409
    assert "We cannot tell if this was done" in again.text
    assert decisions(patient) == 0


@pytest.mark.parametrize("key", ["short", "with spaces in it, and long", "x" * 200])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    patient = a_patient()

    assert decides(signed_in(patient), key).status == 400
    assert decisions(patient) == 0


def test_notices_of_a_grant_are_set_once() -> None:
    patient, parent = a_patient(), a_patient()
    grant = a_grant(patient, parent)
    browser, key = signed_in(parent), a_key(parent)
    path = f"/family/grants/{grant.grant_id}/notices"

    for _ in range(2):
        assert browser.post(path, is_told="yes", once=key).status == 303

    found = grants.find(patient.patient_id, grant.grant_id)
    assert found
    assert found.is_told
    trail = [row.event for row in AuditRow.query(patient.patient_id)]
    assert trail.count("family.notices-set") == 1
