"""Parents, guardians and estates: asked for by a person, decided by staff, stopped by staff."""

from typing import Any

import pytest
from tests.builders import a_patient
from tests.client import Client
from tests.family.ties import (
    a_child,
    a_grant,
    a_parents,
    a_result,
    a_teen,
    aged,
    delivered_all,
    family_of,
    listed,
    state_of,
    switched,
)
from tests.staff.colleagues import a_colleague, asked, trail
from tests.stores import sent_to
from tests.visitors import signed_in

from portal import grants, proxy_requests
from portal.granting import EVERYTHING, GrantKind, GrantState
from portal.patients import Patient
from portal.record_rules import OF_AN_ESTATE
from portal.roles import Role
from portal.tables import CareRow

pytestmark = pytest.mark.usefixtures("portal")

YES = {"decision": "approve", "proof": "birth-certificate", "seen": "yes"}
WHY = "A note from child protective services."


def about(patient: Patient, **facts: str) -> dict[str, str]:
    typed = {
        "kind": "parent",
        "given": patient.given,
        "family": patient.family,
        "born_on": patient.birth_on.isoformat(),
        "identifier": patient.identifiers[0][1],
        "relationship": "mother",
        "statement": "yes",
    }
    return typed | facts


def requested(asker: Patient, child: Patient, **facts: str) -> str:
    """The id of the review it owes."""
    answer = signed_in(asker).post("/family/children", **about(child, **facts))
    assert answer.location == "/family?done=asked"
    rows = list(CareRow.query(asker.patient_id, CareRow.sk.startswith("review#")))
    newest = max(rows, key=lambda row: row.received_at or "")
    return f"{asker.patient_id}-{newest.sk.removeprefix('review#')}"


def taken(review_id: str, *roles: Role) -> Client:
    colleague = a_colleague(*(roles or (Role.FRONT_DESK,)))
    assert colleague.post(f"/staff/reviews/{review_id}/take").status == 303
    return colleague


def approved(asker: Patient, child: Patient, **facts: str) -> Any:
    review_id = requested(asker, child, **facts)
    desk = taken(review_id)
    return desk, desk.post(f"/staff/proxies/{review_id}", **YES), review_id


def test_a_parent_asks_staff_see_the_proof_and_the_parent_sees_the_child() -> None:
    parent, child = a_patient(given="Rosa"), a_child()
    report = a_result(child)
    review_id = requested(parent, child)
    assert family_of(parent)["requests"][0]["state"] == "waiting"
    desk = taken(review_id)
    page = desk.get(f"/staff/proxies/{review_id}").text
    assert "Rosa Rivera" in page
    assert "mother" in page
    assert page.count("Noah Rivera") == 2, "as typed, and on file"

    assert desk.post(f"/staff/proxies/{review_id}", **YES).location == "/staff"

    (grant,) = grants.of_patient(child.patient_id)
    assert (grant.kind, grant.state, grant.segments) == (
        GrantKind.PARENT,
        GrantState.ACTIVE,
        frozenset(),
    )
    assert grant.notes["proof"] == "birth-certificate"
    assert listed(switched(parent, grant)) == [report]
    assert family_of(parent)["requests"] == []
    delivered_all()
    assert "Your clinic said yes" in sent_to(parent.email)[-1].text
    rows = list(CareRow.query(child.patient_id, CareRow.sk.startswith("birthday#")))
    assert {row.sk.split("#")[1] for row in rows} == {"12", "18"}
    assert desk.get(f"/staff/reviews/{review_id}").text.count("Approved: birth-certificate.")


def test_the_answer_is_the_same_where_there_is_no_such_child() -> None:
    parent, child = a_patient(), a_child()
    nobody = about(child, identifier="T99999999")

    browser = signed_in(parent, accept="application/json")
    known, unknown = (browser.post("/family/children", **each) for each in (about(child), nobody))

    assert (known.status, known.body) == (unknown.status, unknown.body)
    lines = family_of(parent)["requests"]
    alike = [{k: v for k, v in each.items() if k != "asked_at"} for each in lines]
    assert alike[0] == alike[1]
    assert grants.of_patient(child.patient_id) == [], "nothing is at the child's record yet"
    assert trail(child) == []


def test_staff_refuse_with_a_reason_that_the_asker_reads() -> None:
    parent, child = a_patient(), a_child()
    review_id = requested(parent, child)
    desk = taken(review_id)
    path = f"/staff/proxies/{review_id}"
    no = {"decision": "deny", "reason": "The certificate names somebody else."}
    assert desk.post(path, **no | {"reason": "no"}).status == 400

    assert desk.post(path, **no).status == 303

    (line,) = family_of(parent)["requests"]
    assert (line["state"], line["reason"]) == ("denied", "The certificate names somebody else.")
    assert grants.of_patient(child.patient_id) == []
    delivered_all()
    assert "could not give you" in sent_to(parent.email)[-1].text
    assert desk.post(f"/staff/proxies/{review_id}", **YES).status == 409


