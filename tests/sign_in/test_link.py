"""A link: 128 bits, ten minutes, newest only, spent once, by the browser that asked."""

import base64
import itertools
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.builders import a_patient, a_session
from tests.client import Client
from tests.clock import held
from tests.sign_in.mail import ask, asked, deliver, newest, requested
from tests.visitors import a_browser, an_app, nobodys_trail, signed_in

from portal import audit, links, sessions
from portal.secrets_kept import hashed
from portal.tables import SessionRow

pytestmark = pytest.mark.usefixtures("portal")
_phones = itertools.count(1)


def spend(browser: Client, link: links.Link, code: str = "") -> int:
    return browser.post(f"/sign-in/{link.token}", code=code).status


def test_the_whole_way_from_asking_to_the_front_page() -> None:
    patient = a_patient(given="Ana")
    browser, link = asked(patient.email)

    page = browser.get(f"/sign-in/{link.token}")
    answer = browser.post(f"/sign-in/{link.token}")

    assert "Press the button" in page.text
    assert 'name="code"' not in page.text
    assert (answer.status, answer.location) == (303, "/")
    assert browser.get("/").status == 200


def test_a_link_holds_128_random_bits() -> None:
    links_made = [links.new(a_patient().patient_id, "") for _ in range(3)]

    assert all(len(base64.urlsafe_b64decode(f"{each.token}==")) == 16 for each in links_made)
    assert len({each.token for each in links_made}) == 3


def test_the_table_knows_links_codes_and_cookies_only_as_hashes() -> None:
    browser, link = asked(a_patient().email)
    bound = browser.cookies["browser"]
    code_row = SessionRow.get(f"link#{hashed(link.token)}", "link").attribute_values
    rows = [str(row.attribute_values) for row in SessionRow.scan()]
    spend(browser, link)
    rows += [str(row.attribute_values) for row in SessionRow.scan()]

    for secret in (link.token, bound, browser.cookies["session"]):
        assert not any(secret in row for row in rows)
    assert code_row["code"] != hashed(link.code), "six digits alone can be looked up"
    assert link.code not in code_row["code"]


def test_a_link_lives_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    in_time, late = asked(a_patient().email), asked(a_patient().email)

    clock.advance(minutes=9, seconds=58)
    assert spend(*in_time) == 303

    clock.advance(seconds=3)
    assert spend(*late) == 401


def test_only_the_newest_link_opens() -> None:
    email = a_patient().email
    browser, older = asked(email)
    ask(browser, email)
    (request,) = requested()
    deliver([request])
    newer = newest(email)

    assert newer.token != older.token
    assert spend(a_browser(), older, older.code) == 401
    assert spend(browser, newer) == 303


def test_a_link_asked_for_by_phone_takes_the_place_of_one_asked_for_by_email() -> None:
    patient = a_patient(phone=f"+1555011{next(_phones):04}")
    browser, by_email = asked(patient.email)
    other, by_phone = asked(patient.phone)

    assert spend(browser, by_email) == 401
    assert spend(other, by_phone) == 303


def test_a_link_is_spent_once() -> None:
    browser, link = asked(a_patient().email)
    bound = dict(browser.cookies)

    assert spend(browser, link) == 303
    assert spend(a_browser(cookies=bound), link) == 401
    assert spend(a_browser(), link, link.code) == 401


def test_twenty_presses_at_once_open_exactly_one_session() -> None:
    patient = a_patient()
    browser, link = asked(patient.email)
    browsers = [a_browser(cookies=dict(browser.cookies)) for _ in range(20)]

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda each: spend(each, link), browsers))

    assert sorted(answers) == [303] + [401] * 19
    opened = [row for row in SessionRow.scan() if row.patient_id == patient.patient_id]
    assert sum(row.sk == "session" for row in opened) == 1


def test_looking_at_a_link_spends_nothing() -> None:
    browser, link = asked(a_patient().email)

    for visitor in (browser, a_browser(), browser):
        assert visitor.get(f"/sign-in/{link.token}").status == 200

    assert spend(browser, link) == 303


