"""Attacks on access to other people's records: stolen invitations, rights that ended, pages of one
person opened as another."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from tests.activate.openings import deliver
from tests.attacks.racing import at_once
from tests.attacks.scenes import (
    by_link,
    code_now,
    events,
    inside,
    is_out,
    known,
    opened,
    reasons,
)
from tests.builders import a_patient, an_app, released
from tests.client import Client
from tests.clock import held
from tests.family.test_by_law import about, requested, taken
from tests.family.ties import (
    a_child,
    a_grant,
    a_parents,
    a_result,
    a_sensitive_result,
    a_teen,
    aged,
    family_of,
    invited,
    is_at,
    joined,
    listed,
    state_of,
    switched,
)
from tests.lab_release.test_merging import an_adt, mrg, who
from tests.staff.colleagues import a_colleague, asked
from tests.stores import queued, sent_to
from tests.visitors import a_browser, nobodys_trail, signed_in

from portal import acting, factors, grants, patient_search, sessions, user_accounts
from portal.granting import Category, Grant, GrantKind, GrantState
from portal.methods import Method
from portal.moments import now
from portal.patients import Patient
from portal.roles import Role
from portal.sensitivity import Segment
from portal.tables import ConsentRow, SessionRow

NOBODYS = "0" * 32
_count = count(1)


def accept(holder: Patient, token: str, code: str) -> int:
    return signed_in(holder).post(f"/family/join/{token}/accept", code=code).status


def of(patient: Patient) -> Grant:
    (found,) = grants.of_patient(patient.patient_id)
    return found


def test_another_patients_grant_opens_nothing_to_a_stranger() -> None:
    grant, thief = a_grant(known(), known()), inside(known())

    for path in ("/family/switch", "/family/preview"):
        answer = thief.post(path, grant_id=grant.grant_id)
        unknown = thief.post(path, grant_id=NOBODYS)
        assert answer.status == unknown.status == 404
    for path in ("", "/revoke", "/notices"):
        answer = thief.post(f"/family/grants/{grant.grant_id}{path}", results="yes")
        assert answer.status == 404, path
    assert state_of(grant) is GrantState.ACTIVE
    assert grants.find(grant.patient_id, grant.grant_id) == grant


def test_the_patient_does_not_open_anothers_record_with_their_own_grant() -> None:
    """A grant on one's record is no right to the holder's."""
    patient, helper = known(), known()
    grant = a_grant(patient, helper)

    assert inside(patient).post("/family/switch", grant_id=grant.grant_id).status == 404
    assert inside(helper).post("/family/preview", grant_id=grant.grant_id).status == 404


@pytest.mark.parametrize("state", [GrantState.REVOKED, GrantState.SUSPENDED])
def test_an_open_record_closes_at_the_next_request_and_nothing_lands_in_ones_own(
    state: GrantState,
) -> None:
    patient, helper = known(), known()
    grant = a_grant(patient, helper, may_change=True)
    browser = switched(helper, grant)
    grants.keep(replace(grant, state=state))

    assert "no longer see this record" in browser.post("/family/invite", name="x").text
    assert browser.get("/").status == 200
    assert not is_at(browser, patient)
    assert grants.of_patient(helper.patient_id) == []


def test_a_right_that_runs_out_mid_session_is_gone_with_its_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    patient, helper = known(), known()
    grant = a_grant(patient, helper, ends_at=now() + timedelta(minutes=5))
    browser = switched(helper, grant)
    clock.advance(minutes=4)
    assert browser.get("/results").status == 200
    clock.advance(minutes=1)

    assert browser.get("/results").status == 403


def test_an_ex_spouse_with_the_tab_still_open_sees_nothing_after_the_revocation() -> None:
    patient, ex = known(), known()
    report = a_result(patient)
    grant = a_grant(patient, ex)
    tabs = [switched(ex, grant) for _ in range(3)]

    inside(patient).post(f"/family/grants/{grant.grant_id}/revoke")

    for tab in tabs:
        assert tab.get(f"/results/{report}").status == 403
        assert tab.get(f"/results/{report}").status == 404, "and now it is their own record"
    assert inside(ex).post("/family/switch", grant_id=grant.grant_id).status == 404


def test_a_stolen_join_link_without_the_code_opens_nothing() -> None:
    patient = known()
    token, _code, _page = invited(patient)

    for code in ("", "0", "abcdef", "000000", "۱۲۳۴۵۶"):
        thief, answer = joined(token, code)
        assert answer.status == 400
        assert thief.cookies == {}
    assert of(patient).state is GrantState.INVITED


def test_five_guesses_end_an_invitation_for_its_owner_too() -> None:
    patient = known()
    token, code, _page = invited(patient)
    wrong = "000000" if code != "000000" else "111111"

    for _ in range(5):
        assert joined(token, wrong)[1].status == 400

    assert joined(token, code)[1].status == 400
    assert of(patient).state is GrantState.INVITED


def test_parallel_guesses_at_a_code_do_not_outrun_the_limit() -> None:
    patient = known()
    token, code, _page = invited(patient)
    guesses = [f"{n:06d}" for n in range(12) if f"{n:06d}" != code][:10]

    at_once(*(lambda guess=guess: joined(token, guess) for guess in guesses))

    assert joined(token, code)[1].status == 400


def test_wrong_unknown_and_used_invitations_look_the_same() -> None:
    patient = known()
    token, code, _page = invited(patient)
    used, used_code, _ = invited(known())
    joined(used, used_code)
    ended, ended_code, _ = invited(known())
    other = known()
    withdrawn, withdrawn_code, _ = invited(other)
    inside(other).post(f"/family/grants/{of(other).grant_id}/revoke")
    wrong = "999999" if code != "999999" else "999998"
    tries = [
        (token, wrong),
        ("A" * 22, code),
        (used, used_code),
        (withdrawn, withdrawn_code),
        (ended, ended_code[::-1] + "0"),
    ]

    seen = set()
    for link, typed in tries:
        _browser, answer = joined(link, typed)
        seen.add((answer.status, answer.text.replace(link, "")))

    assert len(seen) == 1


def test_a_code_of_one_invitation_does_not_fit_anothers_link() -> None:
    first, code, _page = invited(known())
    links = [invited(known())[:2] for _ in range(2)]
    second = next(link for link, other in links if other != code)

    assert joined(second, code)[1].status == 400
    assert joined(first, code)[1].status == 200


def test_an_invitation_is_taken_up_once() -> None:
    patient = known()
    token, code, _page = invited(patient)

    assert accept(known(), token, code) == 303
    assert accept(known(), token, code) == 400
    assert joined(token, code)[1].status == 400
    assert len(grants.of_patient(patient.patient_id)) == 1


def test_two_who_accept_at_once_are_not_two_holders() -> None:
    patient, helpers = known(), [known() for _ in range(4)]
    token, code, _page = invited(patient)
    browsers = [signed_in(each) for each in helpers]
    path = f"/family/join/{token}/accept"

    answers = at_once(*(lambda b=b: b.post(path, code=code).status for b in browsers))

    assert sorted(answers) == [303, 400, 400, 400]
    holding = [each for each in helpers if family_of(each)["people"]]
    assert [each.patient_id for each in holding] == [of(patient).holder_id]


def test_two_new_accounts_at_once_leave_one_person() -> None:
    patient, address = known(), f"race{next(_count)}@example.org"
    token, code, _page = invited(patient, address)

    answers = at_once(*(lambda: joined(token, code)[1].status for _ in range(3)))

    assert sorted(answers) == [200, 400, 400]
    assert len(patient_search.at_contact(address)) == 1


def test_an_inviter_does_not_become_their_own_helper() -> None:
    """A grant on oneself would outlive rules for one's own account."""
    patient = known()
    token, code, _page = invited(patient)

    assert accept(patient, token, code) == 400
    assert of(patient).state is GrantState.INVITED


