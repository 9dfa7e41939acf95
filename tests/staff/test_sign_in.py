"""Staff sign in at their hospital's own provider, with two factors and a role of ours."""

from collections.abc import Iterator
from typing import Any

import pytest
from pynamodb.exceptions import PutError
from tests.builders import a_patient
from tests.client import Client
from tests.clock import held
from tests.staff.colleagues import a_colleague, deeds, is_in
from tests.staff.provider import (
    CALLBACK,
    TWO,
    Provider,
    employed,
    parts_of,
    pressed,
    provider,
    sent_to,
    settings_text,
    signs_in,
    subject_of,
    way_back,
)
from tests.visitors import HTTPS_URL, a_browser, nobodys_trail, on_https

from portal import oidc, staff_people, staff_provider, staff_sessions
from portal.moments import now
from portal.roles import Role
from portal.secrets_kept import hashed
from portal.tables import AuditRow

pytestmark = pytest.mark.usefixtures("portal")

LATER = "/staff/people"


@pytest.fixture
def there(portal: None) -> Iterator[Provider]:  # noqa: ARG001
    with provider() as found:
        yield found


def refusals(browser: Client) -> list[tuple[str, str]]:
    rows = nobodys_trail(browser)
    return [(row.event, row.why) for row in rows if row.outcome == "refused"]


def test_a_nurse_signs_in_and_sees_the_staff_room(there: Provider) -> None:
    """REG-001: unique user identification."""
    sub = employed(there, "Portal Nurses", "Canteen")
    browser = a_browser()

    sent = browser.get("/staff")
    assert (sent.status, sent.location) == (303, "/staff/sign-in?because=needed&return_to=%2Fstaff")
    assert "Please sign in" in browser.get(sent.location).text
    done = signs_in(browser, sub)

    assert (done.status, done.location) == (303, "/staff")
    page = browser.get("/staff")
    assert "Noor Castellano" in page.text
    assert "Nurse" in page.text
    subject_id = subject_of(there, sub)
    entry = next(row for row in deeds(subject_id) if row.event == "staff.signed-in")
    assert (entry.about, entry.outcome) == ("nurse", "done")
    assert sub not in subject_id


def test_a_program_is_told_where_to_go(there: Provider) -> None:
    sub = employed(there, "Portal Nurses")
    app = a_browser(accept="application/json")

    begun = app.post("/staff/sign-in")
    done = app.get(pressed(begun.json["url"], sub))

    assert (done.status, done.json) == (200, {"next": "/staff"})
    assert app.get("/staff").json["role_words"] == ["Nurse"]


def test_who_came_for_a_page_comes_back_to_it(there: Provider) -> None:
    sub = employed(there, "Portal Privacy")
    browser = a_browser()

    assert signs_in(browser, sub, return_to=LATER).location == LATER


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\evil", "/results", "/staffing", "staff"]
)
def test_the_way_back_is_one_of_the_staff_rooms(there: Provider, to: str) -> None:
    sub = employed(there, "Portal Nurses")

    assert signs_in(a_browser(), sub, return_to=to).location == "/staff"


@pytest.mark.parametrize(
    "said",
    [
        (("amr", ["pwd"]),),
        (("acr", "urn:one"),),
        (("acr", "urn:one"), ("amr", ["pwd", "sms-maybe"])),
        (("amr", ["m", "f", "a"]),),
        (("amr", [["mfa"]]),),
        (("acr", {"urn:two": 1}),),
        (),
    ],
    ids=repr,
)
def test_one_factor_is_not_enough(there: Provider, said: Any) -> None:
    sub = employed(there, "Portal Nurses", claims=said)
    browser = a_browser()

    answer = signs_in(browser, sub)

    assert answer.status == 403
    assert "one factor only" in answer.text
    assert "staff" not in browser.cookies
    assert ("staff.sign-in-refused", "one-factor") in refusals(browser)


