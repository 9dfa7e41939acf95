"""Grants as they are kept, and sessions that stand on them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pynamodb.exceptions import QueryError
from tests.builders import a_message, a_patient, a_session, released
from tests.clock import held
from tests.granting import a_grant, acting_for
from tests.visitors import a_browser

from portal import acting, audit, grants, patients
from portal.audit import Event
from portal.errors import Conflict, SignInNeeded
from portal.granting import Category, Grant, GrantKind, GrantState
from portal.moments import fresh_id
from portal.patients import Patient
from portal.sensitivity import Segment
from portal.tables import ConsentRow

pytestmark = pytest.mark.usefixtures("portal")
JSON = "application/json"


def revoked(grant: Grant) -> Grant:
    return grants.keep(replace(grant, state=GrantState.REVOKED))


def test_each_change_is_one_more_version_and_the_newest_holds() -> None:
    patient, holder = a_patient(), a_patient()
    first = a_grant(patient, holder)
    second = grants.keep(replace(first, categories=frozenset({Category.BILLS})))

    assert (first.version, second.version) == (1, 2)
    assert grants.find(patient.patient_id, first.grant_id) == second
    assert grants.versions(patient.patient_id)[first.grant_id] == [first, second]
    assert grants.of_patient(patient.patient_id) == [second]
    assert grants.of_holder(holder.patient_id) == [second]


def test_a_revoked_grant_stays_in_the_patients_history_and_leaves_the_holders_list() -> None:
    patient, holder = a_patient(), a_patient()
    gone = revoked(a_grant(patient, holder))

    assert grants.of_patient(patient.patient_id) == [gone]
    assert grants.of_holder(holder.patient_id) == []


def test_two_who_change_at_once_cannot_both() -> None:
    grant = a_grant(a_patient(), a_patient())

    def change(category: Category) -> bool:
        try:
            grants.keep(replace(grant, categories=frozenset({category})))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(7) as pool:
        assert sum(pool.map(change, Category)) == 1
    assert len(grants.versions(grant.patient_id)[grant.grant_id]) == 2


def test_no_version_is_ever_changed_or_deleted() -> None:
    grant = a_grant(a_patient(), a_patient())
    before = [row.to_dynamodb_dict() for row in ConsentRow.query(grant.patient_id)]

    revoked(grant)

    after = [row.to_dynamodb_dict() for row in ConsentRow.query(grant.patient_id)]
    assert after[: len(before)] == before


def test_a_change_without_its_audit_row_is_none() -> None:
    patient, holder = a_patient(), a_patient()
    grant = a_grant(patient, holder)
    entry = audit.row(Event.RESULT_VIEWED, actor="x", request_id="r", patient_id=patient.patient_id)
    audit.save(entry)

    with pytest.raises(Conflict):
        grants.keep(replace(grant, state=GrantState.REVOKED), entry)

    assert grants.find(patient.patient_id, grant.grant_id) == grant


def test_who_holds_what_is_not_readable_in_the_table() -> None:
    patient, holder = a_patient(given="Zzana"), a_patient(given="Zzhal")
    a_grant(patient, holder, segments=frozenset({Segment.GENETIC}))

    rows = [*ConsentRow.query(patient.patient_id), *ConsentRow.query(f"holder#{holder.patient_id}")]

    text = repr([row.to_dynamodb_dict() for row in rows])
    assert len(rows) == 2
    assert not [word for word in ("Zzana", "Zzhal", "genetic", "results", "proxy") if word in text]


def a_record() -> tuple[Patient, str]:
    """Somebody with a result, and its id."""
    patient = a_patient(given="Maya", birth_on=date(1950, 1, 1))
    return patient, released(a_message(patient)).report_ids[0]


def test_who_acts_sees_that_record_and_is_told_whose_it_is() -> None:
    patient, report_id = a_record()
    holder = a_patient(given="Hal")
    browser = acting_for(a_grant(patient, holder), holder)

    home = browser.get("/").text

    assert "You are looking at the record of" in home
    assert "Maya" in home
    assert report_id in home
    assert browser.get(f"/results/{report_id}").status == 200


def test_each_look_is_in_the_trail_of_whose_record_it_is_with_the_grant() -> None:
    patient, report_id = a_record()
    holder = a_patient()
    grant = a_grant(patient, holder)

    acting_for(grant, holder).get(f"/results/{report_id}")

    row = audit.of_patient(patient.patient_id)[-1]
    assert (row.event, row.actor, row.grant, row.why) == (
        "results.viewed",
        holder.patient_id,
        grant.grant_id,
        "as-proxy",
    )


def test_what_was_revoked_opens_nothing_at_the_next_request_and_not_their_own_instead() -> None:
    patient, report_id = a_record()
    holder = a_patient()
    own_id = released(a_message(holder)).report_ids[0]
    grant = a_grant(patient, holder)
    browser = acting_for(grant, holder)
    assert browser.get(f"/results/{report_id}").status == 200

    revoked(grant)
    refused = browser.get(f"/results/{own_id}")

    assert refused.status == 403
    assert "You can no longer see this record" in refused.text
    assert browser.get(f"/results/{report_id}").status == 404
    assert browser.get(f"/results/{own_id}").status == 200, "back at their own"


def test_a_grant_ends_by_itself_while_the_session_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient, report_id = a_record()
    holder = a_patient()
    ends_at = clock.moment.replace(microsecond=0)
    grant = a_grant(patient, holder, ends_at=ends_at.replace(year=ends_at.year + 1))
    browser = acting_for(grant, holder)
    assert browser.get(f"/results/{report_id}").status == 200

    clock.advance(days=366)
    cookie = a_session(holder)
    acting.begin(cookie, grant)

    assert a_browser(cookies={"session": cookie}).get(f"/results/{report_id}").status == 403


@pytest.mark.parametrize(
    "facts",
    [
        {"state": GrantState.SUSPENDED},
        {"state": GrantState.INVITED},
        {"state": GrantState.WAITING},
        {"starts_at": datetime(2999, 1, 1, tzinfo=UTC)},
        {"ends_at": datetime(2021, 1, 1, tzinfo=UTC)},
        {"kind": GrantKind.PARENT},
        {"kind": GrantKind.ESTATE},
    ],
    ids=["suspended", "invited", "waiting", "not-yet", "over", "of-an-adult", "of-the-living"],
)
def test_a_grant_that_is_not_in_force_opens_nothing(facts: dict[str, object]) -> None:
    patient, report_id = a_record()
    holder = a_patient()

    browser = acting_for(a_grant(patient, holder, **facts), holder)

    assert browser.get(f"/results/{report_id}").status == 403


def test_another_persons_grant_opens_nothing() -> None:
    patient, report_id = a_record()
    stranger = a_patient()
    grant = a_grant(patient, a_patient())

    assert acting_for(grant, stranger).get(f"/results/{report_id}").status == 403


def test_a_preview_of_a_grant_is_for_the_patient_alone() -> None:
    patient, report_id = a_record()
    holder = a_patient()
    grant = a_grant(patient, holder)

    assert acting_for(grant, holder, is_preview=True).get("/results").status == 403
    page = acting_for(grant, patient, is_preview=True).get(f"/results/{report_id}")
    assert "This is what" in page.text
    assert audit.of_patient(patient.patient_id)[-1].why == "preview"


def test_a_merged_record_needs_a_new_grant() -> None:
    patient, report_id = a_record()
    holder = a_patient()
    browser = acting_for(a_grant(patient, holder), holder)
    found = patients.with_id(patient.patient_id)
    assert found
    patients.rewrite(found.model_copy(update={"replaced_by": a_patient().patient_id}))

    assert browser.get(f"/results/{report_id}").status == 403


def test_a_hidden_result_and_a_missing_one_are_the_same() -> None:
    patient = a_patient(birth_on=date(1950, 1, 1))
    hidden = released(
        a_message(patient, "ST|21613-5^Chlamydia trachomatis DNA^LN||Negative||||||F")
    ).report_ids[0]
    holder = a_patient()
    browser = acting_for(a_grant(patient, holder), holder, accept=JSON)

    listed = browser.get("/results").json
    assert (listed["results"], listed["next"]) == ([], "")
    answers = [browser.get(f"/results/{each}") for each in (hidden, fresh_id())]
    said = [{**each.json, "instance": ""} for each in answers]
    assert said[0] == said[1]
    assert browser.get("/").json["latest"] == []


def test_nothing_of_their_account_is_opened_by_acting() -> None:
    patient, _ = a_record()
    holder = a_patient()
    browser = acting_for(a_grant(patient, holder, may_change=True), holder, accept=JSON)

    assert browser.get("/settings/security").status == 403
    assert browser.post("/settings/security/recovery-codes").status == 403


def test_a_session_that_ended_cannot_begin_to_act() -> None:
    grant = a_grant(a_patient(), a_patient())

    with pytest.raises(SignInNeeded):
        acting.begin("no such cookie", grant)


def test_a_store_that_is_down_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    patient, report_id = a_record()
    holder = a_patient()
    browser = acting_for(a_grant(patient, holder), holder)

    def down(*_: object, **__: object) -> None:
        raise QueryError

    monkeypatch.setattr(ConsentRow, "query", down)

    assert browser.get(f"/results/{report_id}").status == 503
