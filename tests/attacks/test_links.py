"""Attacks on sign-in links: stolen, guessed, forwarded, replayed, swapped between accounts."""

import json
import logging
from datetime import timedelta

import pytest
from tests.attacks.scenes import (
    a_sent_link,
    by_link,
    events,
    inside,
    is_out,
    known,
    post_json,
    post_raw,
    sees_no_chart,
    spend,
)
from tests.builders import a_patient, a_phone, a_session, a_visitor
from tests.clock import held
from tests.sign_in.mail import ask, asked, deliver, newest, requested
from tests.visitors import a_browser

from portal import desk, devices, links, moments, sessions
from portal.methods import Method, assurance_of
from portal.secrets_kept import hashed, token
from portal.tables import SessionRow


def test_a_link_of_one_account_cannot_be_spent_with_another_accounts_code() -> None:
    _, victims = a_sent_link(known())
    mine = victims
    while mine.code == victims.code:
        _, mine = a_sent_link(known())
    thief = a_browser()

    assert spend(thief, victims, mine.code) == 400
    assert is_out(thief)


def test_the_browser_cookie_of_ones_own_link_does_not_spare_the_code_of_anothers() -> None:
    thief, _ = a_sent_link(known())
    _, victims = a_sent_link(known())

    assert spend(thief, victims) == 400
    assert is_out(thief)


def test_asking_for_a_victims_link_does_not_open_the_one_the_victim_asks_for() -> None:
    victim = known()
    thief, _ = asked(victim.email)
    owner, link = asked(victim.email)

    assert spend(thief, link) == 400
    assert spend(owner, link) == 303


def test_a_victim_who_presses_a_link_the_thief_asked_for_signs_nobody_in() -> None:
    victim = known()
    thief, link = asked(victim.email)
    owner = a_browser()

    assert spend(owner, link) == 400
    assert is_out(thief)
    assert is_out(owner)


def test_asking_again_for_a_victim_gives_the_thief_no_older_link_to_use() -> None:
    victim = known()
    thief, first = asked(victim.email)
    bound = dict(thief.cookies)
    ask(thief, victim.email)
    deliver()

    assert spend(a_browser(cookies=bound), first, first.code) == 401


@pytest.mark.parametrize(
    "headers", [{"purpose": "prefetch"}, {"sec-purpose": "prefetch;prerender"}]
)
def test_a_prefetching_browser_spends_nothing(headers: dict[str, str]) -> None:
    browser, link = a_sent_link(known())

    assert browser.get(f"/sign-in/{link.token}?code={link.code}", **headers).status == 200
    assert is_out(browser)
    assert spend(browser, link) == 303


@pytest.mark.parametrize(
    "headers",
    [{"x-http-method-override": "POST"}, {"x-method-override": "POST"}, {"x-http-method": "POST"}],
    ids=lambda each: next(iter(each)),
)
def test_a_get_that_claims_to_be_a_post_spends_nothing(headers: dict[str, str]) -> None:
    browser, link = a_sent_link(known())

    browser.get(f"/sign-in/{link.token}?_method=POST&code={link.code}", **headers)

    assert is_out(browser)
    assert spend(browser, link) == 303


def test_a_token_in_the_body_does_not_replace_the_one_in_the_address() -> None:
    browser, link = a_sent_link(known())

    answer = browser.post(f"/sign-in/{'A' * 22}", token=link.token, code=link.code)

    assert answer.status == 401
    assert is_out(browser)
    assert spend(browser, link) == 303


@pytest.mark.parametrize("cookie", ["session", "device", "staff", "browser"])
def test_a_links_token_is_no_cookie(cookie: str) -> None:
    victim = known()
    _, link = a_sent_link(victim)
    thief = a_browser(cookies={cookie: link.token})

    assert is_out(thief)
    assert spend(thief, link) == 400


def test_a_session_cookie_is_no_links_token() -> None:
    cookie = a_session(known())

    assert a_browser().post(f"/sign-in/{cookie}").status == 404
    assert a_browser().post(f"/sign-in/{cookie[:22]}").status == 401


def test_whoever_reads_the_table_cannot_make_a_link_of_its_hash() -> None:
    _, link = a_sent_link(known())
    kept = hashed(link.token)

    for guess in (kept, kept[:22], kept[-22:]):
        assert a_browser().post(f"/sign-in/{guess}", code=link.code).status in (401, 404)


def test_whoever_reads_the_table_cannot_make_a_browser_cookie_of_its_hash() -> None:
    owner, link = a_sent_link(known())
    thief = a_browser(cookies={"browser": hashed(owner.cookies["browser"])})

    assert spend(thief, link) == 400