def test_a_mail_scanner_that_follows_links_and_presses_buttons_gets_nothing() -> None:
    browser, link = asked(a_patient().email)
    scanner = a_browser(origin=None)

    scanner.get(f"/sign-in/{link.token}")
    pressed = [spend(scanner, link) for _ in range(10)]

    assert pressed == [400] * 10
    assert "session" not in scanner.cookies
    assert spend(browser, link) == 303


def test_another_browser_needs_the_code_of_the_message() -> None:
    _, link = asked(a_patient().email)
    other = a_browser()

    page = other.get(f"/sign-in/{link.token}")
    without = other.post(f"/sign-in/{link.token}")
    answer = other.post(f"/sign-in/{link.token}", code=f" {link.code[:3]} {link.code[3:]} ")

    assert 'name="code"' in page.text
    assert without.status == 400
    assert "six digits" in without.text
    assert answer.status == 303
    assert other.get("/").status == 200


def test_an_unknown_link_looks_like_one_of_another_browser() -> None:
    _, link = asked(a_patient().email)
    unknown = "A" * 22
    visitor = a_browser(cookies={"browser": "x" * 22})

    real = visitor.get(f"/sign-in/{link.token}")
    made_up = visitor.get(f"/sign-in/{unknown}")

    assert real.text.replace(link.token, unknown) == made_up.text
    assert (real.status, real.headers) == (made_up.status, made_up.headers)


def a_wrong_code(link: links.Link) -> str:
    return "000000" if link.code != "000000" else "000001"


def test_five_wrong_codes_burn_the_link() -> None:
    browser, link = asked(a_patient().email)
    guesser = a_browser()

    guesses = [spend(guesser, link, a_wrong_code(link)) for _ in range(5)]

    assert guesses == [400] * 5
    assert spend(guesser, link, link.code) == 401
    assert spend(browser, link) == 401, "its holder is asked to get a new one"


def test_the_right_code_still_opens_after_four_wrong_ones() -> None:
    _, link = asked(a_patient().email)
    person = a_browser()

    for _ in range(4):
        spend(person, link, a_wrong_code(link))

    assert spend(person, link, link.code) == 303


def test_guesses_at_once_do_not_outrun_the_limit() -> None:
    _, link = asked(a_patient().email)
    wrong = a_wrong_code(link)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: spend(a_browser(), link, wrong), range(20)))

    assert answers.count(400) == 5
    assert spend(a_browser(), link, link.code) == 401


def test_a_code_opens_only_its_own_link(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = iter(["111111", "222222"])
    monkeypatch.setattr(links, "short_code", lambda: next(codes))
    one, other = (asked(a_patient().email)[1] for _ in range(2))

    assert spend(a_browser(), one, other.code) == 400
    assert spend(a_browser(), one, one.code) == 303


def test_the_same_code_of_two_links_is_kept_as_two_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "short_code", lambda: "111111")
    made = [links.new(a_patient().patient_id, "") for _ in range(2)]

    rows = [SessionRow.get(f"link#{hashed(each.token)}", "link") for each in made]

    assert rows[0].code != rows[1].code


@pytest.mark.parametrize("code", ["12345", "1234567", "abcdef", "١٢٣٤٥٦", "1" * 12, "' OR 1=1"])
def test_nonsense_is_a_wrong_code(code: str) -> None:
    _, link = asked(a_patient().email)

    assert spend(a_browser(), link, code) == 400


@pytest.mark.parametrize(
    "token", ["A" * 21, "A" * 23, "A" * 21 + "!", "A" * 21 + "\n", "..", "é" * 22]
)
def test_a_malformed_link_is_a_page_that_does_not_exist(token: str) -> None:
    browser = a_browser()

    assert browser.get(f"/sign-in/{token}").status == 404
    assert spend(browser, links.Link(token, "")) == 404