@pytest.mark.parametrize("said", [(("acr", "urn:two"),), (("amr", ["mfa"]),)])
def test_either_claim_of_two_factors_is_enough(there: Provider, said: Any) -> None:
    browser = a_browser()

    assert signs_in(browser, employed(there, "Portal Nurses", claims=said)).status == 303


@pytest.mark.parametrize("groups", [(), ("Canteen",), ("portal nurses",), ("nurse",)])
def test_an_unknown_role_is_refused(there: Provider, groups: tuple[str, ...]) -> None:
    sub = employed(there, *groups)
    browser = a_browser()

    answer = signs_in(browser, sub)

    assert answer.status == 403
    assert "no role" in answer.text
    assert ("staff.sign-in-refused", "no-role") in refusals(browser)
    assert staff_people.of(subject_of(there, sub)) is None


def test_a_role_claim_may_be_one_text(there: Provider) -> None:
    sub = employed(there, claims=(("groups", "Portal Desk"), *TWO))
    browser = a_browser()
    signs_in(browser, sub)

    assert "Front desk" in browser.get("/staff").text


@pytest.mark.parametrize("auth_time", [None, "now", 4_000_000_000, True])
def test_it_must_say_when_it_asked_for_the_factors(there: Provider, auth_time: Any) -> None:
    sub = employed(there, "Portal Nurses", claims=(*TWO, ("auth_time", auth_time)))
    browser = a_browser()

    assert signs_in(browser, sub).status == 403
    assert not is_in(browser)


def test_a_sign_in_of_a_whole_shift_ago_is_too_old(there: Provider) -> None:
    browser = a_browser()
    said = (*TWO, ("auth_time", int(now().timestamp()) - 8 * 3600 - 120))

    assert signs_in(browser, employed(there, "Portal Nurses", claims=said)).status == 403


def test_a_way_back_counts_once(there: Provider) -> None:
    browser = a_browser()
    back = way_back(browser, employed(there, "Portal Nurses"))
    bound = dict(browser.cookies)
    assert browser.get(back).status == 303

    again = a_browser(cookies=bound)

    assert again.get(back).status == 403
    assert "staff" not in again.cookies


def test_a_way_back_is_one_browsers_own(there: Provider) -> None:
    """Somebody else's sign-in must not be put upon a colleague (login CSRF)."""
    back = way_back(a_browser(), employed(there, "Portal Nurses"))
    other, third = a_browser(), a_browser(cookies={"browser": "another"})

    assert other.get(back).status == 403
    assert third.get(back).status == 403
    assert not is_in(other)


def test_a_way_back_is_old_after_ten_minutes(
    there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = held(monkeypatch)
    browser = a_browser()
    back = way_back(browser, employed(there, "Portal Nurses"))

    clock.advance(seconds=601)

    assert browser.get(back).status == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"state": ""},
        {"state": "A" * 43},
        {"code": ""},
        {"code": "A" * 43},
        {"iss": "https://evil"},
        {"iss": ""},
    ],
    ids=repr,
)
def test_a_changed_way_back_opens_nothing(there: Provider, changes: dict[str, str]) -> None:
    browser = a_browser()
    parts = parts_of(way_back(browser, employed(there, "Portal Nurses"))) | changes
    query = "&".join(f"{name}={value}" for name, value in parts.items())

    assert browser.get(f"/staff/callback?{query}").status == 403
    assert not is_in(browser)


def test_who_says_no_over_there_stays_out(there: Provider) -> None:
    assert "-" not in there.people
    browser = a_browser()

    assert signs_in(browser, "-").status == 403
    assert ("staff.sign-in-refused", "sso-denied") in refusals(browser)


def test_a_patients_way_to_a_hospital_is_no_way_in_for_staff(there: Provider) -> None:
    """The same server, asked for another purpose."""
    sub, browser = employed(there, "Portal Nurses"), a_browser(cookies={"browser": "mine"})
    asked = staff_provider.settings().asked(again=False)
    left = oidc.begin(asked, CALLBACK, "sign-in", "", hashed("mine"))

    assert browser.get(pressed(left.url, sub)).status == 403
    assert ("staff.sign-in-refused", "sso-state") in refusals(browser)


