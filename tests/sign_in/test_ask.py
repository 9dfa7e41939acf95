"""Asking for a link: the answer never tells who is a patient."""

import itertools
import re
from collections.abc import Callable

import pytest
from tests.builders import a_patient
from tests.client import Client, Response
from tests.sign_in.mail import ask, deliver, requested
from tests.stores import sent_to
from tests.visitors import a_browser, an_app, nobodys_trail, on_https

from portal.tables import SessionRow

pytestmark = pytest.mark.usefixtures("portal")
_numbers = itertools.count(1)


def an_unknown_address() -> str:
    return f"nobody{next(_numbers)}@example.org"


def seen(response: Response, client: Client, address: str) -> tuple[object, ...]:
    """All that a stranger can compare."""
    shape = {name: re.sub(r"[\w-]", "x", value) for name, value in client.cookies.items()}
    return response.status, response.headers, response.text.replace(address, "*"), shape


@pytest.mark.parametrize("a_client", [a_browser, an_app])
def test_a_known_and_an_unknown_address_get_the_same_answer(a_client: Callable[[], Client]) -> None:
    known, unknown = a_patient().email, an_unknown_address()
    one, other = a_client(), a_client()

    answers = [seen(ask(one, known), one, known), seen(ask(other, unknown), other, unknown)]

    assert answers[0] == answers[1]
    assert answers[0][0] == 200


def test_the_request_on_the_queue_has_the_same_shape_for_both() -> None:
    requested()
    known, unknown = a_patient().email, an_unknown_address()

    for address in (known, unknown):
        ask(a_browser(), address)

    one, other = sorted(requested(), key=lambda each: each["address"] != known)
    assert one.keys() == other.keys() == {"address", "browser", "language", "request_id"}
    assert (one["address"], other["address"]) == (known, unknown)
    assert len(one["browser"]) == len(other["browser"]) == 64


def test_a_known_address_is_sent_one_link_and_an_unknown_one_nothing() -> None:
    requested()
    known, unknown = a_patient().email, an_unknown_address()
    ask(a_browser(), known)
    ask(a_browser(), unknown)

    answer = deliver()

    assert answer == {"batchItemFailures": []}
    assert len(sent_to(known)) == 1
    assert sent_to(unknown) == []