def test_whoever_reads_the_table_cannot_type_the_hash_of_the_code() -> None:
    _, link = a_sent_link(known())
    row = SessionRow.get(f"link#{hashed(link.token)}", "link")

    answer = post_json(a_browser(), f"/sign-in/{link.token}", {"code": row.code})

    assert answer.status == 400


@pytest.mark.parametrize(
    "code", [["{}"], {"$ne": ""}, True, None, 0, 1.0, ["123456", "123457"]], ids=repr
)
def test_a_code_of_another_type_opens_nothing(code: object) -> None:
    _, link = a_sent_link(known())
    thief = a_browser(accept="application/json")

    assert post_json(thief, f"/sign-in/{link.token}", {"code": code}).status == 400
    assert is_out(a_browser(cookies=thief.cookies))


def test_two_codes_in_one_form_are_one_guess() -> None:
    _, link = a_sent_link(known())
    wrong = f"{(int(link.code) + 1) % 1_000_000:06d}"
    thief = a_browser()

    guesses = "&".join(f"code={(int(link.code) + n) % 1_000_000:06d}" for n in range(1, 150))
    assert post_raw(thief, f"/sign-in/{link.token}", guesses).status == 400
    assert post_raw(thief, f"/sign-in/{link.token}", f"code={link.code}&code={wrong}").status == 400
    row = SessionRow.get(f"link#{hashed(link.token)}", "link")
    assert row.tries == 2


@pytest.mark.parametrize("sep", ["\u200b", "\u00ad", "-", ".", "\u0000", "\u2060"], ids=ascii)
def test_a_code_with_something_between_its_digits_is_another_code(sep: str) -> None:
    _, link = a_sent_link(known())

    answer = a_browser().post(f"/sign-in/{link.token}", code=link.code[:3] + sep + link.code[3:])

    assert answer.status == 400


def test_the_full_width_digits_of_a_code_are_not_its_digits() -> None:
    _, link = a_sent_link(known())
    wide = "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in link.code)

    assert spend(a_browser(), link, wide) == 400


def test_empty_codes_neither_open_nor_burn_a_link() -> None:
    owner, link = a_sent_link(known())
    thief = a_browser()

    assert {spend(thief, link, " ") for _ in range(12)} == {400}
    assert spend(owner, link) == 303


def test_guesses_from_many_networks_share_five_tries() -> None:
    _, link = a_sent_link(known())
    wrong = f"{(int(link.code) + 1) % 1_000_000:06d}"

    statuses = [spend(a_browser(), link, wrong) for _ in range(7)]

    assert statuses == [400] * 5 + [401] * 2
    assert spend(a_browser(), link, link.code) == 401


@pytest.mark.parametrize("bend", [str.upper, str.lower, str.swapcase, lambda t: t[::-1]])
def test_a_token_in_other_letters_is_another_token(bend: object) -> None:
    browser, link = a_sent_link(known())
    bent = bend(link.token)  # type: ignore[operator]

    assert bent != link.token
    assert browser.post(f"/sign-in/{bent}", code=link.code).status == 401


@pytest.mark.parametrize(
    "suffix", ["=", "==", "%00", "%0a", "%20", ".json", ";x", "/", "%2e%2e"], ids=repr
)
def test_a_token_with_something_behind_it_is_no_token(suffix: str) -> None:
    browser, link = a_sent_link(known())

    if suffix == "/":  # no route takes it: API Gateway answers itself
        with pytest.raises(AssertionError, match="no route"):
            browser.post(f"/sign-in/{link.token}{suffix}")
    else:
        assert browser.post(f"/sign-in/{link.token}{suffix}").status == 404
    assert is_out(browser)


def test_a_link_is_dead_in_the_very_second_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    clock.moment = clock.moment.replace(microsecond=0)
    browser, link = a_sent_link(known())

    clock.advance(seconds=links.LIFE_SECONDS)

    assert spend(browser, link) == 401


def test_a_prolonged_row_of_an_old_link_is_not_what_keeps_it_alive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """TTL deletes days late: the clock decides, not whether the row is still there."""
    clock = held(monkeypatch)
    browser, link = a_sent_link(known())

    clock.advance(days=2)

    assert SessionRow.find(f"link#{hashed(link.token)}", "link")
    assert spend(browser, link, link.code) == 401


def test_a_link_does_not_come_back_when_a_newer_one_is_spent() -> None:
    victim = known()
    browser, older = a_sent_link(victim)
    newer = links.new(victim.patient_id, hashed(browser.cookies["browser"]))
    bound = dict(browser.cookies)

    assert spend(browser, newer) == 303
    assert spend(a_browser(cookies=bound), older, older.code) == 401