def test_a_way_for_staff_is_no_way_in_for_patients(there: Provider) -> None:
    browser = a_browser()
    back = way_back(browser, employed(there, "Portal Nurses"))

    answer = browser.get(back.replace("/staff/callback", "/sign-in/callback"))

    assert answer.status >= 400
    assert "session" not in browser.cookies


def test_two_hospitals_people_of_one_name_are_two(there: Provider) -> None:
    sub = employed(there, "Portal Nurses")

    assert staff_people.subject_id("https://other.example.org", sub) != subject_of(there, sub)


def test_each_sign_in_is_a_new_session_and_the_old_one_is_void(there: Provider) -> None:
    sub, browser = employed(there, "Portal Nurses"), a_browser()
    signs_in(browser, sub)
    first = browser.cookies["staff"]

    signs_in(browser, sub)

    assert browser.cookies["staff"] != first
    assert staff_sessions.live(first) is None
    assert is_in(browser)


def test_a_role_taken_away_over_there_is_gone_from_open_sessions_at_the_next_sign_in(
    there: Provider,
) -> None:
    """REG-010: access authorisation, termination."""
    sub = employed(there, "Portal Nurses", "Portal Privacy")
    desk, ward = a_browser(), a_browser()
    for browser in (desk, ward):
        signs_in(browser, sub)
    assert desk.get(LATER).status == 200

    employed(there, "Portal Nurses", sub=sub)
    signs_in(ward, sub)

    assert desk.get(LATER).status == 403
    assert is_in(desk)


def test_who_has_no_role_any_more_is_signed_out_everywhere(there: Provider) -> None:
    """REG-010: access authorisation, termination."""
    sub, desk = employed(there, "Portal Nurses"), a_browser()
    signs_in(desk, sub)

    employed(there, sub=sub)
    assert signs_in(a_browser(), sub).status == 403

    assert not is_in(desk)
    person = staff_people.of(subject_of(there, sub))
    assert person
    assert person.roles == frozenset()


def test_a_role_given_later_needs_a_new_sign_in(there: Provider) -> None:
    sub, desk = employed(there, "Portal Nurses"), a_browser()
    signs_in(desk, sub)

    employed(there, "Portal Nurses", "Portal Privacy", sub=sub)
    signs_in(a_browser(), sub)

    assert desk.get(LATER).status == 403
    signs_in(desk, sub)
    assert desk.get(LATER).status == 200