def test_a_withdrawal_beats_an_acceptance_or_loses_to_it_whole() -> None:
    patient, helper = known(), known()
    token, code, _page = invited(patient)
    mine, theirs = inside(patient), signed_in(helper)
    grant_id = of(patient).grant_id

    at_once(
        lambda: mine.post(f"/family/grants/{grant_id}/revoke"),
        lambda: theirs.post(f"/family/join/{token}/accept", code=code),
    )

    assert of(patient).state is GrantState.REVOKED
    assert family_of(helper)["people"] == []


def test_a_helper_acting_for_another_invites_nobody_to_that_record() -> None:
    child, parent = a_child(), known()
    browser = switched(parent, a_parents(child, parent))
    fields = {"name": "A friend", "email": "friend@example.org", "preset": "everything"}

    assert browser.post("/family/invite", **fields).status == 403
    assert len(grants.of_patient(child.patient_id)) == 1
    assert grants.of_patient(parent.patient_id) == [], "nor to their own by mistake"
    assert sent_to("friend@example.org") == []


def test_a_helper_acting_for_another_changes_no_security_and_reads_no_trail() -> None:
    patient, helper = known(), known()
    browser = switched(helper, a_grant(patient, helper, may_change=True))

    for path in ("/settings/security", "/settings/security/totp", "/family", "/privacy"):
        assert browser.get(path).status == 403, path
    for path in ("/settings/security/totp", "/settings/security/phone", "/family/children"):
        assert browser.post(path).status == 403, path
    assert factors.of(patient.patient_id) == []