def test_a_link_that_was_under_way_when_the_account_was_closed_opens_nothing() -> None:
    patient = known()
    browser, link = a_sent_link(patient)

    desk.close(patient.patient_id, made_by="staff")

    assert spend(browser, link) == 401


def test_a_link_made_while_the_account_was_being_closed_opens_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sender looked, the clinic closed the account, and only then the sender made the link."""
    patient = known()
    requested()
    browser = a_browser()
    ask(browser, patient.email)
    made = links.new

    def slowly(*facts: object) -> links.Link:
        desk.close(patient.patient_id, made_by="staff")
        return made(*facts)  # type: ignore[arg-type]

    monkeypatch.setattr(links, "new", slowly)
    deliver()

    spend(browser, newest(patient.email))
    assert is_out(browser)


def test_a_link_forwarded_to_somebody_shows_no_chart_even_with_its_code() -> None:
    _, link = a_sent_link(known())
    friend = a_browser()

    assert spend(friend, link, link.code) == 303
    assert sees_no_chart(friend)


def test_a_planted_device_cookie_does_not_lift_a_stolen_link() -> None:
    victim, thief = known(), known()
    own_device = devices.remember(thief.patient_id, a_visitor())
    browser, link = a_sent_link(victim)
    browser.cookies["device"] = own_device

    assert spend(browser, link) == 303
    assert sees_no_chart(browser)


def test_pressing_a_thiefs_link_does_not_keep_the_victims_session_under_it() -> None:
    """Login fixation: what the victim does next must not land in the thief's account unseen."""
    victim, thief = known(), known()
    browser = inside(victim)
    before = browser.cookies["session"]
    _, link = a_sent_link(thief)

    assert spend(browser, link, link.code) == 303

    session = sessions.live(browser.cookies["session"])
    assert session is not None
    assert session.patient_id == thief.patient_id
    assert sessions.live(before) is None


def test_another_site_cannot_make_a_victim_press_the_thiefs_link() -> None:
    """Login CSRF."""
    victim = inside(known(), origin="https://evil.example")
    _, link = a_sent_link(known())
    before = dict(victim.cookies)

    assert spend(victim, link, link.code) == 403
    assert victim.cookies == before
    assert spend(a_browser(), link, link.code) == 303, "and the link is not spent"


def test_a_refused_press_sets_no_cookie_at_all() -> None:
    _, link = a_sent_link(known())
    thief = a_browser()

    spend(thief, link, "000000" if link.code != "000000" else "000001")
    thief.post(f"/sign-in/{token(128)}")

    assert thief.cookies == {}


def test_neither_token_nor_code_nor_cookie_is_in_any_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser, link = a_sent_link(known())
    spend(a_browser(), link, "111111")
    spend(browser, link)

    said = caplog.text + str([vars(record) for record in caplog.records])
    for secret in (link.token, link.code, browser.cookies["session"]):
        assert secret not in said


def test_the_page_of_a_link_leaks_its_address_to_nobody() -> None:
    browser, link = a_sent_link(known())

    page = browser.get(f"/sign-in/{link.token}")
    pressed = browser.post(f"/sign-in/{link.token}")

    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"
    assert link.token not in json.dumps(pressed.headers)


def test_a_link_cannot_be_spent_from_the_future_by_a_clock_that_went_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A spent link stays spent whatever the clock says."""
    browser, link = a_sent_link(known())
    bound = dict(browser.cookies)
    assert spend(browser, link) == 303

    before = moments.now() - timedelta(minutes=5)
    monkeypatch.setattr(moments, "clock", lambda: before)

    assert spend(a_browser(cookies=bound), link, link.code) == 401


def test_a_link_sent_to_a_phone_and_a_text_to_the_same_phone_are_one_way() -> None:
    patient = a_patient()
    a_phone(patient, "+15555550181")
    cookie = sessions.open_with(patient.patient_id, frozenset({Method.PHONE_LINK}), a_visitor())
    risen = sessions.rise(cookie, Method.SMS_CODE)
    session = sessions.live(risen)

    assert session is not None
    assert session.standing.assurance == assurance_of({Method.PHONE_LINK})


def test_every_link_that_opens_leaves_a_row_in_the_owners_trail() -> None:
    patient = known()
    _, link = a_sent_link(patient)

    spend(a_browser(), link, link.code)

    assert "sign-in.signed-in" in events(patient)


def test_a_live_session_by_link_does_not_spare_another_accounts_link_its_code() -> None:
    thief = by_link(known())
    _, link = a_sent_link(known())

    assert spend(thief, link) == 400
