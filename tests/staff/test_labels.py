"""Staff correct which sensitive segments a result belongs to: who may, what is kept."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from tests.builders import a_message, a_patient, released
from tests.client import Client
from tests.staff.colleagues import a_colleague, asked, id_of, trail
from tests.stores import sent_to

from portal import break_glass, labels, patients, published
from portal.audit import Event
from portal.cards import Card
from portal.patients import Patient
from portal.roles import Role
from portal.sensitivity import Segment

pytestmark = pytest.mark.usefixtures("portal")

WHY = "The patient asked us to hide it."
GLUCOSE = "NM|2345-7^Glucose^LN||98.25|mg/dL|70-99|N|||F"
CHLAMYDIA = "ST|43304-5^Chlamydia NAA^LN||Negative|||N|||F"
EMERGENCY = {"cause": "urgent-care", "words": "Unconscious in the emergency department."}


def a_result(patient: Patient, obx: str = GLUCOSE, **facts: Any) -> str:
    facts = {"obr4": "X1^PANEL ONE^L"} | facts
    report_id: str = released(a_message(patient, obx, **facts)).report_ids[0]
    return report_id


def card(patient: Patient, report_id: str) -> Card:
    found = published.find(patient.patient_id, report_id)
    assert found
    return found.card


def in_list(patient: Patient) -> list[tuple[str, ...]]:
    found, _ = published.listed(patient.patient_id, 20, "")
    return [summary.segments for summary, _ in found]


def page_of(patient: Patient, report_id: str) -> str:
    return f"/staff/patients/{patient.patient_id}/results/{report_id}/labels"


def a_clinician(patient: Patient) -> Client:
    """With the chart opened."""
    found = a_colleague(Role.CLINICIAN, name="Dr. Priya Raman")
    assert (
        found.post(f"/staff/patients/{patient.patient_id}/break-glass", **EMERGENCY).status == 303
    )
    return found


def an_officer() -> Client:
    return a_colleague(Role.PRIVACY_OFFICER, name="Odile Marchand")


def corrects(colleague: Client, patient: Patient, report_id: str, *ticked: str) -> int:
    """As a browser does: with what the form held."""
    view = asked(colleague, "GET", page_of(patient, report_id)).json
    fields = dict.fromkeys(ticked, "yes") | {"seen": str(view["seen"]), "why": WHY}
    return colleague.post(page_of(patient, report_id), **fields).status


def test_a_clinician_with_the_chart_open_puts_labels_on_and_takes_them_off() -> None:
    patient = a_patient()
    report_id = a_result(patient, CHLAMYDIA)
    clinician = a_clinician(patient)

    page = clinician.get(page_of(patient, report_id))
    assert "PANEL ONE" in page.text
    assert page.text.count(" checked>") == 1
    assert corrects(clinician, patient, report_id, "mental_health", "abuse") == 303

    assert card(patient, report_id).segments == ("mental-health", "abuse")
    assert in_list(patient) == [("mental-health", "abuse")]
    page = clinician.get(page_of(patient, report_id))
    assert "Put on" in page.text
    assert "Dr. Priya Raman" in page.text
    assert WHY in page.text


def test_the_privacy_officer_corrects_by_the_day_and_sees_no_result() -> None:
    """45 CFR 164.502(b): no more than it takes."""
    patient = a_patient()
    report_id = a_result(patient)
    officer = an_officer()

    front = officer.get(f"/staff/patients/{patient.patient_id}")
    listed = officer.get(f"/staff/patients/{patient.patient_id}/labels")
    page = officer.get(page_of(patient, report_id))
    as_json = asked(officer, "GET", page_of(patient, report_id)).text
    assert corrects(officer, patient, report_id, "reproductive") == 303

    assert f"/staff/patients/{patient.patient_id}/labels" in front.text
    assert page_of(patient, report_id) in listed.text
    for text in (listed.text, page.text, as_json):
        assert "PANEL ONE" not in text
        assert "98.25" not in text
    assert card(patient, report_id).segments == ("reproductive",)
    assert officer.get(f"/staff/patients/{patient.patient_id}/results/{report_id}").status == 403


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CLINICIAN, Role.PRIVACY_OFFICER}))
def test_nobody_else_sees_or_changes_labels(role: Role) -> None:
    patient = a_patient()
    report_id = a_result(patient)
    colleague = a_colleague(role)

    for path in (f"/staff/patients/{patient.patient_id}/labels", page_of(patient, report_id)):
        assert asked(colleague, "GET", path).status == 403
    answer = asked(colleague, "POST", page_of(patient, report_id), seen="1", why=WHY, abuse="yes")

    assert answer.status == 403
    assert card(patient, report_id).segments == ()


def test_a_clinician_without_the_chart_open_finds_what_a_missing_patient_shows() -> None:
    patient = a_patient()
    report_id = a_result(patient)
    curious = a_colleague(Role.CLINICIAN)

    for path in ("/labels", f"/results/{report_id}/labels"):
        tried = curious.get(f"/staff/patients/{patient.patient_id}{path}")
        missing = curious.get(f"/staff/patients/{'0' * 32}{path}")
        assert (tried.status, missing.status) == (404, 404)
        assert tried.text.replace(patient.patient_id, "0" * 32) == missing.text
    answer = asked(curious, "POST", page_of(patient, report_id), seen="1", why=WHY, abuse="yes")

    assert answer.status == 404
    assert card(patient, report_id).segments == ()
    rows = [row for row in trail(patient) if row.actor == id_of(curious)]
    assert [(row.event, row.about, row.why, row.outcome) for row in rows] == [
        ("staff.labels-listed", None, "no-grant", "refused"),
        ("staff.labels-viewed", report_id, "no-grant", "refused"),
        ("staff.labels-corrected", report_id, "no-grant", "refused"),
    ]


def test_every_step_is_in_the_patients_trail_and_no_label_is() -> None:
    patient = a_patient()
    report_id = a_result(patient)
    clinician, officer = a_clinician(patient), an_officer()
    corrects(clinician, patient, report_id, "abuse")
    corrects(officer, patient, report_id, "abuse", "genetic")

    grant = break_glass.live(patient.patient_id, id_of(clinician))
    assert grant
    rows = [row for row in trail(patient) if row.event.startswith("staff.labels-")]
    assert [(row.event, row.actor, row.about, row.why, row.grant) for row in rows] == [
        ("staff.labels-viewed", id_of(clinician), report_id, "break-glass", grant.grant_id),
        ("staff.labels-corrected", id_of(clinician), report_id, "break-glass", grant.grant_id),
        ("staff.labels-viewed", id_of(officer), report_id, "clinic-work", None),
        ("staff.labels-corrected", id_of(officer), report_id, "clinic-work", None),
    ]
    said = " ".join(str(value) for row in rows for value in row.attribute_values.values())
    assert not [each for each in (*Segment, WHY) if each in said]


def test_who_did_it_when_and_why_is_kept() -> None:
    patient = a_patient()
    report_id = a_result(patient, CHLAMYDIA)
    officer = an_officer()
    corrects(officer, patient, report_id)

    (made,) = labels.of_report(patient.patient_id, report_id)

    assert (made.added, made.removed) == ((), (Segment.SEXUAL_HEALTH,))
    assert (made.by, made.why) == (id_of(officer), WHY)
    assert made.at[:10]
    assert set(made.about) == set(patient.identifiers)


def test_the_patient_is_sent_nothing_and_the_card_stays_as_old_as_it_was() -> None:
    """A label is no news: a message about it would tell whoever holds the phone."""
    patient = a_patient()
    report_id = a_result(patient)
    before, mails = card(patient, report_id), len(sent_to(patient.email))

    corrects(an_officer(), patient, report_id, "mental_health")

    after = card(patient, report_id)
    assert len(sent_to(patient.email)) == mails
    assert after == before.model_copy(update={"segments": ("mental-health",)})
    assert published.fingerprint(after) == published.fingerprint(before)


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"why": ""}, "Say in a sentence"),
        ({"why": "  short  "}, "Say in a sentence"),
        ({"abuse": ""}, "Change a label first"),
        ({"seen": "7"}, "changed in between"),
        ({"seen": ""}, "seen"),
        ({"abuse": "maybe"}, "abuse"),
    ],
)
def test_a_form_that_says_too_little_changes_nothing(fields: dict[str, str], advice: str) -> None:
    patient = a_patient()
    report_id = a_result(patient)
    officer = an_officer()
    sent = {"seen": "1", "why": WHY, "abuse": "yes"} | fields

    page = officer.post(page_of(patient, report_id), **sent)
    problem = asked(officer, "POST", page_of(patient, report_id), **sent)

    assert (page.status, problem.status) == (400, 400)
    assert advice in page.text + problem.text
    assert card(patient, report_id).segments == ()
    assert labels.of_report(patient.patient_id, report_id) == []


def test_of_two_who_correct_at_once_one_looks_again() -> None:
    patient = a_patient()
    report_id = a_result(patient)
    officers = [an_officer() for _ in range(6)]
    ticked = ["abuse", "genetic", "mental_health", "sexual_health", "substance_use", "reproductive"]

    def correct(officer: Client, label: str) -> int:
        fields = {"seen": "1", "why": WHY, label: "yes"}
        return asked(officer, "POST", page_of(patient, report_id), **fields).status

    with ThreadPoolExecutor(len(officers)) as pool:
        answers = list(pool.map(correct, officers, ticked))

    assert sorted(answers) == [200, *[400] * 5]
    (made,) = labels.of_report(patient.patient_id, report_id)
    assert card(patient, report_id).segments == made.added
    events = [row.outcome for row in trail(patient, Event.LABELS_CORRECTED)]
    assert sorted(events) == ["done", *["refused"] * 5]


def test_a_card_of_another_patients_result_takes_no_label() -> None:
    patient = a_patient()
    report_id = a_result(patient, GLUCOSE, filler="W1")
    corrects(an_officer(), patient, report_id, "abuse")
    a_result(patient, f"{GLUCOSE[:-1]}W", filler="W1")
    officer = an_officer()

    page = officer.get(page_of(patient, report_id))
    tried = officer.post(page_of(patient, report_id), seen="3", why=WHY, abuse="yes")

    assert "another patient" in page.text
    assert "<form" not in page.text.split("<main")[-1].split("</form>", 1)[-1]
    assert tried.status == 400
    assert card(patient, report_id).segments == ()


def test_a_report_of_nobodys_and_another_patients_are_missing() -> None:
    patient, other = a_patient(), a_patient()
    theirs = a_result(other)
    officer = an_officer()

    for report_id in (theirs, "0" * 32, "x"):
        assert officer.get(page_of(patient, report_id)).status == 404
        answer = asked(officer, "POST", page_of(patient, report_id), seen="1", why=WHY, abuse="yes")
        assert answer.status == 404
    assert card(other, theirs).segments == ()


def test_labels_of_a_merged_record_are_corrected_where_it_is_now() -> None:
    patient, survivor = a_patient(), a_patient()
    report_id = a_result(survivor)
    there = patients.with_id(patient.patient_id)
    assert there
    patients.rewrite(there.model_copy(update={"replaced_by": survivor.patient_id}))
    officer = an_officer()

    fields = {"seen": "1", "why": WHY, "abuse": "yes"}
    done = officer.post(page_of(patient, report_id), **fields)

    assert (done.status, done.location) == (303, page_of(survivor, report_id))
    assert card(survivor, report_id).segments == ("abuse",)


def test_the_list_goes_on_page_by_page() -> None:
    patient = a_patient()
    shown = {a_result(patient) for _ in range(22)}
    path = f"/staff/patients/{patient.patient_id}/labels"

    first = asked(an_officer(), "GET", path).json
    second = asked(an_officer(), "GET", f"{path}?before={quote(first['next'])}").json

    assert (len(first["results"]), len(second["results"]), second["next"]) == (20, 2, "")
    assert {each["report_id"] for each in (*first["results"], *second["results"])} == shown
