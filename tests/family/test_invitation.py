"""Inviting a helper, and taking the invitation up."""

import json
import re

import pytest
from pyotp import TOTP
from tests.activate.openings import deliver
from tests.builders import a_link_session, a_patient
from tests.client import Client
from tests.clock import held
from tests.family.ties import (
    CODE,
    a_child,
    a_grant,
    a_parents,
    a_result,
    a_sensitive_result,
    a_teen,
    aged,
    delivered_all,
    family_of,
    invited,
    is_at,
    joined,
    listed,
    state_of,
    switched,
)
from tests.stores import queued, sent_to
from tests.visitors import a_browser, signed_in

from portal import audit, grants, patient_search, patients
from portal.granting import EVERYTHING, Category, Grant, GrantState
from portal.sensitivity import Segment

pytestmark = pytest.mark.usefixtures("portal")


def grant_of(patient: patients.Patient) -> Grant:
    (found,) = grants.of_patient(patient.patient_id)
    return found


def test_the_mail_names_nobody_and_holds_no_code() -> None:
    patient = a_patient(given="Xochitl", family="Quintanilla")

    token, code, page = invited(patient, "mail.names@example.org")

    text = sent_to("mail.names@example.org")[-1].text
    assert token in text
    for told in ("Xochitl", "Quintanilla", "Sam", code):
        assert told not in text
    assert "Sam Lee" in page.text


def test_a_helper_with_an_account_accepts_and_sees_what_was_chosen() -> None:
    patient, helper = a_patient(), a_patient(given="Bo", family="Marsh")
    plain, _ = a_result(patient), a_sensitive_result(patient)
    token, code, _page = invited(patient, "bo.marsh@example.org")
    browser = signed_in(helper)

    assert browser.get(f"/family/join/{token}").status == 200
    assert browser.post(f"/family/join/{token}/accept", code=code).location == "/family?done=joined"

    grant = grant_of(patient)
    assert (grant.state, grant.holder_id) == (GrantState.ACTIVE, helper.patient_id)
    assert listed(switched(helper, grant)) == [plain]
    (line,) = family_of(patient)["watchers"]
    assert line["name"] == "Bo Marsh", "who accepted, not who was meant"
    delivered_all()
    told = [each.text for each in sent_to(patient.email)]
    assert any("accepted your invitation" in text for text in told)


def test_a_helper_without_an_account_gets_one_sets_up_a_second_step_and_sees() -> None:
    patient = a_patient()
    report = a_result(patient)
    token, code, _page = invited(patient, "new.helper@example.org")

    browser, answer = joined(token, code)

    assert answer.status == 200
    grant = grant_of(patient)
    person = patients.with_id(grant.holder_id)
    assert person
    assert (person.has_record, person.email) == (False, "new.helper@example.org")
    assert person.identifiers[0][1] in answer.text
    assert browser.get("/results").location.startswith("/sign-in/step"), "nothing yet"
    assert browser.get("/sign-in/step").text.count("Choose a second step")
    browser.post("/settings/security/totp")
    page = browser.get("/settings/security/totp/confirm").text
    secret = re.search(r'<code class="key"[^>]*>([A-Z2-7 ]+)</code>', page)
    assert secret
    typed = TOTP(secret[1].replace(" ", "")).now()
    assert browser.post("/settings/security/totp/confirm", code=typed).status == 303
    assert "no record of your own" in browser.get("/family").text
    assert "no record of your own" in browser.get("/").text
    assert browser.get("/family/invite").status == 404, "nothing to share"
    browser.post("/family/switch", grant_id=grant.grant_id)
    assert is_at(browser, patient)
    assert listed(browser) == [report]


def test_a_person_without_a_record_signs_in_later_by_a_link() -> None:
    token, code, _page = invited(a_patient(), "later@example.org")
    joined(token, code)
    queued("SignInRequests")

    a_browser().post("/sign-in", address="later@example.org")
    deliver()

    assert "/sign-in/" in sent_to("later@example.org")[-1].text
    assert len(patient_search.at_contact("later@example.org")) == 1


def test_looking_at_the_link_spends_nothing_and_says_nothing() -> None:
    token, code, _page = invited(a_patient(given="Yolanda"), "look@example.org")

    seen = {a_browser().get(f"/family/join/{each}").text.replace(each, "") for each in
            (token, "A" * 22)}  # fmt: skip

    assert len(seen) == 1, "a link of nobody's looks the same"
    assert "Yolanda" not in seen.pop()
    assert joined(token, code)[1].status == 200


