"""Would the attacks notice? Each deliberate bug is planted in the product, and the attack named
beside it must then fail; without the bug it passes, in its own file."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest
from pynamodb.exceptions import PynamoDBException
from tests.attacks import (
    test_activation,
    test_app_codes,
    test_csrf_and_headers,
    test_devices,
    test_enumeration,
    test_family,
    test_identity,
    test_idor,
    test_links,
    test_outages,
    test_passkeys,
    test_passwords,
    test_races,
    test_sessions,
    test_staff,
    test_steps,
    test_text_and_paper_codes,
    test_throttles,
)
from tests.attacks.scenes import a_chart

from portal import (
    acting,
    activations,
    audit,
    break_glass,
    challenges,
    devices,
    factors,
    gate,
    granting,
    grants,
    joins,
    links,
    passkeys,
    passwords,
    proxy_requests,
    published,
    sessions,
    staff_access,
    text_codes,
    throttles,
    totp,
    user_accounts,
)
from portal.access import Verdict
from portal.break_glass import Grant
from portal.errors import NotFound
from portal.methods import Assurance, Method, joined, split
from portal.moments import now
from portal.roles import Role
from portal.secrets_kept import hashed
from portal.tables import ConsentRow, SessionRow

type Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Bug:
    """`attack` is given `facts`, and `monkeypatch` where it asks for it."""

    plant: Callable[[Patch], None]
    attack: Callable[..., None]
    facts: dict[str, Any] = field(default_factory=dict)
    patches: bool = False


def swapped(where: Any, name: str, other: Any) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(where, name, other)


def says(value: Any) -> Callable[..., Any]:
    return lambda *_, **__: value


def the_same_cookie(cookie: str, method: Method | None) -> str:
    """Session fixation: it rises, and its name stays."""
    row = SessionRow.get(f"session#{hashed(cookie)}", "session")
    if method:
        row.methods = joined(split(row.methods or "") | {method})
    row.proven_at = row.proofed_at = now().timestamp()
    row.save()
    return cookie


def not_deleted(_link: SessionRow, session: list[SessionRow]) -> None:
    for row in session:
        row.save()


def found_anywhere(_patient_id: str, factor_id: str) -> factors.Factor | None:
    rows = SessionRow.scan(SessionRow.sk.contains(factor_id))
    return next(map(factors._factor, rows), None)


def swallowed(patch: Patch) -> None:
    def save(entry: Any) -> None:
        try:
            entry.save()
        except PynamoDBException:
            return

    patch.setattr(audit, "save", save)


def unbound_text_codes(patch: Patch) -> None:
    patch.setattr(text_codes, "_hash", lambda _session, _phone, code: hashed(code))


def quick_for_strangers(patch: Patch) -> None:
    check = passwords.is_right
    patch.setattr(
        passwords, "is_right", lambda who, typed: bool(passwords.of(who)) and check(who, typed)
    )


def anybodys_results(patch: Patch) -> None:
    find, owner = published.find, a_chart().patient.patient_id
    patch.setattr(published, "find", lambda _patient_id, report_id: find(owner, report_id))


def unsigned(_answer: Any, _challenge: bytes, factor: factors.Factor) -> Any:
    return SimpleNamespace(new_sign_count=factor.counter + 1, credential_backed_up=False)


def a_grant_for_all(patient_id: str, subject_id: str) -> Grant:
    return Grant("0" * 32, patient_id, subject_id, now())


def counted_after_looking(patch: Patch) -> None:
    patch.setattr(activations, "_count", says(None))


def open_redirects(patch: Patch) -> None:
    patch.setattr("functions.sign_in.step.own_path", lambda path: path)


def anybodys_grants(patch: Patch) -> None:
    """Found by id in the whole store, and taken for the reader's own."""

    def everybodys(holder_id: str) -> list[granting.Grant]:
        rows = ConsentRow.scan(ConsentRow.sk.startswith(grants.PREFIX))
        found = (grants._grant(row) for row in rows if row.sealed)
        return [replace(each, holder_id=holder_id) for each in found]

    patch.setattr(grants, "of_holder", everybodys)
    patch.setattr("functions.family.app.is_held", says(True))


