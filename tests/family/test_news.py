"""Who hears of a new result: the patient and whoever may see it; what a merge does to access."""

import pytest
from tests.attacks.scenes import known
from tests.builders import a_patient, released
from tests.clock import held
from tests.family.ties import (
    a_child,
    a_grant,
    a_parents,
    a_result,
    a_sensitive_result,
    a_teen,
    delivered_all,
    family_of,
    switched,
)
from tests.lab_release.test_merging import an_adt, mrg, now, who
from tests.staff.colleagues import a_colleague, asked
from tests.stores import sent_to
from tests.visitors import signed_in

from portal.granting import Category, Grant, GrantState
from portal.patients import Patient
from portal.roles import Role
from portal.sensitivity import Segment
from portal.tables import CareRow

pytestmark = pytest.mark.usefixtures("portal")


def news(reader: Patient) -> int:
    """Messages about results in others' records."""
    delivered_all()
    texts = [each.text for each in sent_to(reader.email or reader.phone)]
    return sum("a record that you may open" in text for text in texts)


def test_a_childs_result_is_told_to_the_parents_alone_and_names_nobody() -> None:
    mother, father, child = a_patient(), a_patient(), a_child(given="Xavier")
    a_parents(child, mother)
    a_parents(child, father)

    a_result(child)

    assert (news(mother), news(father)) == (1, 1)
    text = sent_to(mother.email)[-1].text
    for told in ("Xavier", "Glucose", "Rivera", child.patient_id):
        assert told not in text
    rows = list(CareRow.query(child.patient_id, CareRow.sk.startswith("outbox#")))
    assert [row.state for row in rows] == ["nobody-to-tell"]


def test_an_adults_result_is_told_to_the_patient_and_to_the_helper() -> None:
    patient, helper = a_patient(), a_patient()
    a_grant(patient, helper)

    a_result(patient)

    assert news(helper) == 1
    assert "You have a new result" in sent_to(patient.email)[-1].text


def test_a_hidden_result_tells_a_parent_nothing() -> None:
    parent, teen = a_patient(), a_teen()
    grant = a_parents(teen, parent)

    a_sensitive_result(teen)
    assert news(parent) == 0

    signed_in(teen).post(f"/family/grants/{grant.grant_id}", sexual_health="yes")
    a_sensitive_result(teen)
    assert news(parent) == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"state": GrantState.SUSPENDED},
        {"state": GrantState.REVOKED},
        {"is_told": False},
        {"categories": frozenset({Category.BILLS})},
    ],
)
def test_who_may_not_see_it_or_does_not_want_to_hear_is_told_nothing(
    facts: dict[str, Grant],
) -> None:
    patient, helper = a_patient(), a_patient()
    a_grant(patient, helper, **facts)

    a_result(patient)

    assert news(helper) == 0


def test_a_right_that_ended_before_the_message_went_out_sends_nothing() -> None:
    patient, helper = a_patient(), a_patient()
    grant = a_grant(patient, helper)
    a_result(patient)

    signed_in(patient).post(f"/family/grants/{grant.grant_id}/revoke")

    assert news(helper) == 0


def test_messages_are_switched_off_and_on_for_one_person_alone() -> None:
    parent, one, other = a_patient(), a_child(given="One"), a_child(given="Two")
    first, _ = a_parents(one, parent), a_parents(other, parent)
    path = f"/family/grants/{first.grant_id}/notices"

    signed_in(parent).post(path)
    told = {each["name"]: each["is_told"] for each in family_of(parent)["people"]}
    assert told == {"One Rivera": False, "Two Rivera": True}
    a_result(one)
    assert news(parent) == 0
    a_result(other)
    assert news(parent) == 1

    signed_in(parent).post(path, is_told="yes")
    a_result(one)
    assert news(parent) == 2


def test_a_reader_without_an_address_is_told_by_text() -> None:
    child, parent = a_child(), a_patient(email="", phone="+12125550177")
    a_parents(child, parent)

    a_result(child)

    assert news(parent) == 1


def test_a_withdrawn_switch_off_is_no_decision_of_the_patients() -> None:
    patient, helper = a_patient(), a_patient()
    grant = a_grant(patient, helper)

    signed_in(helper).post(f"/family/grants/{grant.grant_id}/notices")

    assert len(family_of(patient)["past"]) == 1


def reviews_of(patient: Patient) -> list[CareRow]:
    rows = CareRow.query(patient.patient_id, CareRow.sk.startswith("review#"))
    return [row for row in rows if row.reason == "family.record-merged"]


def test_a_merge_ends_what_was_granted_and_staff_are_asked_to_look() -> None:
    survivor, old, helper = known(given="Ana"), known(given="Ana"), known()
    grant = a_grant(old, helper)
    browser = switched(helper, grant)
    released(an_adt("A40", who(survivor), mrg(old)))

    assert browser.get("/results").status == 403
    assert family_of(helper)["people"] == []
    assert family_of(survivor)["watchers"] == [], "it did not move"
    (row,) = reviews_of(survivor)
    assert row.detail == old.patient_id
    desk = a_colleague(Role.FRONT_DESK)
    review = f"{survivor.patient_id}-{row.sk.removeprefix('review#')}"
    page = desk.get(f"/staff/reviews/{review}").text
    at = f"/staff/patients/{old.patient_id}/proxies"
    assert at in page
    listed = asked(desk, "GET", at).json
    assert listed["is_merged"]
    assert [each["grant_id"] for each in listed["proxies"]] == [grant.grant_id]

    released(an_adt("A37", who(survivor), f"PID|2||{who(old)}"))
    assert not now(old).replaced_by
    assert family_of(helper)["people"], "asked again, and there is a record again"


def test_a_merged_helpers_access_does_not_pass_to_the_survivor() -> None:
    survivor, old, patient = known(given="Ana"), known(given="Ana"), known()
    a_grant(patient, old)

    released(an_adt("A40", who(survivor), mrg(old)))

    assert family_of(survivor)["people"] == []
    assert len(reviews_of(survivor)) == 1


def test_a_merge_of_records_nobody_else_could_open_asks_nothing_of_staff() -> None:
    survivor, old, helper = known(given="Ana"), known(given="Ana"), known()
    a_grant(old, helper, state=GrantState.REVOKED)

    released(an_adt("A40", who(survivor), mrg(old)))

    assert reviews_of(survivor) == []


def test_an_access_by_a_parent_ends_on_the_18th_birthday(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    parent, teen = a_patient(), a_teen()
    grant = a_parents(teen, parent, segments=frozenset({Segment.MENTAL_HEALTH}))
    clock.advance(days=366 * 4)

    assert signed_in(parent).post("/family/switch", grant_id=grant.grant_id).status == 404
    assert family_of(parent)["people"] == []
