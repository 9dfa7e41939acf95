"""Emergency access (REG-002, 45 CFR 164.312(a)(2)(ii)): a reason, an hour, and who is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from botocore.exceptions import EndpointConnectionError
from pynamodb.exceptions import PutError
from tests.builders import a_message, a_patient, released
from tests.client import Client
from tests.clock import Clock, held
from tests.portal.test_messages import GSM_7
from tests.sign_in import mail
from tests.staff.colleagues import a_colleague, asked, card_of, id_of, is_in, trail, waiting
from tests.stores import sent_to

from portal import break_glass, outbox, outbox_delivery, pages, patients, staff_people
from portal.audit import Event
from portal.patients import Patient
from portal.roles import Role
from portal.staff_access import StaffCaller
from portal.tables import AuditRow, CareRow, SessionRow

pytestmark = pytest.mark.usefixtures("portal")

REASON = {"cause": "urgent-care", "words": "Unconscious in the emergency department."}
GLUCOSE = "NM|2345-7^Glucose^LN||98.25|mg/dL|70-99|N|||F"


def chart(patient: Patient) -> str:
    return f"/staff/patients/{patient.patient_id}"


def opened(colleague: Client, patient: Patient, **fields: str) -> None:
    answer = colleague.post(f"{chart(patient)}/break-glass", **(REASON | fields))
    assert answer.status == 303, answer.text


def status(colleague: Client, patient: Patient) -> int:
    return asked(colleague, "GET", f"{chart(patient)}/results").status


def reviewed(patient: Patient) -> list[CareRow]:
    rows = CareRow.query(patient.patient_id, CareRow.sk.startswith("review#"))
    return [row for row in rows if row.reason == "staff.break-glass-opened"]


def grant_of(colleague: Client, patient: Patient) -> str:
    found = break_glass.live(patient.patient_id, id_of(colleague))
    assert found
    return found.grant_id


def test_a_nurse_opens_a_chart_in_an_emergency_and_reads_one_result() -> None:
    """REG-002."""
    patient = a_patient(given="Ana", family="Rivera")
    report_id = released(a_message(patient, GLUCOSE)).report_ids[0]
    nurse = a_colleague(Role.NURSE)
    assert "Ana Rivera" in nurse.get(f"{chart(patient)}/break-glass").text

    done = nurse.post(f"{chart(patient)}/break-glass", **REASON)

    assert (done.status, done.location) == (303, f"{chart(patient)}/results")
    assert report_id in nurse.get(done.location).text
    page = nurse.get(f"{chart(patient)}/results/{report_id}").text
    assert "98.25" in page
    assert "70-99" in page
    shown = asked(nurse, "GET", f"{chart(patient)}/results/{report_id}").json
    assert shown["card"]["readings"][0]["value"] == "98.25"


def test_each_look_is_recorded_with_the_grant() -> None:
    """REG-002, REG-005: every row says why and under which grant."""
    patient = a_patient()
    report_id = released(a_message(patient)).report_ids[0]
    nurse = a_colleague(Role.NURSE)
    opened(nurse, patient)
    grant_id = grant_of(nurse, patient)

    nurse.get(f"{chart(patient)}/results")
    nurse.get(f"{chart(patient)}/results/{report_id}")
    nurse.get(f"{chart(patient)}/results/{'0' * 32}")

    rows = [row for row in trail(patient) if row.actor == id_of(nurse)]
    seen = [(row.event, row.about, row.outcome) for row in rows]
    assert seen == [
        ("staff.break-glass-opened", "urgent-care", "done"),
        ("results.listed", None, "done"),
        ("results.viewed", report_id, "done"),
        ("results.viewed", "0" * 32, "refused"),
    ]
    assert {(row.why, row.grant, row.acting_for) for row in rows} == {
        ("break-glass", grant_id, patient.patient_id)
    }


def test_a_curious_employee_without_a_grant_sees_what_a_missing_patient_shows() -> None:
    patient = a_patient()
    report_id = released(a_message(patient)).report_ids[0]
    curious, friend = a_colleague(Role.CLINICIAN), a_colleague(Role.CLINICIAN)
    opened(friend, patient)

    for path in ("/results", f"/results/{report_id}"):
        tried = curious.get(f"{chart(patient)}{path}")
        missing = curious.get(f"/staff/patients/{'0' * 32}{path}")
        assert (tried.status, missing.status) == (404, 404)
        assert tried.text.replace(patient.patient_id, "0" * 32) == missing.text
    rows = [row for row in trail(patient) if row.actor == id_of(curious)]
    assert [(row.event, row.why, row.outcome) for row in rows] == [
        ("results.listed", "no-grant", "refused"),
        ("results.viewed", "no-grant", "refused"),
    ]


def test_a_grant_is_for_one_patient() -> None:
    patient, other = a_patient(), a_patient()
    theirs = released(a_message(other)).report_ids[0]
    nurse = a_colleague(Role.NURSE)
    opened(nurse, patient)

    assert status(nurse, other) == 404
    assert nurse.get(f"{chart(patient)}/results/{theirs}").status == 404


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"cause": ""}, "Choose a reason"),
        ({"cause": "curious"}, "Choose a reason"),
        ({"words": ""}, "Say in a sentence"),
        ({"words": "   x   "}, "Say in a sentence"),
    ],
)
def test_a_reason_is_required_chosen_and_in_words(fields: dict[str, str], advice: str) -> None:
    """REG-002: reason required."""
    patient, nurse = a_patient(), a_colleague(Role.NURSE)

    page = nurse.post(f"{chart(patient)}/break-glass", **(REASON | fields))

    assert page.status == 400
    assert advice in page.text
    assert status(nurse, patient) == 404
    assert reviewed(patient) == []


def test_what_was_typed_stays_when_something_is_missing() -> None:
    page = a_colleague(Role.NURSE).post(
        f"{chart(a_patient())}/break-glass", words="Unconscious <b>here</b>"
    )

    assert "Unconscious &lt;b&gt;here&lt;/b&gt;</textarea>" in page.text


def test_it_needs_a_sign_in_of_minutes_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient, nurse = a_patient(), a_colleague(Role.NURSE)
    clock.advance(minutes=10, seconds=1)

    sent = nurse.post(f"{chart(patient)}/break-glass", **REASON)

    back = quote(f"{chart(patient)}/break-glass", safe="")
    assert sent.location == f"/staff/sign-in?because=step&return_to={back}"
    assert status(nurse, patient) == 404


def stay(colleagues: list[Client], clock: Clock, minutes: float) -> None:
    """Everybody keeps working, so that nobody is idle."""
    while minutes > 0:
        clock.advance(minutes=min(minutes, 10))
        minutes -= 10
        assert all(map(is_in, colleagues))


def test_it_ends_by_itself_after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """REG-002: time-boxed."""
    clock = held(monkeypatch)
    patient, nurse = a_patient(), a_colleague(Role.NURSE)
    opened(nurse, patient)

    stay([nurse], clock, 59.9)
    assert status(nurse, patient) == 200
    stay([nurse], clock, 0.1)

    assert status(nurse, patient) == 404
    assert nurse.get(f"{chart(patient)}").status == 200
    row = SessionRow.find(f"break-glass#{patient.patient_id}", id_of(nurse))
    assert row
    assert isinstance(row.ends_at, datetime), "and DynamoDB forgets it"


def test_looking_does_not_prolong_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient, nurse = a_patient(), a_colleague(Role.NURSE)
    opened(nurse, patient)
    for _ in range(6):
        assert status(nurse, patient) == 200
        clock.advance(minutes=10)

    assert status(nurse, patient) == 404


def test_going_on_needs_a_new_reason_a_new_grant_and_a_new_review() -> None:
    patient, nurse = a_patient(), a_colleague(Role.NURSE)
    opened(nurse, patient)
    first = grant_of(nurse, patient)

    assert nurse.post(f"{chart(patient)}/break-glass").status == 400
    opened(nurse, patient, words="Still in the emergency department.")

    assert grant_of(nurse, patient) != first
    assert len(reviewed(patient)) == 2
    assert len(trail(patient, Event.BREAK_GLASS_OPENED)) == 2


def test_the_nurse_closes_it_early_and_it_counts_at_once() -> None:
    patient, nurse = a_patient(), a_colleague(Role.NURSE)
    opened(nurse, patient)
    grant_id = grant_of(nurse, patient)

    done = nurse.post(f"{chart(patient)}/break-glass/end")

    assert done.location == "/staff"
    assert status(nurse, patient) == 404
    (row,) = trail(patient, Event.BREAK_GLASS_ENDED)
    assert (row.actor, row.grant, row.outcome) == (id_of(nurse), grant_id, "done")
    assert nurse.post(f"{chart(patient)}/break-glass/end").status == 404


def test_the_privacy_officer_sees_who_and_why_and_closes_the_chart() -> None:
    """REG-002: notice and review queue item within 60 s; here it is there at once."""
    patient = a_patient(given="Ana", family="Rivera")
    nurse, officer = a_colleague(Role.NURSE, name="Nia Nurse"), a_colleague(Role.PRIVACY_OFFICER)

    opened(nurse, patient)

    (row,) = reviewed(patient)
    review = f"/staff/reviews/{patient.patient_id}-{row.sk.removeprefix('review#')}"
    assert "A chart was opened in an emergency" in card_of(officer, review.rpartition("/")[2])
    page = officer.get(review).text
    for said in ("Nia Nurse", "Ana Rivera", "Urgent care", REASON["words"]):
        assert said in page
    grant_id = grant_of(nurse, patient)
    assert grant_id in page
    assert officer.post(f"{chart(patient)}/break-glass/end", grant_id=grant_id).status == 303
    assert status(nurse, patient) == 404
    assert grant_id not in officer.get(review).text


def test_a_revocation_while_others_read_ends_it_for_all_of_their_tabs() -> None:
    patient, nurse = a_patient(), a_colleague(Role.NURSE)
    officer = a_colleague(Role.PRIVACY_OFFICER)
    opened(nurse, patient)
    grant_id = grant_of(nurse, patient)

    with ThreadPoolExecutor(4) as pool:
        reads = [pool.submit(status, nurse, patient) for _ in range(8)]
        ended = officer.post(f"{chart(patient)}/break-glass/end", grant_id=grant_id)
        late = [status(nurse, patient) for _ in range(3)]

    assert ended.status == 303
    assert late == [404, 404, 404]
    assert {each.result() for each in reads} <= {200, 404}


def test_ending_it_from_several_tabs_at_once_is_one_end() -> None:
    patient, nurse = a_patient(), a_colleague(Role.NURSE)
    opened(nurse, patient)

    def ended(_: int) -> int:
        return asked(nurse, "POST", f"{chart(patient)}/break-glass/end").status

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(ended, range(4))) == [200, 404, 404, 404]
    done = [row for row in trail(patient, Event.BREAK_GLASS_ENDED) if row.outcome == "done"]
    assert len(done) == 1


def test_ending_a_grant_that_was_replaced_meanwhile_leaves_the_new_one() -> None:
    patient, nurse = a_patient(), a_colleague(Role.NURSE)
    opened(nurse, patient)
    old = break_glass.live(patient.patient_id, id_of(nurse))
    assert old
    opened(nurse, patient)

    assert not break_glass.end(old, StaffCaller("r", "s", "en", subject_id=id_of(nurse)))

    assert status(nurse, patient) == 200


def test_nobody_else_ends_it() -> None:
    patient, nurse, other = a_patient(), a_colleague(Role.NURSE), a_colleague(Role.CLINICIAN)
    opened(nurse, patient)
    at, grant_id = f"{chart(patient)}/break-glass/end", grant_of(nurse, patient)

    assert other.post(at, grant_id=grant_id).status == 404
    assert other.post(at).status == 404
    assert a_colleague(Role.FRONT_DESK).post(at, grant_id=grant_id).status == 403
    wrong = f"{chart(a_patient())}/break-glass/end"
    assert a_colleague(Role.PRIVACY_OFFICER).post(wrong, grant_id=grant_id).status == 404

    assert status(nurse, patient) == 200


def test_nobody_judges_their_own_emergency() -> None:
    """In a small clinic somebody may hold both roles."""
    patient = a_patient()
    both = a_colleague(Role.CLINICIAN, Role.PRIVACY_OFFICER)
    opened(both, patient)
    (row,) = reviewed(patient)
    review_id = f"{patient.patient_id}-{row.sk.removeprefix('review#')}"

    assert review_id not in [each["review_id"] for each in waiting(both)]
    for method, what in (("GET", ""), ("POST", "/take"), ("POST", "/close")):
        path = f"/staff/reviews/{review_id}{what}"
        assert asked(both, method, path, finding="All was well with me.").status == 404


def test_the_officer_and_the_patient_are_told_and_the_mail_says_nothing_of_it() -> None:
    """REG-002, law 1: no name, no reason, no result in a message. They go as soon as it is opened,
    and the round of `upkeep` finds nothing more to send."""
    mail.requested()
    patient = a_patient(given="Zzana", family="Zzrivera", phone="+15555550195")
    started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
    opened(a_colleague(Role.NURSE, name="Zznurse"), patient, words="Zzreason of an emergency")

    handed_on = mail.requested()
    assert mail.deliver(handed_on) == {"batchItemFailures": []}
    assert outbox_delivery.deliver_for(patient.patient_id, "") == 0

    readers = ("privacy@example.org", patient.email, patient.phone)
    mails = [each for who in readers for each in sent_to(who) if each.at >= started_at]
    assert "zz" not in repr(handed_on).lower()
    assert len(mails) == 3
    assert "/staff" in mails[0].text
    for each in mails[1:]:
        assert "opened your record" in each.text
        assert "who it was and why, call your clinic" in each.text
        assert "emergency" not in each.text, "others read messages, too"
        assert "your ways to sign in" not in each.text
    assert not [each for each in mails if "zz" in each.text.lower().replace("zzyzx", "")]
    whys = {(row.event, row.why) for row in trail(patient) if row.actor == "portal"}
    assert ("lab-release.privacy-officer-notified", "break-glass") in whys
    assert ("account.notified", "break-glass") in whys


def test_a_queue_that_is_down_delays_the_notices_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient, nurse = a_patient(), a_colleague(Role.NURSE)

    def down(_: str) -> None:
        raise EndpointConnectionError(endpoint_url="https://sqs")

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "client", down)
        opened(nurse, patient)

    assert status(nurse, patient) == 200
    owed = list(CareRow.query(patient.patient_id, CareRow.sk.startswith("outbox#")))
    assert {(row.state, row.kind) for row in owed} == {("pending", outbox.KIND)}
    assert outbox_delivery.deliver_for(patient.patient_id, "") == 2


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_patients_text_message_is_one_message(language: str) -> None:
    text = pages.render_text("sms/opened_record.txt", language, portal_name="Cedar Valley Clinic")

    assert len(text.body) <= 160
    assert GSM_7.fullmatch(text.body)


def test_a_patient_is_told_in_their_language() -> None:
    patient = a_patient(language="es")
    opened(a_colleague(Role.NURSE), patient)

    outbox_delivery.deliver_for(patient.patient_id, "")

    (told,) = sent_to(patient.email)
    assert "opened" not in told.text
    assert "expediente" in told.text


def test_the_reason_is_not_readable_in_the_tables() -> None:
    patient = a_patient()
    opened(a_colleague(Role.NURSE), patient, words="Zzreason of an emergency")

    rows = [*CareRow.query(patient.patient_id), *AuditRow.query(patient.patient_id)]

    assert "Zzreason" not in repr([row.to_dynamodb_dict() for row in rows])


def test_no_grant_without_its_review_its_notices_and_its_audit_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient, nurse = a_patient(), a_colleague(Role.NURSE)

    def down(*_: object, **__: object) -> None:
        raise PutError

    with monkeypatch.context() as patch:
        patch.setattr(break_glass, "TransactWrite", down)
        assert nurse.post(f"{chart(patient)}/break-glass", **REASON).status == 503

    assert status(nurse, patient) == 404
    assert reviewed(patient) == []


def test_a_look_that_cannot_be_recorded_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 2: audit before showing."""
    patient, nurse = a_patient(), a_colleague(Role.NURSE)
    report_id = released(a_message(patient, GLUCOSE)).report_ids[0]
    opened(nurse, patient)

    def down(*_: object, **__: object) -> None:
        raise PutError

    monkeypatch.setattr(AuditRow, "save", down)

    for path in ("/results", f"/results/{report_id}"):
        answer = nurse.get(f"{chart(patient)}{path}")
        assert answer.status == 503
        assert "98.25" not in answer.text


