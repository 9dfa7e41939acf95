"""At the desk: finding a patient, and opening their account when their identity card was seen."""

import pytest
from tests.builders import a_patient
from tests.staff.colleagues import a_colleague, asked, deeds, id_of, trail
from tests.visitors import a_browser

from portal import patients, user_accounts
from portal.audit import Event
from portal.methods import Confidence
from portal.patients import Patient
from portal.roles import Role

pytestmark = pytest.mark.usefixtures("portal")


def page_of(patient: Patient) -> str:
    return f"/staff/patients/{patient.patient_id}"


def numbered(value: str, authority: str = "RIVERBEND", **facts: object) -> Patient:
    return a_patient(identifiers=((authority, value),), **facts)


def test_a_patient_is_found_by_authority_and_number() -> None:
    patient = numbered("ZZ-77001", family="Rivera", given="Ana", phone="+15555550181")
    desk = a_colleague(Role.FRONT_DESK)

    done = desk.post("/staff/patients", authority=" riverbend ", number=" zz-77001 ")

    assert (done.status, done.location) == (303, page_of(patient))
    page = desk.get(done.location).text
    assert "Ana Rivera" in page
    assert "1980-02-03" in page
    for hidden in (patient.email, patient.phone, "ZZ-77001"):
        assert hidden not in page


def test_the_record_number_is_in_no_address() -> None:
    """Law 1: no PHI in URLs."""
    patient = numbered("ZZ-77002")

    done = a_colleague(Role.FRONT_DESK).post("/staff/patients", number="ZZ-77002")

    assert "77002" not in done.location
    assert patient.patient_id in done.location


def test_finding_and_looking_are_in_the_patients_trail() -> None:
    """REG-005, REG-032: who, what, whose, when."""
    patient = numbered("ZZ-77003")
    desk = a_colleague(Role.FRONT_DESK)

    desk.get(desk.post("/staff/patients", number="ZZ-77003").location)

    rows = trail(patient)
    assert [(row.event, row.actor, row.outcome) for row in rows] == [
        ("staff.patient-sought", id_of(desk), "done"),
        ("staff.patient-viewed", id_of(desk), "done"),
    ]
    assert "77003" not in repr([row.to_dynamodb_dict() for row in rows])


def test_without_an_authority_a_number_must_be_one_patients() -> None:
    one, two = numbered("ZZ-77004", "NORTH"), numbered("ZZ-77004", "SOUTH")
    desk = a_colleague(Role.FRONT_DESK)

    page = desk.post("/staff/patients", number="ZZ-77004")

    assert page.status == 400
    assert "several do" in page.text
    assert 'value="ZZ-77004"' in page.text
    for patient, authority in ((one, "NORTH"), (two, "SOUTH")):
        done = desk.post("/staff/patients", number="ZZ-77004", authority=authority)
        assert done.location == page_of(patient)


@pytest.mark.parametrize("number", ["", "  ", "ZZ-NOBODY", "%", "*"])
def test_nobody_is_found_by_a_number_of_nobodys(number: str) -> None:
    desk = a_colleague(Role.FRONT_DESK)

    assert desk.post("/staff/patients", number=number).status == 400
    row = deeds(id_of(desk))[-1]
    assert (row.event, row.outcome) == ("staff.patient-sought", "refused")


