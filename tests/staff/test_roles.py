"""Roles x scopes, and roles x routes: an explicit table of each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_patient
from tests.client import actions
from tests.staff.colleagues import a_colleague, a_review, asked, deeds, id_of, trail

from portal import staff_access
from portal.access import Verdict
from portal.roles import Role
from portal.staff_access import FRESH, HOLDERS, StaffScope, StaffStanding

ORDER = (
    Role.NURSE,
    Role.CLINICIAN,
    Role.FRONT_DESK,
    Role.BILLER,
    Role.PRIVACY_OFFICER,
    Role.OPERATOR,
)
TABLE = {  # N C F B P O
    StaffScope.READ_ROOM: "NCFBPO",
    StaffScope.END_SESSION: "NCFBPO",
    StaffScope.WORK_REVIEWS: "  F PO",
    StaffScope.FIND_PATIENTS: "NCF P ",
    StaffScope.GIVE_ACTIVATION: "  F   ",
    StaffScope.RECOVER_ACCOUNT: "  F   ",
    StaffScope.OPEN_BREAK_GLASS: "NC    ",
    StaffScope.READ_IN_EMERGENCY: "NC    ",
    StaffScope.END_BREAK_GLASS: "NC  P ",
    StaffScope.READ_PEOPLE: "    PO",
    StaffScope.END_PEOPLE: "    PO",
    StaffScope.CORRECT_LABELS: " C  P ",
    StaffScope.DECIDE_PROXIES: "  F P ",
    StaffScope.READ_PROXIES: "NCF P ",
    StaffScope.SUSPEND_PROXIES: "NC  P ",
}
PATIENT = "/staff/patients/{patient_id}"
ROUTES = {
    ("GET", "/staff"): StaffScope.READ_ROOM,
    ("POST", "/staff/stay"): StaffScope.READ_ROOM,
    ("POST", "/staff/sign-out"): StaffScope.END_SESSION,
    ("GET", "/staff/reviews/{review_id}"): StaffScope.WORK_REVIEWS,
    ("POST", "/staff/reviews/{review_id}/take"): StaffScope.WORK_REVIEWS,
    ("POST", "/staff/reviews/{review_id}/close"): StaffScope.WORK_REVIEWS,
    ("GET", "/staff/people"): StaffScope.READ_PEOPLE,
    ("POST", "/staff/people/{subject_id}/sign-out"): StaffScope.END_PEOPLE,
    ("POST", "/staff/patients"): StaffScope.FIND_PATIENTS,
    ("GET", PATIENT): StaffScope.FIND_PATIENTS,
    ("POST", f"{PATIENT}/activation"): StaffScope.GIVE_ACTIVATION,
    ("GET", f"{PATIENT}/recover"): StaffScope.RECOVER_ACCOUNT,
    ("POST", f"{PATIENT}/recover"): StaffScope.RECOVER_ACCOUNT,
    ("GET", f"{PATIENT}/break-glass"): StaffScope.OPEN_BREAK_GLASS,
    ("POST", f"{PATIENT}/break-glass"): StaffScope.OPEN_BREAK_GLASS,
    ("POST", f"{PATIENT}/break-glass/end"): StaffScope.END_BREAK_GLASS,
    ("GET", "/staff/proxies/{review_id}"): StaffScope.DECIDE_PROXIES,
    ("POST", "/staff/proxies/{review_id}"): StaffScope.DECIDE_PROXIES,
    ("GET", f"{PATIENT}/proxies"): StaffScope.READ_PROXIES,
    ("POST", f"{PATIENT}/proxies/{{grant_id}}/suspend"): StaffScope.SUSPEND_PROXIES,
    ("POST", f"{PATIENT}/proxies/{{grant_id}}/lift"): StaffScope.SUSPEND_PROXIES,
    ("GET", f"{PATIENT}/results"): StaffScope.READ_IN_EMERGENCY,
    ("GET", f"{PATIENT}/results/{{report_id}}"): StaffScope.READ_IN_EMERGENCY,
    ("GET", f"{PATIENT}/labels"): StaffScope.CORRECT_LABELS,
    ("GET", f"{PATIENT}/results/{{report_id}}/labels"): StaffScope.CORRECT_LABELS,
    ("POST", f"{PATIENT}/results/{{report_id}}/labels"): StaffScope.CORRECT_LABELS,
}
roles = st.frozensets(st.sampled_from(list(Role)))
scopes = st.sampled_from(list(StaffScope))


def holds(role: Role, scope: StaffScope) -> bool:
    return TABLE[scope][ORDER.index(role)] != " "


def test_every_scope_has_a_row_and_every_role_a_column() -> None:
    assert TABLE.keys() == HOLDERS.keys() == set(StaffScope)
    assert set(ORDER) == set(Role)


@pytest.mark.parametrize("role", ORDER)
@pytest.mark.parametrize("scope", TABLE)
def test_a_role_may_what_the_table_says(role: Role, scope: StaffScope) -> None:
    verdict = staff_access.decided({role}, StaffStanding(is_fresh=True), scope)

    assert verdict is (Verdict.YES if holds(role, scope) else Verdict.NO)


@given(roles, scopes, st.booleans())
def test_roles_add_up_and_nothing_else_gives_rights(
    held: frozenset[Role], scope: StaffScope, fresh: bool
) -> None:
    verdict = staff_access.decided(held, StaffStanding(is_fresh=fresh), scope)

    if not any(holds(role, scope) for role in held):
        assert verdict is Verdict.NO
    else:
        assert verdict is (Verdict.YES if fresh or scope not in FRESH else Verdict.STEP_UP)


def test_what_is_sensitive_needs_a_sign_in_of_minutes_ago() -> None:
    sensitive = {StaffScope.RECOVER_ACCOUNT, StaffScope.OPEN_BREAK_GLASS, StaffScope.DECIDE_PROXIES}

    assert sensitive == FRESH


def test_a_form_that_asks_for_one_more_step_can_be_opened_again() -> None:
    """Whoever had to show who they are once more comes back to the form, not to nowhere."""
    forms = {
        path for (method, path), scope in ROUTES.items() if method == "POST" and scope in FRESH
    }

    assert forms
    assert all(("GET", path) in ROUTES for path in forms)


@pytest.mark.usefixtures("portal")
def test_a_page_of_another_role_says_so_and_leads_back() -> None:
    page = a_colleague(Role.NURSE).get("/staff/people")

    assert page.status == 403
    assert "Your role does not open this page" in page.text
    assert 'class="button" href="/staff"' in page.text


def test_who_opens_charts_does_not_judge_it_and_who_judges_does_not_open() -> None:
    """Separation of duties."""
    opens, judges = HOLDERS[StaffScope.OPEN_BREAK_GLASS], {Role.PRIVACY_OFFICER}

    assert opens.isdisjoint(judges)


def test_every_staff_route_is_in_the_table() -> None:
    found = {(a.method, a.path): a.needs for room, a in actions() if room == "staff" and a.needs}

    assert found == ROUTES


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("role", ORDER)
@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda part: part)
def test_a_route_opens_for_the_roles_of_its_scope_alone(method: str, path: str, role: Role) -> None:
    patient = a_patient()
    colleague = a_colleague(role, sub=f"every-route-{role}")  # one for all: a page lists them
    scope, subject_id = ROUTES[method, path], id_of(colleague)
    earlier = len(deeds(subject_id))
    ids = {
        "patient_id": patient.patient_id,
        "report_id": "0" * 32,
        "subject_id": "staff-" + "0" * 32,
        "grant_id": "0" * 32,
    }

    answer = asked(colleague, method, path.format(review_id=a_review(patient), **ids))

    if holds(role, scope):
        assert answer.status in {200, 400, 404, 409}
        did = [
            *deeds(subject_id)[earlier:],
            *(row for row in trail(patient) if row.actor == subject_id),
        ]
        assert did or answer.status == 400, "what is shown, done or not there is recorded"
        return
    assert answer.status == 403
    refusal = deeds(subject_id)[earlier:][-1]
    assert (refusal.event, refusal.about, refusal.why) == ("access.refused", scope, "no")
    assert refusal.outcome == "refused"