def told_at_once(patch: Patch) -> None:
    from functions.staff.proxy_requests import matching  # a room of its own

    keep = proxy_requests.keep

    def kept(request: proxy_requests.Request, *more: Any) -> proxy_requests.Request:
        if not matching(request):
            raise NotFound
        return keep(request, *more)

    patch.setattr(proxy_requests, "keep", kept)


BUGS: dict[str, Bug] = {
    "a link never grows old": Bug(
        swapped(links, "_is_over", says(False)),
        test_links.test_a_link_is_dead_in_the_very_second_its_time_is_over,
        patches=True,
    ),
    "the code of a link is not compared": Bug(
        swapped(links, "_check_code", says(None)),
        test_links.test_a_link_of_one_account_cannot_be_spent_with_another_accounts_code,
    ),
    "any browser counts as the one that asked": Bug(
        swapped(links, "_is_from", says(True)),
        test_links.test_the_browser_cookie_of_ones_own_link_does_not_spare_the_code_of_anothers,
    ),
    "a spent link is not deleted": Bug(
        swapped(links, "_swap", not_deleted),
        test_races.test_a_link_and_its_code_pressed_by_strangers_at_once_open_one_session,
    ),
    "the page of a link tells whether there is one": Bug(
        swapped(
            links,
            "needs_code",
            lambda token, _: SessionRow.find(f"link#{hashed(token)}", "link") is not None,
        ),
        test_enumeration.test_a_guessed_link_does_not_tell_whether_there_is_one,
    ),
    "signing out everywhere counts no generation": Bug(
        swapped(user_accounts, "begin_again", says(None)),
        test_sessions.test_what_the_clinic_ends_is_ended_for_a_stolen_session,
        {"how": "signed out everywhere"},
    ),
    "a session is never idle or old": Bug(
        swapped(sessions, "_is_over", says(False)),
        test_sessions.test_an_idle_cookie_is_refused_at_every_route,
        {"method": "GET", "path": "/results"},
        patches=True,
    ),
    "every session has two factors": Bug(
        swapped(sessions, "assurance_of", says(Assurance.TWO_FACTOR)),
        test_sessions.test_a_stolen_session_by_link_sees_no_chart_of_somebody_we_know,
    ),
    "a rise keeps the cookie": Bug(
        swapped(sessions, "rise", the_same_cookie),
        test_sessions.test_a_cookie_known_before_the_step_is_worthless_after_it,
    ),
    "a step stays fresh for ever": Bug(
        swapped(sessions, "FRESH_SECONDS", 10**9),
        test_sessions.test_an_old_step_does_not_let_a_found_phone_change_the_ways_to_sign_in,
        patches=True,
    ),
    "a change of factors ends no other session": Bug(
        swapped(sessions, "end_others", says(None)),
        test_sessions.test_adding_a_factor_throws_out_whoever_else_is_signed_in,
    ),
    "a device of any account is remembered": Bug(
        swapped(devices, "is_remembered", lambda _, cookie: bool(cookie)),
        test_devices.test_a_device_of_another_account_is_no_second_factor,
    ),
    "forms of other sites are taken": Bug(
        swapped(gate, "_is_ours", says(True)),
        test_csrf_and_headers.test_no_form_is_taken_from_another_site,
        {"path": "/sign-out"},
    ),
    "the way back may lead anywhere": Bug(
        open_redirects,
        test_csrf_and_headers.test_the_way_back_after_a_step_stays_in_the_portal,
        {"to": "//evil.example"},
        patches=True,
    ),
    "a code of an app counts again": Bug(
        swapped(factors, "use", says(True)),
        test_app_codes.test_a_code_seen_over_the_shoulder_opens_no_second_session,
        patches=True,
    ),
    "a paper code counts again": Bug(
        swapped(factors, "use", says(True)),
        test_text_and_paper_codes.test_a_spent_paper_code_stays_spent_when_written_differently,
    ),
    "an app accepts any code": Bug(
        swapped(totp, "_is", says(True)),
        test_app_codes.test_a_code_of_ones_own_app_does_not_open_a_victims_session,
        patches=True,
    ),
    "a text code is bound to no phone": Bug(
        unbound_text_codes,
        test_text_and_paper_codes.test_a_text_code_does_not_survive_a_change_of_the_phone,
        patches=True,
    ),
    "the birth date alone shows who somebody is": Bug(
        lambda patch: patch.setattr(
            "functions.sign_in.proof.is_right", lambda _, born_on, __: born_on is not None
        ),
        test_identity.test_half_an_identity_is_none,
        {"fields": {"born_on": "1980-02-03"}},
    ),
    "nothing is throttled": Bug(
        swapped(throttles, "count", says(None)),
        test_steps.test_guesses_in_many_sessions_share_the_accounts_limit,
        patches=True,
    ),
    "a throttle does not say for how long": Bug(
        lambda patch: patch.setattr("portal.problems.details_of", says({})),
        test_throttles.test_refusals_by_throttle_are_a_page_for_people,
        patches=True,
    ),
    "a trail that is down is overlooked": Bug(
        swallowed,
        test_outages.test_what_needs_a_session_is_unavailable_without_sessions_or_trail,
        {"method": "GET", "path": "/results", "store": "audit"},
    ),
    "a factor of another patient's is found": Bug(
        swapped(factors, "find", found_anywhere),
        test_idor.test_anothers_id_is_answered_as_one_that_never_was,
        {"key": ("GET", "/settings/security/factors/{factor_id}/remove"), "accept": "text/html"},
    ),
    "a result is found whoever asks": Bug(
        anybodys_results,
        test_idor.test_anothers_id_is_answered_as_one_that_never_was,
        {"key": ("GET", "/results/{report_id}"), "accept": "application/json"},
    ),
    "staff read charts without a grant": Bug(
        swapped(break_glass, "live", a_grant_for_all),
        test_idor.test_anothers_id_is_answered_as_one_that_never_was,
        {
            "key": ("GET", "/staff/patients/{patient_id}/results/{report_id}"),
            "accept": "application/json",
        },
    ),
    "every role may do everything": Bug(
        swapped(staff_access, "decided", says(Verdict.YES)),
        test_staff.test_a_role_does_only_what_is_its_own,
        {"role": Role.BILLER, "path": "/staff/people"},
    ),
    "a passkey's signature is not checked": Bug(
        swapped(passkeys, "_asserted", unsigned),
        test_passkeys.test_another_key_with_the_victims_credential_id_opens_nothing,
    ),
    "any challenge is taken": Bug(
        swapped(challenges, "spend", says(True)),
        test_passkeys.test_a_challenge_of_the_thiefs_own_making_is_not_taken,
    ),
    "who has no password is told by the work": Bug(
        quick_for_strangers,
        test_enumeration.test_a_password_is_hashed_once_for_everybody,
        patches=True,
    ),
    "any password is right": Bug(
        swapped(passwords, "is_hash_of", says(True)),
        test_passwords.test_the_password_before_the_newest_opens_nothing,
    ),
    "a grant is asked once, when it is opened": Bug(
        swapped(acting, "in_force", says(True)),
        test_family.test_an_ex_spouse_with_the_tab_still_open_sees_nothing_after_the_revocation,
    ),
    "steps and sign-out are those of whose record is open": Bug(
        swapped(gate, "OF_SESSION", frozenset()),
        test_family.test_signing_out_everywhere_while_acting_signs_out_the_helper_alone,
    ),
    "the code of an invitation is not compared": Bug(
        swapped(joins, "same", says(True)),
        test_family.test_a_stolen_join_link_without_the_code_opens_nothing,
    ),
    "guesses at an invitation are not counted": Bug(
        swapped(joins, "MAX_TRIES", 10**9),
        test_family.test_five_guesses_end_an_invitation_for_its_owner_too,
    ),
    "a grant opens to whoever knows its id": Bug(
        anybodys_grants,
        test_family.test_another_patients_grant_opens_nothing_to_a_stranger,
    ),
    "a child is looked up when somebody asks": Bug(
        told_at_once,
        test_family.test_the_answer_to_a_request_for_a_child_tells_nothing_of_the_child,
    ),
    "tries at an activation are not counted": Bug(
        counted_after_looking,
        test_activation.test_five_wrong_birth_dates_burn_link_and_code_together,
    ),
}


@pytest.mark.parametrize("name", BUGS)
def test_an_attack_notices_the_bug(name: str, monkeypatch: Patch) -> None:
    bug = BUGS[name]
    given = bug.facts | ({"monkeypatch": monkeypatch} if bug.patches else {})
    bug.plant(monkeypatch)

    with pytest.raises(AssertionError):
        bug.attack(**given)