def test_finding_is_throttled_by_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of all numbers cannot be tried."""
    monkeypatch.setattr("functions.staff.front_desk.FINDS_PER_PERSON", 3)
    desk, other = a_colleague(Role.FRONT_DESK), a_colleague(Role.FRONT_DESK)

    statuses = [asked(desk, "POST", "/staff/patients", number=f"N{n}").status for n in range(4)]

    assert statuses == [400, 400, 400, 429]
    assert asked(other, "POST", "/staff/patients", number="N").status == 400
    assert deeds(id_of(desk))[-1].why == "too-many:staff-find"


def test_a_merged_record_leads_to_its_survivor() -> None:
    survivor, retired = a_patient(given="Survivor"), a_patient()
    patients.rewrite(retired.model_copy(update={"replaced_by": survivor.patient_id, "revision": 1}))

    page = a_colleague(Role.FRONT_DESK).get(page_of(retired))

    assert "Survivor" in page.text
    assert trail(survivor, Event.PATIENT_VIEWED)


@pytest.mark.parametrize("patient_id", ["0" * 32, "x", "../x"])
def test_a_patient_of_nobodys_is_missing(patient_id: str) -> None:
    desk = a_colleague(*Role)
    missing = patient_id if "/" not in patient_id else "%2e%2e"

    for method, what in (
        ("GET", ""),
        ("POST", "/activation"),
        ("GET", "/recover"),
        ("POST", "/recover"),
        ("GET", "/break-glass"),
        ("POST", "/break-glass"),
        ("POST", "/break-glass/end"),
        ("GET", "/results"),
        ("GET", f"/results/{'0' * 32}"),
    ):
        fields = {"cause": "urgent-care", "words": "an emergency", "seen": "yes", "lost": "all"}
        assert asked(desk, method, f"/staff/patients/{missing}{what}", **fields).status == 404


def test_a_card_was_seen_and_the_patient_opens_the_account() -> None:
    patient = a_patient()
    desk = a_colleague(Role.FRONT_DESK)
    at = f"{page_of(patient)}/activation"

    made = asked(desk, "POST", at, seen="yes").json
    page = desk.post(at, seen="yes")

    assert made["link"].startswith("http")
    assert "<svg" in page.text
    rows = trail(patient, Event.ACTIVATION_MADE)
    assert {(row.actor, row.about) for row in rows} == {(id_of(desk), "desk")}
    code = asked(desk, "POST", at, seen="yes").json["code"]
    phone = a_browser()
    opened = phone.post("/activate", code=code, born_on=patient.birth_on.isoformat())
    assert opened.status == 303
    assert phone.cookies["session"]
    assert user_accounts.of(patient.patient_id).confidence is Confidence.PROOFED


def test_a_code_on_paper_lives_for_two_weeks() -> None:
    at = f"{page_of(a_patient())}/activation"

    page = a_colleague(Role.FRONT_DESK).post(at, seen="yes", kind="paper")

    assert "Print this page" in page.text


def test_no_card_no_code() -> None:
    patient = a_patient()
    desk = a_colleague(Role.FRONT_DESK)

    page = desk.post(f"{page_of(patient)}/activation", kind="desk")

    assert page.status == 400
    assert "identity card first" in page.text
    assert trail(patient, Event.ACTIVATION_MADE) == []


@pytest.mark.parametrize("facts", [{"is_deceased": True}, {"is_closed": True}])
def test_a_closed_account_is_not_opened(facts: dict[str, bool]) -> None:
    patient = a_patient(**facts)
    desk = a_colleague(Role.FRONT_DESK)

    shown = desk.get(page_of(patient)).text
    assert "Nobody can sign in" in shown
    assert "/activation" not in shown
    assert desk.post(f"{page_of(patient)}/activation", seen="yes").status == 400


def test_each_role_is_offered_what_it_may_do() -> None:
    patient = a_patient()
    both = (Role.NURSE, Role.FRONT_DESK)
    offers = {role: a_colleague(role).get(page_of(patient)).text for role in both}

    assert "/break-glass" in offers[Role.NURSE]
    assert "/activation" not in offers[Role.NURSE]
    assert "/break-glass" not in offers[Role.FRONT_DESK]
    assert "/recover" in offers[Role.FRONT_DESK]


def test_what_was_chosen_stays_when_the_card_was_not_seen() -> None:
    page = a_colleague(Role.FRONT_DESK).post(f"{page_of(a_patient())}/activation", kind="paper")

    assert page.status == 400
    assert 'value="paper" required checked' in page.text