def test_one_more_step_asks_for_the_factors_again_and_leads_back(
    there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = held(monkeypatch)
    sub, browser = employed(there, "Portal Nurses"), a_browser()
    signs_in(browser, sub)
    path = f"/staff/patients/{a_patient().patient_id}/break-glass"
    assert browser.get(path).status == 200

    clock.advance(minutes=10, seconds=1)
    sent = browser.get(path)

    assert sent.status == 303
    assert parts_of(sent.location) == {"because": "step", "return_to": path}
    form = browser.get(sent.location)
    assert 'name="again" value="yes"' in form.text
    url = sent_to(browser.post("/staff/sign-in", again="yes", return_to=path))
    assert {"prompt": "login", "max_age": "0"}.items() <= parts_of(url).items()
    done = browser.get(pressed(url, sub))
    assert done.location == path
    assert browser.get(path).status == 200


def test_an_ordinary_sign_in_takes_what_the_provider_remembers_of_this_shift(
    there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And that is not fresh: what is sensitive asks once more."""
    held(monkeypatch)
    earlier = (*TWO, ("auth_time", int(now().timestamp()) - 3600))
    sub, browser = employed(there, "Portal Nurses", claims=earlier), a_browser()

    url = sent_to(browser.post("/staff/sign-in"))
    assert parts_of(url)["max_age"] == "28800"
    assert "prompt" not in parts_of(url)
    assert browser.get(pressed(url, sub)).status == 303

    assert is_in(browser)
    assert browser.get(f"/staff/patients/{a_patient().patient_id}/break-glass").status == 303


def test_a_provider_that_does_not_ask_again_gives_no_fresh_session(
    there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(monkeypatch)
    earlier = (*TWO, ("auth_time", int(now().timestamp()) - 300))
    sub, browser = employed(there, "Portal Nurses", claims=earlier), a_browser()

    assert signs_in(browser, sub, again="yes").status == 403
    assert not is_in(browser)


def test_a_program_is_told_that_one_more_step_is_needed(
    there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = held(monkeypatch)
    browser = a_browser(accept="application/json")
    begun = browser.post("/staff/sign-in")
    browser.get(pressed(begun.json["url"], employed(there, "Portal Nurses")))

    clock.advance(minutes=11)
    refused = browser.get(f"/staff/patients/{a_patient().patient_id}/break-glass")

    assert (refused.status, refused.json["needs"]) == (403, "/staff/sign-in")


def test_a_provider_that_is_down_is_said_to_be(there: Provider) -> None:
    assert there.url
    staff_provider.keep(settings_text("http://127.0.0.1:9"))
    browser = a_browser()

    answer = browser.post("/staff/sign-in")

    assert answer.status == 503
    assert "does not answer" in answer.text
    assert ("staff.sign-in-refused", "sso-down") in refusals(browser)


def test_without_settings_nobody_signs_in() -> None:
    staff_provider.forget()

    assert a_browser().post("/staff/sign-in").status == 503


def test_nobody_is_signed_in_when_the_trail_is_down(
    there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = a_browser()
    back = way_back(browser, employed(there, "Portal Nurses"))

    def down(*_: object, **__: object) -> None:
        raise PutError

    with monkeypatch.context() as patch:
        patch.setattr(AuditRow, "save", down)
        answer = browser.get(back)

    assert answer.status == 503
    assert "staff" not in browser.cookies


def test_begins_are_throttled(there: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    assert there
    monkeypatch.setattr("functions.staff.sign_in.BEGINS_PER_SOURCE", 2)
    browser = a_browser()

    statuses = [browser.post("/staff/sign-in").status for _ in range(3)]

    assert statuses == [200, 200, 429]


def noted(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Name and attributes of each Set-Cookie from now on."""
    found: dict[str, str] = {}
    keep = Client._keep

    def note(client: Client, text: str) -> None:
        name, _, rest = text.partition("=")
        found[name] = rest.partition("; ")[2]
        keep(client, text)

    monkeypatch.setattr(Client, "_keep", note)
    return found


def test_the_cookie_is_kept_from_scripts_and_other_sites(
    there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = noted(monkeypatch)

    signs_in(a_browser(), employed(there, "Portal Nurses"))

    assert found["staff"] == "Path=/; SameSite=Lax; HttpOnly"


def test_on_https_the_cookie_belongs_to_this_host_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    found, cookie = noted(monkeypatch), a_colleague(Role.NURSE).cookies["staff"]

    with on_https(monkeypatch):
        assert not is_in(a_browser(origin=HTTPS_URL, cookies={"staff": cookie}))
        browser = a_browser(origin=HTTPS_URL, cookies={"__Host-staff": cookie})
        assert is_in(browser)
        browser.post("/staff/sign-out")

    assert found["__Host-staff"] == "Path=/; SameSite=Lax; HttpOnly; Secure; Max-Age=0"


def test_every_role_of_ours_can_be_named_by_the_provider() -> None:
    text = "\n".join(f'"{role}s" = "{role}"' for role in Role)

    said = staff_provider.parsed(
        '[provider]\nname = "x"\nbase = "https://login.example.org"\nclient_id = "p"\n'
        f'[two_factor]\namr = ["mfa"]\n[roles]\n{text}'
    )

    assert set(said.roles.values()) == set(Role)
