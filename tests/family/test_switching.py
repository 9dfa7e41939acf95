"""Whose record is open, and who may open it."""

import pytest
from tests.builders import a_link_session, a_patient
from tests.client import Client
from tests.clock import held
from tests.family.ties import (
    a_child,
    a_grant,
    a_parents,
    a_result,
    a_sensitive_result,
    a_teen,
    family_of,
    is_at,
    listed,
    switched,
)
from tests.visitors import a_browser, signed_in

from portal import audit, keys
from portal.granting import Category, GrantState
from portal.patients import Patient
from portal.tables import ChartRow

pytestmark = pytest.mark.usefixtures("portal")


def test_a_parent_opens_a_childs_record_with_a_banner_on_each_page_and_goes_back() -> None:
    parent, child = a_patient(given="Rosa"), a_child()
    own, theirs = a_result(parent), a_result(child)
    grant = a_parents(child, parent)

    browser = switched(parent, grant)

    assert is_at(browser, child)
    for path in ("/", "/results", f"/results/{theirs}"):
        assert 'class="person"' in browser.get(path).text
    assert listed(browser) == [theirs]
    assert browser.post("/family/own").location == "/"
    assert not is_at(browser, child)
    assert listed(browser) == [own]


def test_what_is_done_at_anothers_record_is_in_that_ones_trail_with_the_grant() -> None:
    parent, child = a_patient(), a_child()
    report = a_result(child)
    grant = a_parents(child, parent)

    switched(parent, grant).get(f"/results/{report}")

    rows = [row for row in audit.of_patient(child.patient_id) if row.actor == parent.patient_id]
    found = [(row.event, row.grant, row.why) for row in rows]
    assert ("family.person-switched", grant.grant_id, "as-parent") in found
    assert ("results.viewed", grant.grant_id, "as-parent") in found


def test_a_parent_of_a_teen_sees_no_sensitive_result_until_the_teen_shares_it() -> None:
    parent, teen = a_patient(), a_teen()
    plain, sensitive = a_result(teen), a_sensitive_result(teen)
    grant = a_parents(teen, parent)
    browser = switched(parent, grant)
    assert listed(browser) == [plain]
    assert browser.get(f"/results/{sensitive}").status == 404

    path = f"/family/grants/{grant.grant_id}"
    assert signed_in(teen).get(path).status == 200
    assert signed_in(teen).post(path, sexual_health="yes").status == 303

    assert set(listed(browser)) == {plain, sensitive}
    assert signed_in(teen).post(path).status == 303
    assert listed(browser) == [plain]


def test_who_was_not_given_results_sees_none_and_is_told_so_in_words() -> None:
    patient, helper = a_patient(), a_patient()
    a_result(patient)
    grant = a_grant(patient, helper, categories=frozenset({Category.BILLS}))

    browser = switched(helper, grant)

    assert browser.get("/").status == 200
    refused = browser.get("/results")
    assert refused.status == 403
    assert "not shared with you" in refused.text


@pytest.mark.parametrize("state", [GrantState.SUSPENDED, GrantState.REVOKED, GrantState.INVITED])
def test_a_grant_that_is_not_in_force_opens_nothing_and_is_on_no_list(state: GrantState) -> None:
    patient, helper = a_patient(), a_patient()
    grant = a_grant(patient, helper, state=state)

    assert family_of(helper)["people"] == []
    assert signed_in(helper).post("/family/switch", grant_id=grant.grant_id).status == 404


def test_an_access_ends_with_its_last_day_though_its_page_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    patient, helper = a_patient(), a_patient()
    ends_at = clock.moment.replace(microsecond=0)
    grant = a_grant(patient, helper, ends_at=ends_at.replace(year=ends_at.year + 1))
    browser = switched(helper, grant)
    assert is_at(browser, patient)

    clock.moment = ends_at.replace(year=ends_at.year + 1)
    browser = a_browser(cookies=browser.cookies)
    assert browser.get("/").location.startswith("/sign-in"), "a year is long"

    assert signed_in(helper).post("/family/switch", grant_id=grant.grant_id).status == 404


def test_steps_and_sign_out_are_the_helpers_own_whoevers_record_is_open() -> None:
    """A code of the patient's factors must not lift a helper, nor a helper sign the patient out."""
    patient, helper = a_patient(), a_patient()
    theirs = signed_in(patient)
    grant = a_grant(patient, helper)
    browser = switched(helper, grant)

    browser.get("/sign-in/step")
    assert browser.post("/sign-out", everywhere="yes").status == 303

    assert theirs.get("/").status == 200, "the patient stays signed in"
    events = {row.event for row in audit.of_patient(helper.patient_id)}
    assert {"sign-in.step-viewed", "sign-out.everywhere"} <= events
    assert "sign-out.everywhere" not in {r.event for r in audit.of_patient(patient.patient_id)}


def test_a_link_session_learns_nothing_of_whom_it_could_act_for() -> None:
    patient, helper = a_patient(), a_patient()
    a_grant(patient, helper)
    browser = Client(cookies={"session": a_link_session(helper)})

    assert browser.get("/family").location.startswith("/sign-in/step")


def test_pages_of_ones_own_account_are_closed_while_another_record_is_open() -> None:
    patient, helper = a_patient(), a_patient()
    browser = switched(helper, a_grant(patient, helper, may_change=True))

    for path in ("/family", "/family/invite", "/settings/security", "/privacy"):
        refused = browser.get(path)
        assert refused.status == 403, path
        assert "your own account" in refused.text
    page = browser.get("/").text
    assert 'href="/settings/security"' not in page
    assert 'href="/family"' not in page


def test_a_result_from_before_there_were_labels_stays_the_patients_alone() -> None:
    """What nobody ever labelled may be anything (as a release before 0.4.0 stored it)."""
    patient, helper, child = a_patient(), a_patient(), a_child()
    grants_of_both = (a_grant(patient, helper), a_parents(child, helper))
    for whose, grant in zip((patient, child), grants_of_both, strict=True):
        report_id = a_result(whose)
        assert listed(switched(helper, grant)) == [report_id]
        without_labels(whose, report_id)
        assert listed(switched(helper, grant)) == []
        assert switched(helper, grant).get(f"/results/{report_id}").status == 404

    (report_id,) = listed(signed_in(patient))
    assert signed_in(patient).get(f"/results/{report_id}").status == 200


def without_labels(patient: Patient, report_id: str) -> None:
    sk = f"card#{report_id}"
    row = ChartRow.get(patient.patient_id, sk)
    assert row.sealed
    assert row.summary
    for name, told in (("sealed", sk), ("summary", f"{sk}#summary")):
        said = keys.unseal(patient.patient_id, told, getattr(row, name))
        del said["segments"]
        setattr(row, name, keys.seal(patient.patient_id, told, said))
    row.save()
