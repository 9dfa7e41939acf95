"""Home: what needs the reader today, in the order they like."""

from datetime import timedelta
from typing import Any

import pytest
from tests.builders import a_message, a_patient, a_phone, an_app, released
from tests.granting import a_grant, acting_for
from tests.settings.accounts import a_number
from tests.visitors import signed_in

from portal import consents, factors, moments, recovery_codes, wordings
from portal.consents import Choice
from portal.granting import GrantState
from portal.patients import Patient
from portal.wordings import Purpose

pytestmark = pytest.mark.usefixtures("portal")


def parts(patient: Patient) -> dict[str, Any]:
    view = signed_in(patient, accept="application/json").get("/").json
    return {each["name"]: each for each in view["widgets"]}


def test_what_was_not_opened_yet_stands_first() -> None:
    patient = a_patient()
    start = moments.now() - timedelta(days=9)
    made = [
        released(a_message(patient, signed_off=start + timedelta(days=day))).report_ids[0]
        for day in range(5)
    ]
    app = signed_in(patient, accept="application/json")
    newest = made[::-1]
    assert [each["report_id"] for each in app.get("/").json["latest"]] == newest[:3]

    for each in newest[:2]:
        app.get(f"/results/{each}")

    latest = app.get("/").json["latest"]
    assert [each["report_id"] for each in latest] == newest[2:5]
    assert all(each["is_new"] for each in latest)
    for each in newest[2:]:
        app.get(f"/results/{each}")
    latest = app.get("/").json["latest"]
    assert [each["report_id"] for each in latest] == newest[:3]
    assert not any(each["is_new"] for each in latest)
    browser = signed_in(patient)
    browser.post("/settings/guide")
    assert "Nothing new needs you today." in browser.get("/").text


def test_a_correction_is_new_again() -> None:
    patient = a_patient()
    report_id = released(a_message(patient, filler="A1")).report_ids[0]
    app = signed_in(patient, accept="application/json")
    app.get(f"/results/{report_id}")
    assert not app.get("/").json["latest"][0]["is_new"]

    obx = "NM|2345-7^Glucose^LN||198|mg/dL|70-99|H|||C|||20261101080000-0500"
    released(a_message(patient, obx, filler="A1", status="C"))

    assert app.get("/").json["latest"][0]["is_new"]


def test_what_a_helper_reads_stays_new_for_the_patient_and_a_preview_reads_nothing() -> None:
    patient, holder = a_patient(), a_patient()
    grant = a_grant(patient, holder)
    report_id = released(a_message(patient)).report_ids[0]

    acting_for(grant, holder).get(f"/results/{report_id}")
    acting_for(grant, patient, is_preview=True).get(f"/results/{report_id}")

    assert parts(patient)["results"]["results"][0]["is_new"]


def test_a_part_with_nothing_to_say_is_not_there() -> None:
    patient = a_patient()
    an_app(patient)
    a_phone(patient)

    assert list(parts(patient)) == ["results"]


def test_family_says_whose_access_ends_and_who_was_invited() -> None:
    patient, holder, guest = a_patient(), a_patient(given="Luis"), a_patient(given="Sam")
    soon, later = (moments.now() + timedelta(days=days) for days in (10, 60))
    a_grant(patient, holder, ends_at=soon)
    a_grant(patient, a_patient(), ends_at=later)
    a_grant(patient, guest, state=GrantState.INVITED, ends_at=later)
    a_grant(patient, a_patient(), state=GrantState.REVOKED, ends_at=soon)

    lines = parts(patient)["family"]["family"]

    assert sorted((each["kind"], each["name"]) for each in lines) == [
        ("ends", "Luis"),
        ("invited", "Sam"),
    ]
    (held,) = parts(holder)["family"]["family"]
    assert (held["kind"], held["name"]) == ("held-ends", patient.given)


def test_security_says_when_one_way_is_all_there_is() -> None:
    patient = a_patient()
    a_phone(patient)

    assert parts(patient)["security"]["security"] == ["one-way"]
    factors.add(patient.patient_id, recovery_codes.factor(recovery_codes.new()))
    assert "security" not in parts(patient)


@pytest.mark.parametrize(("left", "said"), [(3, ["few-codes"]), (0, ["no-codes"]), (4, None)])
def test_security_says_when_recovery_codes_run_out(left: int, said: list[str] | None) -> None:
    patient = a_patient()
    a_phone(patient)
    codes = recovery_codes.new()
    factors.add(patient.patient_id, recovery_codes.factor(codes))

    for code in codes[left:]:
        assert recovery_codes.is_right(patient.patient_id, code)

    found = parts(patient).get("security")
    assert (found and found["security"]) == said


def test_consents_that_are_asked_again_are_counted_and_answered_ones_are_not() -> None:
    from portal import audit, patients
    from portal.audit import Event

    patient = a_patient(phone=a_number())
    wording = wordings.current(consents.region(), moments.now().date())[Purpose.SMS]
    contact = consents.contact_of(patient, wording.contact)
    choice = Choice(wording, True, 0, patient.patient_id, "t", "t", "en", contact=contact)
    entry = audit.row(Event.CONSENT_GIVEN, actor="x", patient_id=patient.patient_id, request_id="")
    consents.decide(patient.patient_id, choice, entry)
    assert "consents" not in parts(patient)

    known = patients.with_id(patient.patient_id)
    assert known
    patients.rewrite(known.model_copy(update={"phone": a_number()}))

    assert parts(patient)["consents"]["consents"] == 1


def test_whoever_acts_for_another_sees_the_results_alone() -> None:
    patient, holder = a_patient(), a_patient()
    a_phone(patient)
    a_phone(holder)
    grant = a_grant(patient, holder, ends_at=moments.now() + timedelta(days=5))

    for is_preview in (False, True):
        owner = patient if is_preview else holder
        app = acting_for(grant, owner, is_preview=is_preview, accept="application/json")
        view = app.get("/").json
        assert [each["name"] for each in view["widgets"]] == ["results"]
        assert not view["may_arrange"]
        assert not view["has_guide"]


def test_home_is_arranged_from_home() -> None:
    patient = a_patient()
    a_phone(patient)
    browser = signed_in(patient)
    assert list(parts(patient)) == ["results", "security"]

    assert 'value="up:security:results"' in browser.get("/").text
    answer = browser.post("/settings/home", do="up:security:results", return_to="/")
    assert answer.location == "/"
    assert list(parts(patient)) == ["security", "results"]
    browser.post("/settings/home", do="hide:results", return_to="/")

    assert list(parts(patient)) == ["security"]
    assert "1 part of this page is hidden" in browser.get("/").text


@pytest.mark.parametrize("do", ["up:no-part", "down:results", "up:security:no-part"])
def test_a_move_that_leads_nowhere_changes_no_order(do: str) -> None:
    patient = a_patient()
    browser = signed_in(patient)
    for _ in range(9):
        assert browser.post("/settings/home", do=do).status == 303

    names = [
        e["name"]
        for e in signed_in(patient, accept="application/json").get("/settings/home").json["widgets"]
    ]
    assert sorted(names) == sorted(set(names))
    assert names[-1 if "results" in do else 0] == "results"


def test_the_guide_is_there_until_it_is_closed() -> None:
    patient = a_patient()
    browser = signed_in(patient)
    page = browser.get("/").text
    for step in ("/settings/security", "/settings/notices", "/family"):
        assert f'<a class="alone" href="{step}">' in page
    assert "Three steps" in page

    assert browser.post("/settings/guide").location == "/"

    assert "Three steps" not in browser.get("/").text
    assert "Three steps" not in signed_in(patient).get("/").text