def test_presses_are_throttled_per_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.sign_in.app.SPENDS_PER_SOURCE", 2)
    guesser = an_app()

    answers = [spend(guesser, links.Link("B" * 22, "")) for _ in range(3)]

    assert answers == [401, 401, 429]


def test_signing_in_ends_the_session_this_browser_had_before() -> None:
    """A cookie planted or left behind does not live on beside the new one."""
    someone, patient = a_patient(), a_patient()
    before = a_session(someone)
    browser, link = asked(patient.email)
    browser.cookies["session"] = before

    spend(browser, link)

    assert browser.cookies["session"] != before
    assert a_browser(cookies={"session": before}).get("/").status == 303


def test_a_cookie_from_outside_never_becomes_a_session() -> None:
    planted = "planted" * 6
    browser, link = asked(a_patient().email)
    browser.cookies["session"] = planted

    spend(browser, link)

    assert browser.cookies["session"] != planted
    assert a_browser(cookies={"session": planted}).get("/").status == 303
    assert re.fullmatch(r"[\w-]{43}", browser.cookies["session"])


def test_signing_out_everywhere_kills_the_link_on_the_stolen_phone() -> None:
    patient = a_patient()
    stolen, link = asked(patient.email)

    signed_in_elsewhere = a_session_of_another_browser(patient.email, stolen)

    signed_in_elsewhere.post("/sign-out", everywhere="yes")
    assert spend(stolen, newest(patient.email)) == 401
    assert spend(stolen, link, link.code) == 401


def a_session_of_another_browser(email: str, stolen: Client) -> Client:
    """Signs in at home, and has the stolen phone ask for one more link after that."""
    browser, link = asked(email)
    spend(browser, link)
    ask(stolen, email)
    deliver()
    return browser


def test_a_sign_in_a_wrong_code_and_a_dead_link_are_recorded() -> None:
    patient = a_patient()
    browser, link = asked(patient.email)
    guesser = a_browser()

    spend(guesser, link, a_wrong_code(link))
    spend(browser, link)
    spend(guesser, link, link.code)

    sent, wrong, done = audit.of_patient(patient.patient_id)
    assert (sent.event, sent.actor) == ("sign-in.link-sent", "portal")
    assert (wrong.event, wrong.outcome, wrong.why) == ("sign-in.refused", "refused", "wrong-code")
    assert (done.event, done.outcome, done.acting_for) == (
        "sign-in.signed-in",
        "done",
        patient.patient_id,
    )
    assert all(row.request_id == "test-request" for row in (sent, wrong, done))
    assert [row.why for row in nobodys_trail(guesser)] == ["link-no-good"]


def test_a_link_of_one_patient_never_opens_the_record_of_another() -> None:
    one, other = a_patient(given="Ana"), a_patient(given="Bartholomew")
    browser, link = asked(one.email)
    spend(browser, link)

    page = browser.get(f"/?patient_id={other.patient_id}")

    assert page.status == 200
    assert "Bartholomew" not in page.text
    session = sessions.live(browser.cookies["session"])
    assert session
    assert session.patient_id == one.patient_id


def test_the_phone_app_signs_in_over_the_same_routes() -> None:
    requested()
    patient, app = a_patient(), an_app(origin=None)
    kind = {"content-type": "application/json"}
    body = f'{{"address": "{patient.email}"}}'.encode()

    asked_for = app.send("POST", "/sign-in", body, kind)
    deliver()
    link = newest(patient.email)
    shown = app.get(f"/sign-in/{link.token}")
    opened = app.send("POST", f"/sign-in/{link.token}", b"", {})

    assert asked_for.json == {"minutes": 10, "address": patient.email}
    assert shown.json == {"token": link.token, "needs_code": False, "initial": "", "errors": {}}
    assert opened.json == {"home": "/"}
    assert app.get("/").json["is_locked"]


def test_the_form_can_be_opened_while_signed_in() -> None:
    assert signed_in(a_patient()).get("/sign-in").status == 200