def test_a_yes_needs_a_proof_and_an_identity_card_and_the_review_taken() -> None:
    parent, child = a_patient(), a_child()
    review_id = requested(parent, child)
    path, other = f"/staff/proxies/{review_id}", a_colleague(Role.PRIVACY_OFFICER)
    assert other.post(path, **YES).status == 409, "nobody took it"
    desk = taken(review_id)
    assert other.post(path, **YES).status == 409, "another's"

    for wrong in ({"proof": ""}, {"seen": ""}, {"ends_on": "x"}):
        assert desk.post(path, **YES | wrong).status == 400
    assert grants.of_patient(child.patient_id) == []


@pytest.mark.parametrize(
    ("years", "kind", "facts", "status"),
    [
        (8, "parent", {}, 303),
        (17, "parent", {}, 303),
        (19, "parent", {}, 400),
        (40, "guardian", {}, 303),
        (40, "estate", {}, 400),
        (40, "estate", {"is_deceased": True}, 303),
        (8, "parent", {"is_deceased": True}, 400),
    ],
)
def test_the_kind_must_fit_the_age_and_whether_they_live(
    years: int, kind: str, facts: dict[str, Any], status: int
) -> None:
    asker, other = a_patient(), aged(years, given="Noah", **facts)

    _desk, answer, _review = approved(asker, other, kind=kind)

    assert answer.status == status
    found = grants.of_patient(other.patient_id)
    assert len(found) == (status == 303)
    if found:
        assert found[0].categories == (OF_AN_ESTATE if kind == "estate" else EVERYTHING)


def test_nobody_becomes_their_own_guardian() -> None:
    asker = a_patient()

    assert approved(asker, asker, kind="guardian")[1].status == 400


def test_an_approval_that_died_half_way_is_finished_by_the_next_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parent, child = a_patient(), a_child()
    review_id = requested(parent, child)
    desk, path = taken(review_id), f"/staff/proxies/{review_id}"

    with monkeypatch.context() as patch:
        patch.setattr(proxy_requests, "keep", lambda *_: (_ for _ in ()).throw(TimeoutError))
        assert desk.post(path, **YES).status == 500
    assert desk.post(path, **YES).status == 303

    assert len(grants.of_patient(child.patient_id)) == 1
    assert family_of(parent)["requests"] == []


def test_staff_stop_an_access_at_once_and_its_holder_just_sees_it_gone() -> None:
    """REG-026: 45 CFR 164.502(g)(5)."""
    parent, child = a_patient(), a_child()
    grant = a_parents(child, parent)
    browser = switched(parent, grant)
    nurse = a_colleague(Role.NURSE)
    at = f"/staff/patients/{child.patient_id}/proxies"
    stop = f"{at}/{grant.grant_id}/suspend"
    assert "Stop it now" in nurse.get(at).text
    assert nurse.post(stop, reason="x").status == 400
    before = len(sent_to(parent.email))

    assert nurse.post(stop, reason=WHY).location == at

    assert browser.get("/results").status == 403
    seen = signed_in(parent).get("/family").text
    assert WHY not in seen
    assert "Stopped" not in seen
    assert family_of(parent)["people"] == []
    delivered_all()
    assert len(sent_to(parent.email)) == before
    assert [row.event for row in trail(child)].count("family.suspended") == 1
    found = grants.find(child.patient_id, grant.grant_id)
    assert found
    assert found.notes["suspended"] == WHY

    assert (
        nurse.post(f"{at}/{grant.grant_id}/lift", reason="The court said otherwise.").status == 303
    )
    assert state_of(grant) is GrantState.ACTIVE
    assert nurse.post(f"{at}/{grant.grant_id}/lift", reason="Once more, to see.").status == 409


def test_a_patient_cannot_wake_what_staff_stopped() -> None:
    patient, helper = a_patient(), a_patient()
    grant = a_grant(patient, helper, state=GrantState.SUSPENDED)

    signed_in(patient).post(f"/family/grants/{grant.grant_id}", results="yes")

    assert state_of(grant) is GrantState.SUSPENDED
    assert family_of(helper)["people"] == []


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.BILLER, Role.OPERATOR])
def test_only_care_and_privacy_staff_stop_an_access(role: Role) -> None:
    parent, child = a_patient(), a_child()
    grant = a_parents(child, parent)
    path = f"/staff/patients/{child.patient_id}/proxies/{grant.grant_id}/suspend"

    assert a_colleague(role).post(path, decision="deny", reason=WHY).status == 403
    assert state_of(grant) is GrantState.ACTIVE


def test_another_patients_grant_is_not_stopped_through_ones_page() -> None:
    child, other, parent = a_child(), a_child(), a_patient()
    grant = a_parents(child, parent)
    path = f"/staff/patients/{other.patient_id}/proxies/{grant.grant_id}/suspend"

    assert asked(a_colleague(Role.NURSE), "POST", path, reason=WHY).status == 404
    assert state_of(grant) is GrantState.ACTIVE


def test_a_form_with_something_missing_says_what() -> None:
    child = a_teen()
    browser = signed_in(a_patient(), accept="application/json")
    for name in about(child):
        fields = about(child) | {name: ""}
        assert name in browser.post("/family/children", **fields).json["errors"]
