"""The policy, and the assurance level a second factor will raise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_patient
from tests.visitors import an_app

from portal import access, audit, sessions
from portal.access import Assurance, Caller, Relation, Scope, Visitor

scopes, levels = st.sampled_from(list(Scope)), st.sampled_from(list(Assurance))


@given(levels, scopes)
def test_nobody_but_the_patient_is_allowed_anything_yet(level: Assurance, scope: Scope) -> None:
    assert not access.allows(Relation.NONE, level, scope)


@given(levels, levels, scopes)
def test_a_scope_needs_its_assurance_level_or_a_higher_one(
    held: Assurance, needed: Assurance, scope: Scope
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(access.NEEDED, scope, needed)
        assert access.allows(Relation.SELF, held, scope) is (held >= needed)


def a_caller(patient_id: str = "", subject_id: str = "") -> Caller:
    return Caller("r", "s", "en", patient_id=patient_id, subject_id=subject_id)


def test_only_a_named_patient_at_their_own_record_is_themselves() -> None:
    assert a_caller(patient_id="a", subject_id="a").relation is Relation.SELF
    assert a_caller(patient_id="a", subject_id="b").relation is Relation.NONE
    assert a_caller().relation is Relation.NONE


def test_the_secrets_of_a_request_do_not_show_when_it_is_printed() -> None:
    visitor = Visitor("r", "s", "en", browser="a browser", session_cookie="a cookie")

    assert "a cookie" not in repr(visitor)
    assert "a browser" not in repr(visitor)


@pytest.mark.usefixtures("portal")
def test_a_session_by_link_is_refused_where_two_factors_are_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(access.NEEDED, Scope.READ_RESULTS, Assurance.TWO_FACTOR)
    patient = a_patient()
    for level in Assurance:
        sessions.new_row(f"{patient.patient_id}{level}", patient.patient_id, level).save()

    def results_at(level: Assurance) -> int:
        cookies = {"session": f"{patient.patient_id}{int(level)}"}
        return an_app(cookies=cookies).get("/results").status

    assert results_at(Assurance.LINK) == 403
    refused = audit.of_patient(patient.patient_id)[-1]
    assert (refused.event, refused.about, refused.why, refused.outcome) == (
        "access.refused",
        "results.read",
        "policy",
        "refused",
    )
    assert results_at(Assurance.TWO_FACTOR) == 200