def test_a_role_taken_away_ends_what_its_grant_opened() -> None:
    """REG-010: effective within a second on open sessions."""
    patient, nurse = a_patient(), a_colleague(Role.NURSE, Role.BILLER, sub="leaver")
    opened(nurse, patient)
    subject_id = id_of(nurse)

    staff_people.signed_in(subject_id, "Noor", frozenset({Role.BILLER}))

    assert status(nurse, patient) == 403
    staff_people.end_sessions(subject_id)
    assert status(nurse, patient) == 401


def test_a_grant_of_a_merged_record_is_its_survivors() -> None:
    survivor, retired = a_patient(), a_patient()
    patients.rewrite(retired.model_copy(update={"replaced_by": survivor.patient_id, "revision": 1}))
    nurse = a_colleague(Role.NURSE)

    done = nurse.post(f"{chart(retired)}/break-glass", **REASON)

    assert done.location == f"{chart(survivor)}/results"
    assert status(nurse, survivor) == 200
    assert status(nurse, retired) == 404


def test_the_newest_come_first_and_the_rest_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.staff.chart.PAGE_LENGTH", 2)
    patient, nurse = a_patient(), a_colleague(Role.NURSE)
    for _ in range(3):
        released(a_message(patient))
    opened(nurse, patient)

    first = asked(nurse, "GET", f"{chart(patient)}/results").json
    page = nurse.get(f"{chart(patient)}/results").text
    rest = asked(nurse, "GET", f"{chart(patient)}/results?before={quote(first['next'])}").json

    assert (len(first["results"]), len(rest["results"])) == (2, 1)
    assert rest["next"] == ""
    assert f"before={quote(first['next'])}" in page
