"""The policy, and what a second factor and a shown identity raise."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_link_session, a_patient, a_session
from tests.visitors import an_app

from portal import access, audit, user_accounts
from portal.access import Caller, Standing, Subject, Verdict, Visitor
from portal.granting import Relation
from portal.methods import LIFTS, WHOLE, Assurance, Confidence, Method, assurance_of
from portal.scopes import NEEDED, TO_BEGIN, Need, Scope

scopes = st.sampled_from(list(Scope))
standings = st.builds(
    Standing,
    st.sampled_from(list(Assurance)),
    st.sampled_from(list(Confidence)),
    st.booleans(),
    st.booleans(),
)
needs = st.builds(
    Need, st.sampled_from(list(Assurance)), st.sampled_from(list(Confidence)), st.booleans()
)


def verdict(relation: Relation, standing: Standing, scope: Scope) -> Verdict:
    subject = Subject(relation, None, "p", standing=standing)
    return access.decided(subject, scope, at=datetime.now(UTC))


@given(standings, scopes)
def test_nobody_without_a_relation_is_allowed_anything(standing: Standing, scope: Scope) -> None:
    assert verdict(Relation.NONE, standing, scope) is Verdict.NO


@given(standings, needs, scopes)
def test_a_scope_needs_what_it_says_or_more(held: Standing, needed: Need, scope: Scope) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(NEEDED, scope, needed)
        found = verdict(Relation.SELF, held, scope)

    is_met = (
        held.assurance >= needed.assurance
        and held.confidence >= needed.confidence
        and (held.is_fresh or not needed.is_fresh)
    )
    begins = held.may_begin and scope in TO_BEGIN
    assert found is (Verdict.YES if is_met or begins else Verdict.STEP_UP)


def test_whoever_may_begin_sees_nothing_clinical() -> None:
    beginning = Standing(may_begin=True)
    allowed = {s for s in Scope if verdict(Relation.SELF, beginning, s) is Verdict.YES}

    assert Scope.READ_RESULTS not in allowed
    assert Scope.CHANGE_SECURITY in allowed


@pytest.mark.parametrize(
    ("methods", "level"),
    [
        ({Method.EMAIL_LINK}, Assurance.LINK),
        ({Method.EMAIL_LINK, Method.PHONE_LINK}, Assurance.LINK),
        ({Method.EMAIL_LINK, Method.PASSWORD}, Assurance.LINK),
        ({Method.PASSWORD}, Assurance.LINK),
        ({Method.PHONE_LINK, Method.SMS_CODE}, Assurance.LINK),
        ({Method.SMS_CODE}, Assurance.LINK),
        ({Method.DEVICE}, Assurance.LINK),
        ({Method.DEVICE, Method.TOTP}, Assurance.LINK),
        (set(), Assurance.LINK),
        ({Method.SSO}, Assurance.LINK),
        ({Method.SSO_TWO_FACTOR}, Assurance.TWO_FACTOR),
        ({Method.PASSKEY}, Assurance.TWO_FACTOR),
        ({Method.EMAIL_LINK, Method.SMS_CODE}, Assurance.TWO_FACTOR),
        ({Method.PHONE_LINK, Method.SMS_CODE, Method.TOTP}, Assurance.TWO_FACTOR),
        ({Method.PASSWORD, Method.SMS_CODE}, Assurance.TWO_FACTOR),
        *(({Method.EMAIL_LINK, lift}, Assurance.TWO_FACTOR) for lift in sorted(LIFTS)),
    ],
    ids=lambda part: "+".join(sorted(part)) if isinstance(part, set) else "",
)
def test_two_ways_are_needed_and_a_mailbox_is_no_factor(
    methods: set[Method], level: Assurance
) -> None:
    assert assurance_of(methods) is level


@given(st.frozensets(st.sampled_from(list(Method))), st.sampled_from(list(Method)))
def test_showing_more_never_lowers(methods: frozenset[Method], more: Method) -> None:
    assert assurance_of(methods | {more}) >= assurance_of(methods)
    assert assurance_of(methods | WHOLE) is Assurance.TWO_FACTOR


def a_caller(patient_id: str = "", subject_id: str = "") -> Caller:
    return Caller("r", "s", "en", patient_id=patient_id, subject_id=subject_id)


def test_only_a_named_patient_at_their_own_record_is_themselves() -> None:
    assert a_caller(patient_id="a", subject_id="a").relation is Relation.SELF
    assert a_caller(patient_id="a", subject_id="b").relation is Relation.NONE
    assert a_caller().relation is Relation.NONE


def test_the_secrets_of_a_request_do_not_show_when_it_is_printed() -> None:
    visitor = Visitor(
        "r", "s", "en", browser="a browser", session_cookie="a cookie", device_cookie="a device"
    )

    assert not [each for each in ("a cookie", "a browser", "a device") if each in repr(visitor)]


@pytest.mark.usefixtures("portal")
def test_a_session_by_link_sees_nothing_clinical() -> None:
    patient = a_patient()
    app = an_app(cookies={"session": a_link_session(patient)})

    refused = app.get("/results")

    assert (refused.status, refused.json["needs"]) == (403, "/sign-in/step")
    row = audit.of_patient(patient.patient_id)[-1]
    assert (row.event, row.about, row.why, row.outcome) == (
        "access.refused",
        "results.read",
        "step-up",
        "refused",
    )
    home = app.get("/").json
    assert (home["is_locked"], home["given_name"], home["latest"]) == (True, "", [])


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("confidence", list(Confidence))
def test_whom_we_do_not_know_sees_nothing_clinical_with_two_factors_either(
    confidence: Confidence,
) -> None:
    patient = a_patient()
    app = an_app(cookies={"session": a_session(patient)})
    user_accounts.set_confidence(patient.patient_id, confidence)

    assert app.get("/results").status == (200 if confidence is Confidence.PROOFED else 403)
