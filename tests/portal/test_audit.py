"""The trail: one row per event, written once, before the answer."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from pynamodb.exceptions import PutError
from tests.builders import a_message, a_patient, released
from tests.client import actions
from tests.sign_in.mail import asked
from tests.visitors import a_browser

from portal import audit, sessions, user_accounts
from portal.access import Caller, Visitor
from portal.audit import Event, Outcome
from portal.errors import Unavailable
from portal.methods import Confidence, Method
from portal.tables import AuditRow

pytestmark = pytest.mark.usefixtures("portal")


def test_a_whole_visit_is_in_the_trail_in_order() -> None:
    patient = a_patient()
    report_id = released(a_message(patient)).report_ids[0]
    browser, link = asked(patient.email)
    browser.post(f"/sign-in/{link.token}")
    user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
    browser.cookies["session"] = sessions.rise(browser.cookies["session"], Method.TOTP)
    for path in ("/", "/results", f"/results/{report_id}", f"/results/{'0' * 32}"):
        browser.get(path)
    browser.post("/sign-out", everywhere="yes")

    rows = audit.of_patient(patient.patient_id)

    assert [(row.event, row.outcome) for row in rows] == [
        ("lab-release.released", "done"),
        ("lab-release.patient-notified", "done"),
        ("sign-in.link-sent", "done"),
        ("sign-in.signed-in", "done"),
        ("home.viewed", "done"),
        ("results.listed", "done"),
        ("results.viewed", "done"),
        ("results.viewed", "refused"),
        ("sign-out.everywhere", "done"),
    ]
    assert all(row.acting_for == patient.patient_id for row in rows)
    assert all(row.why and row.request_id and row.actor for row in rows)


def a_caller() -> Caller:
    return Caller("request", "source", "en", patient_id="the-patient", subject_id="a-proxy")


def test_a_row_says_who_for_whom_what_which_why_and_how_it_ended() -> None:
    audit.record(Event.RESULT_VIEWED, a_caller(), about="a-report", outcome=Outcome.REFUSED)

    row = audit.of_patient("the-patient")[-1]

    assert (row.actor, row.acting_for) == ("a-proxy", "the-patient")
    assert (row.event, row.about, row.why) == ("results.viewed", "a-report", "patient-request")
    assert (row.outcome, row.request_id, row.source) == ("refused", "request", "source")


def test_a_callers_row_cannot_be_put_in_another_patients_trail() -> None:
    audit.record(Event.HOME_VIEWED, a_caller(), patient_id="someone-else")

    assert audit.of_patient("someone-else") == []


def test_rows_of_nobody_are_kept_by_day() -> None:
    row = audit.row(Event.SIGN_IN_ASKED, actor=audit.NOBODY, request_id="r")

    assert row.pk == f"nobody#{row.sk[:10]}"


def test_a_row_is_never_written_over() -> None:
    entry = audit.row(Event.HOME_VIEWED, actor="a", request_id="r", patient_id="once")
    audit.save(entry)

    with pytest.raises(Unavailable):
        audit.save(entry)


@pytest.mark.parametrize(
    "trouble",
    [
        PutError(),
        ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "PutItem"),
        EndpointConnectionError(endpoint_url="https://dynamodb"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_store_that_takes_no_row_makes_the_portal_unavailable(
    trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(AuditRow, "save", down)

    with pytest.raises(Unavailable):
        audit.record(Event.HOME_VIEWED, Visitor("r", "s", "en"))


def test_no_sign_in_without_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    browser, link = asked(a_patient().email)

    def down(*_: object) -> None:
        raise PutError

    with monkeypatch.context() as patch:
        patch.setattr(AuditRow, "save", down)
        answer = browser.post(f"/sign-in/{link.token}")

    assert answer.status == 503
    assert "session" not in browser.cookies


def test_every_action_behind_the_door_writes_a_row_before_it_answers() -> None:
    """By its source: the call stands in the action's module. Staff's rows: tests/staff."""
    from inspect import getmodule, getsource

    from functions.settings import saving

    for _, action in actions():
        if action.needs is not None and not action.path.startswith("/staff"):
            source = getsource(getmodule(action.run) or action.run)
            assert "audit.record(" in source or "saving.viewed(" in source, action.path
    assert "audit.record(" in getsource(saving.viewed)


def test_a_refused_form_of_another_site_does_not_reach_the_patients_trail() -> None:
    """Whoever sends it is not known yet: its row must not fill someone's history."""
    patient = a_patient()

    a_browser(origin="https://evil.example.net").post("/sign-in", address=patient.email)

    assert audit.of_patient(patient.patient_id) == []