def test_asking_looks_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work for all: who it is is only looked up behind the queue."""

    def looked_up(*_: object) -> None:
        raise AssertionError("looked up")

    monkeypatch.setattr("portal.patient_search.at_contact", looked_up)
    monkeypatch.setattr("portal.links.new", looked_up)

    assert ask(a_browser(), a_patient().email).status == 200


@pytest.mark.parametrize(
    "typed", ["{0}", "  {0}  ", "{upper}", "{wide}"], ids=["plain", "spaces", "capitals", "wide"]
)
def test_an_address_is_found_however_it_is_typed(typed: str) -> None:
    requested()
    email = a_patient().email
    wide = email.replace("a", "\uff41")  # what a Japanese keyboard may write

    ask(a_browser(), typed.format(email, upper=email.upper(), wide=wide))
    deliver()

    assert len(sent_to(email)) == 1


@pytest.mark.parametrize("typed", ["+1 (555) 010-{0:04}", "555-010-{0:04}", "555.010.{0:04}"])
def test_a_phone_is_found_however_it_is_typed(typed: str) -> None:
    requested()
    number = 2000 + next(_numbers)
    phone = a_patient(email="", phone=f"+1555010{number:04}").phone

    ask(a_browser(), typed.format(number))
    deliver()

    (text,) = sent_to(phone)
    assert text.channel == "sms"
    assert len(text.text) <= 160


def test_the_message_is_in_the_language_of_the_page() -> None:
    requested()
    email = a_patient().email

    ask(a_browser(language="es"), email)
    deliver()

    assert "enlace" in sent_to(email)[0].text


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "typed",
    ["", "   ", "ana", "ana@", "@example.org", "a b@example.org", "ana@example", "12", "+" * 20],
)
def test_what_is_no_address_is_refused_with_advice_at_the_field(typed: str, language: str) -> None:
    page = ask(a_browser(language=language), typed)

    assert page.status == 400
    assert 'aria-invalid="true"' in page.text
    assert f'lang="{language}"' in page.text
    assert requested() == []


@pytest.mark.parametrize(
    "typed",
    [
        "ana@example.org\r\nBcc: eve@example.org",
        "ana@example.org\nTo: eve@example.org",
        "ana@example.org, eve@example.org",
        "Ana <ana@example.org>",
        "ana@example.org\x00eve@example.org",
        "<script>alert(1)</script>@example.org",
    ],
)
def test_an_address_cannot_smuggle_a_header_a_second_recipient_or_a_script(typed: str) -> None:
    requested()

    page = ask(a_browser(), typed)

    assert "<script>alert" not in page.text
    assert not any("eve" in each["address"] for each in requested())
    assert "\n" not in "".join(page.headers.values())


def test_the_same_address_may_ask_five_times_a_quarter_of_an_hour() -> None:
    email = a_patient().email

    answers = [ask(a_browser(), email) for _ in range(6)]

    assert [each.status for each in answers] == [200] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 900
    assert "Too many tries" in answers[-1].text


def test_an_unknown_address_is_throttled_like_a_known_one() -> None:
    address = an_unknown_address()

    assert [ask(a_browser(), address).status for _ in range(6)] == [200] * 5 + [429]


def test_one_source_may_ask_for_sixty_addresses_a_quarter_of_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.sign_in.app.ASKS_PER_SOURCE", 2)
    browser = an_app()

    answers = [ask(browser, an_unknown_address()) for _ in range(3)]

    assert [each.status for each in answers] == [200, 200, 429]
    assert answers[-1].headers["content-type"] == "application/problem+json"
    assert int(answers[-1].headers["retry-after"]) > 0
    assert [row.why for row in nobodys_trail(browser)][-1] == "too-many:ask-source"


def test_forwarded_headers_do_not_give_a_source_fresh_tries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.sign_in.app.ASKS_PER_SOURCE", 1)
    browser = a_browser()
    kind = {"content-type": "application/x-www-form-urlencoded"}

    def from_elsewhere(number: int) -> int:
        told = {"x-forwarded-for": f"203.0.113.{number}", "forwarded": f"for=203.0.113.{number}"}
        body = f"address={an_unknown_address()}".encode()
        return browser.send("POST", "/sign-in", body, kind | told).status

    assert [from_elsewhere(number) for number in range(2)] == [200, 429]


def test_the_addresses_of_one_ipv6_network_are_one_source(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.sign_in.app.ASKS_PER_SOURCE", 1)
    network = f"2001:db8:{next(_numbers):x}"

    def asks_from(source: str) -> int:
        return ask(Client(source=source), an_unknown_address()).status

    assert asks_from(f"{network}::1") == 200
    assert asks_from(f"{network}::2") == 429
    assert asks_from(f"{network}:1::1") == 200


def test_asking_is_recorded_without_the_address() -> None:
    browser, email = a_browser(), a_patient().email

    ask(browser, email)

    (row,) = nobodys_trail(browser)
    assert (row.event, row.actor, row.outcome) == ("sign-in.asked", "nobody", "done")
    assert email not in str(row.attribute_values)


def test_a_link_cannot_be_asked_for_in_an_address_bar() -> None:
    """A link on a page, or a history, must not hold who asked."""
    requested()
    kind = {"content-type": "application/x-www-form-urlencoded"}

    page = a_browser().send("POST", f"/sign-in?address={a_patient().email}", b"", kind)

    assert page.status == 400
    assert requested() == []


def test_a_host_header_does_not_change_where_the_link_leads() -> None:
    requested()
    email = a_patient().email
    told = {
        "content-type": "application/x-www-form-urlencoded",
        "host": "evil.example.net",
        "x-forwarded-host": "evil.example.net",
        "x-forwarded-proto": "ftp",
    }

    page = a_browser().send("POST", "/sign-in", f"address={email}".encode(), told)
    deliver()

    assert "evil" not in page.text
    assert "evil" not in sent_to(email)[0].text
    assert "http://portal.localhost:4566/sign-in/" in sent_to(email)[0].text


def test_the_form_keeps_what_was_typed_escaped() -> None:
    page = ask(a_browser(), '"><b>ana')

    assert page.status == 400
    assert "<b>ana" not in page.text
    assert "&lt;b&gt;ana" in page.text


def test_asking_sets_a_cookie_that_lives_as_long_as_the_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with on_https(monkeypatch):
        browser = a_browser(origin="https://portal.example.org")
        ask(browser, an_unknown_address())

    assert re.fullmatch(r"[\w-]{22}", browser.cookies["__Host-browser"])


def test_only_hashes_of_what_binds_a_browser_reach_queue_and_table() -> None:
    requested()
    browser, email = a_browser(), a_patient().email
    ask(browser, email)

    (request,) = requested()
    deliver([request])

    secret = browser.cookies["browser"]
    assert secret not in str(request)
    assert all(secret not in str(row.attribute_values) for row in SessionRow.scan())