def test_a_second_step_while_acting_is_checked_against_ones_own_factors() -> None:
    """Who holds a helper's mailbox and the patient's phone is neither of them."""
    patient, helper = known(), known()
    secret = an_app(patient)
    grant = a_grant(patient, helper)
    browser = by_link(helper)
    acting.begin(browser.cookies["session"], grant)

    answer = browser.post("/sign-in/step/code", method="totp", code=code_now(secret))

    assert answer.status == 400
    session = sessions.live(browser.cookies["session"])
    assert session
    assert Method.TOTP not in session.methods


def test_proof_of_identity_while_acting_raises_no_confidence_in_the_other_account() -> None:
    patient, helper = a_patient(), a_patient()
    browser = by_link(helper)
    acting.begin(browser.cookies["session"], a_grant(patient, helper))
    typed = {"born_on": patient.birth_on.isoformat(), "identifier": patient.identifiers[0][1]}

    answer = browser.post("/sign-in/step/proof", **typed)

    assert answer.status == 400
    assert user_accounts.of(patient.patient_id).confidence == 1
    assert user_accounts.of(helper.patient_id).confidence == 1


def test_signing_out_everywhere_while_acting_signs_out_the_helper_alone() -> None:
    patient, helper = known(), known()
    theirs, other_device = inside(patient), inside(helper)
    browser = switched(helper, a_grant(patient, helper))

    browser.post("/sign-out", everywhere="yes")

    assert is_out(other_device)
    assert theirs.get("/").status == 200


def test_a_preview_is_no_way_to_write() -> None:
    patient, helper = known(), known()
    grant = a_grant(patient, helper, may_change=True)
    browser = inside(patient)
    browser.post("/family/preview", grant_id=grant.grant_id)

    for path in ("/family/invite", f"/family/grants/{grant.grant_id}", "/settings/security/totp"):
        assert browser.post(path, results="yes").status == 403, path
    assert grants.find(grant.patient_id, grant.grant_id) == grant
    assert factors.of(patient.patient_id) == []