@pytest.mark.parametrize(
    ("choices", "categories", "may_change"),
    [
        ({"preset": "everything"}, EVERYTHING, True),
        ({"preset": "read"}, EVERYTHING, False),
        ({"preset": "visits"}, {Category.APPOINTMENTS, Category.BILLS}, True),
        ({"preset": "chosen", "bills": "yes"}, {Category.BILLS}, False),
        ({"preset": "chosen", "bills": "yes", "may_change": "yes"}, {Category.BILLS}, True),
    ],
)
def test_a_preset_is_what_it_says_and_shares_nothing_sensitive(
    choices: dict[str, str], categories: set[Category], may_change: bool
) -> None:
    patient = a_patient()

    invited(patient, **choices)

    grant = grant_of(patient)
    assert (grant.categories, grant.may_change) == (categories, may_change)
    assert not grant.segments
    assert grant.state is GrantState.INVITED


def test_substance_use_is_shared_only_with_a_signed_consent_that_is_kept() -> None:
    """42 CFR 2.31."""
    patient = a_patient(given="Ana", family="Rivera")
    fields = {"name": "Sam Lee", "email": "s@example.org", "preset": "read"}

    refused = signed_in(patient).post("/family/invite", **fields, substance_use="yes")
    assert refused.status == 400
    assert "type your full name" in refused.text
    assert grants.of_patient(patient.patient_id) == []

    invited(patient, preset="read", substance_use="yes", signature="Ana Rivera")
    grant = grant_of(patient)
    assert grant.has_part2_consent
    assert grant.segments == {Segment.SUBSTANCE_USE}
    kept = json.loads(grant.notes["part2"])
    assert (kept["patient"], kept["recipients"]) == ("Ana Rivera", ["Sam Lee"])
    assert all(kept[name] for name in ("discloser", "information", "uses", "how_to_revoke"))
    assert all(kept[name] for name in ("signature", "signed_on", "ends_with"))


def test_the_signed_consent_ends_with_its_box_and_a_new_end_needs_a_new_one() -> None:
    patient, helper = a_patient(), a_patient()
    token, code, _page = invited(patient, substance_use="yes", signature="Ana Rivera")
    signed_in(helper).post(f"/family/join/{token}/accept", code=code)
    path, browser = f"/family/grants/{grant_of(patient).grant_id}", signed_in(patient)

    assert browser.post(path, results="yes", substance_use="yes").status == 303
    assert grant_of(patient).has_part2_consent
    later = {"results": "yes", "substance_use": "yes", "ends_on": "2099-01-01"}
    assert browser.post(path, **later).status == 400
    assert browser.post(path, **later, signature="Ana Rivera").status == 303
    assert browser.post(path, results="yes").status == 303
    assert not grant_of(patient).has_part2_consent
    assert "part2" not in grant_of(patient).notes


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": ""}, "email"),
        ({"name": " "}, "name"),
        ({"preset": "chosen"}, "categories"),
        ({"ends_on": "2001-01-01"}, "ends_on"),
        ({"ends_on": "soon"}, "ends_on"),
        ({"ends_on": "9999-12-31"}, "ends_on"),
    ],
)
def test_a_form_says_what_is_wrong_and_keeps_what_was_typed(
    wrong: dict[str, str], field: str
) -> None:
    patient = a_patient()
    fields = {"name": "Sam Lee", "email": "sam@example.org", "preset": "read"} | wrong

    page = signed_in(patient).post("/family/invite", **fields)
    answer = signed_in(patient, accept="application/json").post("/family/invite", **fields)

    assert page.status == answer.status == 400
    assert field in answer.json["errors"]
    assert 'class="error"' in page.text
    assert grants.of_patient(patient.patient_id) == []


def test_a_teen_invites_and_a_person_under_18_may_not_accept() -> None:
    teen, friend, aunt = a_teen(), aged(16), a_patient()
    token, code, _page = invited(teen)
    assert grant_of(teen).by_teen

    refused = signed_in(friend).post(f"/family/join/{token}/accept", code=code)
    assert refused.status == 400
    assert "18 or older" in refused.text
    assert joined(token, code, born_on="2015-01-01")[1].status == 400

    assert signed_in(aunt).post(f"/family/join/{token}/accept", code=code).status == 303