def test_a_preview_is_not_kept_open_by_a_grant_that_ended() -> None:
    """It would show what nobody sees."""
    patient, helper = known(), known()
    grant = a_grant(patient, helper)
    browser = inside(patient)
    browser.post("/family/preview", grant_id=grant.grant_id)
    inside(patient).post(f"/family/grants/{grant.grant_id}/revoke")

    assert browser.get("/results").status == 403


def test_a_helper_does_not_preview_and_a_previewer_does_not_act() -> None:
    patient, helper = known(), known()
    grant = a_grant(patient, helper)
    session = opened(helper, Method.PASSKEY)
    acting.begin(session, grant, is_preview=True)

    assert a_browser(cookies={"session": session}).get("/results").status == 403

    session = opened(patient, Method.PASSKEY)
    acting.begin(session, grant)
    assert a_browser(cookies={"session": session}).get("/results").status == 403


def test_a_parent_sees_nothing_from_the_18th_birthday_on(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    day = clock.moment.date()
    born = day.replace(year=day.year - 18) + timedelta(days=1)
    teen, parent = a_patient(birth_on=born), known()
    browser = switched(parent, a_parents(teen, parent))
    assert browser.get("/results").status == 200

    clock.moment = clock.moment.replace(hour=0, minute=0) + timedelta(days=1)
    browser = a_browser(cookies={"session": opened(parent, Method.PASSKEY)})
    assert browser.post("/family/switch", grant_id=of(teen).grant_id).status == 404


@pytest.mark.parametrize("way", ["list", "page", "document", "news"])
def test_a_teens_sensitive_result_is_nowhere_for_a_parent(way: str) -> None:
    teen, parent = a_teen(), known()
    sensitive = a_sensitive_result(teen)
    browser = switched(parent, a_parents(teen, parent))
    paths = {
        "list": "/results",
        "page": f"/results/{sensitive}",
        "document": f"/results/{sensitive}/documents/1",
        "news": "/",
    }

    page = browser.get(paths[way])

    assert sensitive not in page.text.replace(paths[way], "")
    assert "hlamydia" not in page.text
    assert page.status == (200 if way in {"list", "news"} else 404)


def test_a_parent_does_not_share_the_teens_secrets_with_themselves() -> None:
    teen, parent = a_teen(), known()
    sensitive = a_sensitive_result(teen)
    grant = a_parents(teen, parent)

    for browser in (inside(parent), switched(parent, grant)):
        answer = browser.post(f"/family/grants/{grant.grant_id}", sexual_health="yes")
        assert answer.status in {403, 404}

    assert of(teen).segments == frozenset()
    assert sensitive not in listed(switched(parent, grant))


def test_a_teen_does_not_end_or_narrow_a_parents_access() -> None:
    teen, parent = a_teen(), known()
    grant = a_parents(teen, parent)
    browser = inside(teen)

    assert browser.post(f"/family/grants/{grant.grant_id}/revoke").status == 404
    browser.post(f"/family/grants/{grant.grant_id}", bills="yes", ends_on="2099-01-01")

    found = of(teen)
    assert (found.categories, found.ends_at) == (grant.categories, grant.ends_at)


def test_an_adult_does_not_shake_off_a_guardian_by_a_form() -> None:
    ward, guardian = known(), known()
    grant = a_grant(ward, guardian, kind=GrantKind.GUARDIAN)

    for path in ("", "/revoke"):
        answer = inside(ward).post(f"/family/grants/{grant.grant_id}{path}", bills="yes")
        assert answer.status == 404
    assert of(ward) == grant


def test_segments_that_nobody_may_share_cannot_be_smuggled_into_a_form() -> None:
    patient = known()
    more = {"psychotherapy_notes": "yes", "psychotherapy-notes": "yes", "abuse": "yes",
            "segments": "abuse", "has_part2_consent": "yes", "state": "active"}  # fmt: skip

    invited(patient, **more)

    grant = of(patient)
    assert grant.segments == frozenset()
    assert grant.state is GrantState.INVITED
    assert not grant.has_part2_consent


def test_substance_use_is_not_shared_by_a_blank_signature() -> None:
    patient, helper = known(), known()
    grant = a_grant(patient, helper)
    path = f"/family/grants/{grant.grant_id}"

    for signature in ("", " ", "\t\n"):
        typed = {"results": "yes", "substance_use": "yes", "signature": signature}
        assert inside(patient).post(path, **typed).status == 400
    assert Segment.SUBSTANCE_USE not in of(patient).segments


def test_a_merged_helper_and_a_merged_patient_open_nothing() -> None:
    patient, old_helper, helper = known(), known(given="Ana"), known(given="Ana")
    grant = a_grant(patient, old_helper)
    browser = switched(old_helper, grant)

    released(an_adt("A40", who(helper), mrg(old_helper)))

    assert is_out(browser), "the retired account is signed out"
    assert inside(helper).post("/family/switch", grant_id=grant.grant_id).status == 404


@pytest.mark.parametrize("path", ["/family/switch", "/family/own", "/family/preview"])
def test_another_site_does_not_switch_whose_record_is_open(path: str) -> None:
    """A person who thinks that they write of themselves would write of another."""
    patient, helper = known(), known()
    grant = a_grant(patient, helper)
    browser = inside(helper)
    foreign = Client(cookies=browser.cookies, origin="https://evil.example.net")

    assert foreign.post(path, grant_id=grant.grant_id).status == 403
    assert not is_at(browser, patient)


def test_the_answer_to_a_request_for_a_child_tells_nothing_of_the_child() -> None:
    child = a_child()
    sizes, statuses = set(), set()
    asks = [about(child), about(child, identifier="T00000"), about(child, given="Nobody"),
            about(child, born_on="2019-12-31"), about(known())]  # fmt: skip
    for fields in asks:
        browser = inside(known(), accept="application/json")
        rows_before = len(list(ConsentRow.query(child.patient_id)))
        answer = browser.post("/family/children", **fields)
        sizes.add(answer.body)
        statuses.add(answer.status)
        assert len(list(ConsentRow.query(child.patient_id))) == rows_before

    assert (len(sizes), statuses) == (1, {200})
    assert events(child) == []


def test_requests_for_children_cannot_be_poured_out() -> None:
    browser = inside(known())

    statuses = [browser.post("/family/children", **about(a_child())).status for _ in range(6)]

    assert statuses == [303] * 5 + [429]


def test_invitations_do_not_flood_a_strangers_mailbox() -> None:
    browser, to = inside(known()), "victim.of.mail@example.org"
    fields = {"name": "V", "email": to, "preset": "read"}

    statuses = [browser.post("/family/invite", **fields).status for _ in range(7)]

    assert statuses[-1] == 429
    assert len(sent_to(to)) == 5


def test_a_new_account_does_not_choose_its_own_address() -> None:
    """It is where the link went: else a thief of the link would hold the account."""
    patient, address = known(), f"right{next(_count)}@example.org"
    token, code, _page = invited(patient, address)

    joined(token, code, email="thief@example.org", address="thief@example.org")

    assert patient_search.at_contact("thief@example.org") == []
    assert len(patient_search.at_contact(address)) == 1


def test_a_new_account_without_a_second_step_sees_nothing_of_the_record() -> None:
    patient = known()
    a_result(patient)
    token, code, _page = invited(patient)
    browser, _answer = joined(token, code)

    browser.post("/family/switch", grant_id=of(patient).grant_id)

    assert browser.get("/results").location.startswith("/sign-in/step")
    assert "Glucose" not in browser.get("/").text


def test_a_person_without_a_record_is_not_opened_by_a_guess_at_their_number() -> None:
    address = f"guess{next(_count)}@example.org"
    token, code, _page = invited(known(), address)
    joined(token, code)
    (person,) = patient_search.at_contact(address)
    browser = by_link(person)

    tries = [
        browser.post(
            "/sign-in/step/proof",
            born_on=person.birth_on.isoformat(),
            identifier=f"P{n:09d}",
        ).status
        for n in range(7)
    ]

    assert set(tries) <= {400, 429}
    assert tries[-1] == 429


def test_a_link_session_neither_lists_nor_changes_who_may_see() -> None:
    patient, helper = known(), known()
    grant = a_grant(patient, helper)
    browser = by_link(patient)

    assert browser.get("/family").location.startswith("/sign-in/step")
    for path in ("/family/invite", f"/family/grants/{grant.grant_id}/revoke"):
        assert browser.post(path, name="x").status == 403
    assert state_of(grant) is GrantState.ACTIVE


def test_a_session_of_this_morning_changes_nobodys_access(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient, helper = known(), known()
    grant = a_grant(patient, helper)
    browser = inside(patient)
    clock.advance(minutes=11)

    answer = browser.post(f"/family/grants/{grant.grant_id}", results="yes", may_change="yes")

    assert answer.status == 403
    assert not of(patient).may_change


def test_the_stolen_store_holds_no_code_and_no_link() -> None:
    token, code, _page = invited(known())

    rows = [row for row in SessionRow.scan() if row.pk.startswith("join#")]

    assert rows
    for row in rows:
        assert token not in f"{row.pk}{row.code}"
        assert row.code != code


def test_what_a_helper_may_not_see_stays_closed_by_every_address() -> None:
    patient, helper = known(), known()
    report = a_result(patient)
    browser = switched(helper, a_grant(patient, helper, categories=frozenset({Category.BILLS})))

    for path in ("/results", f"/results/{report}", f"/results/{report}/documents/1"):
        assert browser.get(path).status == 403
    assert report not in browser.get("/").text


def test_a_sealed_grant_moved_to_another_patient_opens_nothing() -> None:
    victim, thief = known(), known()
    grant = a_grant(thief, thief)
    (row,) = ConsentRow.query(thief.patient_id, ConsentRow.sk.startswith("grant#"))
    ConsentRow(victim.patient_id, row.sk, sealed=row.sealed).save()
    session = opened(thief, Method.PASSKEY)
    acting.begin(session, Grant(grant.grant_id, victim.patient_id, thief.patient_id,
        grant.kind, grant.state, grant.categories, grant.starts_at))  # fmt: skip

    assert a_browser(cookies={"session": session}).get("/results").status in {403, 500, 503}


def test_every_refused_try_is_recorded() -> None:
    thief, victim = known(), known()
    grant = a_grant(victim, known())
    inside(thief).post("/family/switch", grant_id=grant.grant_id)
    stranger = a_browser()
    stranger.post("/family/join/" + "B" * 22, given="S", family="L", born_on="1980-01-01", code="1")

    assert "not-found" in reasons(thief)
    assert [row.why for row in nobodys_trail(stranger)] == ["no-invitation"]
    assert events(victim) == []


def test_staff_of_the_desk_cannot_approve_without_two_eyes_on_a_proof() -> None:
    asker, child = known(), a_child()
    review_id = requested(asker, child)
    desk, biller = taken(review_id), a_colleague(Role.BILLER)
    path = f"/staff/proxies/{review_id}"

    yes = {"decision": "approve", "proof": "court-order", "seen": "yes"}
    assert asked(biller, "POST", path, **yes).status == 403
    assert asked(desk, "POST", path, **yes | {"proof": ""}).status == 400
    assert asked(desk, "POST", path, **yes | {"seen": ""}).status == 400
    assert asked(inside(asker), "POST", path, **yes).status == 401
    assert grants.of_patient(child.patient_id) == []


def test_a_child_of_eight_has_no_session_to_share_from() -> None:
    child = aged(8)
    queued("SignInRequests")

    a_browser().post("/sign-in", address=child.email)
    deliver()

    assert sent_to(child.email) == []