def test_what_they_see_changes_from_the_next_page_and_the_history_keeps_both() -> None:
    patient, helper = a_patient(), a_patient()
    a_result(patient)
    grant = a_grant(patient, helper)
    browser = switched(helper, grant)
    assert len(listed(browser)) == 1

    signed_in(patient).post(f"/family/grants/{grant.grant_id}", bills="yes", ends_on="2099-01-01")

    assert browser.get("/results").status == 403
    (line,) = family_of(patient)["watchers"]
    assert line["sees"] == ["Bills", "Can look, and change nothing"]
    assert line["ends_on"] == "2099-01-01"
    past = [each["words"] for each in family_of(patient)["past"]]
    assert past == ["You changed what Ana Rivera sees.", "Your clinic gave access to Ana Rivera."]


def test_revoking_ends_the_open_page_at_once() -> None:
    patient, helper = a_patient(), a_patient()
    grant = a_grant(patient, helper)
    browser = switched(helper, grant)
    path = f"/family/grants/{grant.grant_id}/revoke"
    mine = signed_in(patient)

    assert "It ends at once" in mine.get(path).text
    assert mine.post(path).location == "/family?done=revoked"

    refused = browser.get("/results")
    assert refused.status == 403
    assert "no longer see this record" in refused.text
    assert not is_at(browser, patient), "and then it is their own"
    assert state_of(grant) is GrantState.REVOKED
    assert mine.post(path).status == 404, "once"
    assert "family.revoked" in [row.event for row in audit.of_patient(patient.patient_id)]


def test_a_helper_gives_it_back_and_the_patient_is_told() -> None:
    patient, helper = a_patient(), a_patient()
    grant = a_grant(patient, helper)
    path = f"/family/grants/{grant.grant_id}/revoke"

    browser = signed_in(helper)
    assert "Give this access back?" in browser.get(path).text
    assert browser.post(path).location == "/family?done=given-back"

    assert family_of(helper)["people"] == []
    assert "gave the access back" in family_of(patient)["past"][0]["words"]
    delivered_all()
    assert "gave that up" in sent_to(patient.email)[-1].text


def test_a_teen_sees_a_parents_access_and_cannot_end_it() -> None:
    teen, parent = a_teen(), a_patient(given="Rosa")
    grant = a_parents(teen, parent)
    (line,) = family_of(teen)["watchers"]

    assert (line["name"], line["may_edit"], line["may_revoke"]) == ("Rosa Rivera", True, False)
    assert signed_in(teen).post(f"/family/grants/{grant.grant_id}/revoke").status == 404
    assert state_of(grant) is GrantState.ACTIVE


def test_a_preview_shows_what_they_see_and_changes_nothing() -> None:
    patient, helper = a_patient(), a_patient(given="Bo", family="Marsh")
    plain, sensitive = a_result(patient), a_sensitive_result(patient)
    grant = a_grant(patient, helper)
    browser = signed_in(patient)
    assert set(listed(browser)) == {plain, sensitive}

    assert browser.post("/family/preview", grant_id=grant.grant_id).location == "/"

    assert listed(browser) == [plain]
    assert browser.get(f"/results/{sensitive}").status == 404
    page = browser.get("/results").text
    assert "what <bdi>Bo Marsh</bdi> sees" in page
    theirs = switched(helper, grant).get("/results").text
    assert main_of(page) == main_of(theirs), "the very page"
    for path in ("/family/invite", f"/family/grants/{grant.grant_id}/revoke"):
        refused = browser.post(path)
        assert refused.status == 403
        assert "only a preview" in refused.text
    browser.post("/family/own")
    assert set(listed(browser)) == {plain, sensitive}


def main_of(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


def test_the_invitation_is_too_old_after_a_week(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    token, code, _page = invited(a_patient())
    clock.advance(days=7, seconds=1)

    assert joined(token, code)[1].status == 400


def test_an_app_invites_and_accepts_alike() -> None:
    patient, helper = a_patient(), a_patient()
    fields = {"name": "Sam Lee", "email": "app@example.org", "preset": "read"}
    made = signed_in(patient, accept="application/json").post("/family/invite", **fields)
    token = sent_to("app@example.org")[-1].text.partition("/family/join/")[2].split()[0]

    app = Client(accept="application/json", cookies={"session": a_link_session(helper)})
    answer = app.post(f"/family/join/{token}/accept", code=made.json["code"])

    assert answer.json == {"next": "/family?done=joined"}
    assert CODE.search(made.text) is None


def test_a_child_is_nobody_who_could_invite() -> None:
    parent, child = a_patient(), a_child()
    browser = switched(parent, a_parents(child, parent))

    assert browser.post("/family/invite", name="x", email="x@example.org").status == 403
    assert len(grants.of_patient(child.patient_id)) == 1
