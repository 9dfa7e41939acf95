"""Registering by oneself: the records decide, behind a queue, and the code goes to the contact on
file. Known and unknown get the same answer after the same work."""

import itertools
import json
import re
from typing import Any

import pytest
from tests.activate.openings import STEP, code_in, deliver, events, number, register, registered
from tests.builders import a_patient
from tests.client import Client, Response
from tests.clock import held
from tests.stores import queued, sent_to
from tests.visitors import a_browser, nobodys_trail
from tests.visitors import an_app as a_phone_app

from portal import reviews, sessions, user_accounts
from portal.methods import Confidence, Method
from portal.patients import Patient
from portal.secrets_kept import hashed
from portal.tables import CareRow, SessionRow

pytestmark = pytest.mark.usefixtures("portal")
_numbers = itertools.count(1)


def nobody() -> Patient:
    """Of whom the clinic has never heard."""
    count = next(_numbers)
    return Patient(
        patient_id="nobody",
        given="Eve",
        family="Nobody",
        birth_on="1970-01-01",
        email=f"eve{count}@example.org",
        identifiers=(("RIVERBEND", f"UNKNOWN{count}"),),
    )


def post_code(browser: Client, code: str) -> Response:
    return browser.post("/activate/register/code", code=code)


def opened_reviews(patient: Patient) -> list[str | None]:
    rows = CareRow.query(patient.patient_id, CareRow.sk.startswith("review#"))
    return [row.reason for row in rows if row.state == reviews.OPEN]


def test_the_whole_way_to_the_choice_of_a_second_step() -> None:
    patient = a_patient()
    browser, code = registered(patient)

    answer = post_code(browser, code)

    assert (answer.status, answer.location) == (303, STEP)
    assert 'href="/settings/security"' in browser.get(STEP).text
    assert user_accounts.of(patient.patient_id).confidence is Confidence.PROOFED
    assert events(patient)[:2] == ["activate.registration-code-sent", "activate.activated"]


@pytest.mark.parametrize("a_client", [a_browser, a_phone_app])
def test_a_known_and_an_unknown_person_get_the_same_answer(a_client: Any) -> None:
    def seen(person: Patient) -> tuple[object, ...]:
        client = a_client()
        asked = register(client, person)
        shape = {name: re.sub(r"[\w-]", "x", value) for name, value in client.cookies.items()}
        deliver()
        wrong = post_code(client, "000000x")
        return asked.status, asked.text, asked.headers, shape, wrong.status, wrong.text

    assert seen(a_patient()) == seen(nobody())


def test_known_and_unknown_take_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call to a store or queue, in order, while the person waits."""
    from botocore.client import BaseClient

    calls: list[str] = []
    really = BaseClient._make_api_call  # type: ignore[attr-defined]

    def noted(self: Any, operation: str, request: Any) -> Any:
        calls.append(operation)
        return really(self, operation, request)

    def work(person: Patient) -> list[str]:
        browser = a_browser()
        register(browser, person)
        calls.clear()
        register(browser, person)
        asked = list(calls)
        deliver()
        calls.clear()
        post_code(browser, "no code")
        return [*asked, "-", *calls]

    monkeypatch.setattr(BaseClient, "_make_api_call", noted)

    known = work(a_patient())
    assert known == work(nobody())
    assert "SendMessage" in known


def test_registering_looks_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def looked_up(*_: object) -> None:
        raise AssertionError("looked up")

    monkeypatch.setattr("portal.patient_search.with_number", looked_up)
    monkeypatch.setattr("portal.patients.with_id", looked_up)

    assert register(a_browser(), a_patient()).status == 200


def test_what_was_typed_travels_sealed() -> None:
    queued("SignInRequests")
    patient = a_patient(given="Xiomara")

    register(a_browser(), patient)

    (request,) = queued("SignInRequests")
    assert request.keys() == {"kind", "sealed", "browser", "language", "request_id"}
    text = json.dumps(request)
    for secret in (patient.given, patient.family, patient.email, number(patient)):
        assert secret not in text


def test_nobody_is_sent_anything_at_the_address_that_was_typed() -> None:
    patient = a_patient()
    typed = f"thief{next(_numbers)}@example.org"

    registered(patient, address=typed)

    assert sent_to(typed) == []
    assert len(sent_to(patient.email)) == 1


def test_a_phone_on_file_is_preferred_and_the_one_that_was_typed_even_more() -> None:
    count = next(_numbers)
    patient = a_patient(phone=f"+1555018{count:04}")

    registered(patient, address=f"elsewhere{count}@example.org")
    assert [len(sent_to(each)) for each in patient.contacts] == [0, 1]

    queued("SignInRequests")
    register(a_browser(), patient, address=patient.email.upper())
    deliver()
    assert [len(sent_to(each)) for each in patient.contacts] == [1, 1]


def test_a_code_by_text_message_is_one_way_with_another_to_the_same_phone() -> None:
    patient = a_patient(email="", phone=f"+1555019{next(_numbers):04}")
    browser, code = registered(patient)

    post_code(browser, code)

    session = sessions.live(browser.cookies["session"])
    assert session is not None
    assert session.methods == {Method.PHONE_LINK}


@pytest.mark.parametrize(
    "other",
    [
        {"given": "Eve"},
        {"family": "Stranger"},
        {"born_on": "1980-02-04"},
        {"identifier": "T0"},
    ],
    ids=lambda each: next(iter(each)),
)
def test_one_thing_that_differs_sends_nothing(other: dict[str, str]) -> None:
    queued("SignInRequests")
    patient = a_patient()

    assert register(a_browser(), patient, **other).status == 200
    deliver()

    assert sent_to(patient.email) == []
    assert opened_reviews(patient) == []


@pytest.mark.parametrize(
    ("given", "family", "typed"),
    [
        ("María José", "Hernández Peña", {"given": "MARIA", "family": "hernandez"}),
        ("Siobhán", "O'Neil", {"given": "siobhan", "family": "ONeil"}),
        ("Anne-Marie", "Smith-Jones", {"given": "anne marie", "family": "Jones"}),
    ],
)
def test_a_name_is_known_however_it_is_spelled(
    given: str, family: str, typed: dict[str, str]
) -> None:
    patient = a_patient(given=given, family=family)

    registered(patient, **typed)

    assert len(sent_to(patient.email)) == 1


def test_the_number_is_known_however_it_is_typed() -> None:
    patient = a_patient()

    registered(patient, identifier=f"  {number(patient).lower()} ")

    assert len(sent_to(patient.email)) == 1


def test_two_patients_with_one_number_of_two_authorities_are_told_apart() -> None:
    shared = f"S{next(_numbers):05}"
    one = a_patient(given="Ana", identifiers=(("NORTH", shared), ("SOUTH", shared)))
    other = a_patient(given="Ben", identifiers=(("EAST", shared),))

    registered(other)

    assert sent_to(one.email) == []
    assert len(sent_to(other.email)) == 1


def test_a_match_without_a_contact_is_put_before_staff_once_a_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queued("SignInRequests")
    clock = held(monkeypatch)
    patient = a_patient(email="")

    def ask() -> int:
        assert register(a_browser(), patient).status == 200
        deliver()
        return len(opened_reviews(patient))

    assert [ask(), ask()] == [1, 1]
    clock.advance(hours=25)
    assert ask() == 2
    assert set(opened_reviews(patient)) == {"activate.registration-unreachable"}


def test_everybody_is_told_in_the_same_words_to_come_to_the_desk() -> None:
    page = register(a_browser(), nobody())

    assert "come to the front desk" in page.text
    assert "photo ID" in page.text


@pytest.mark.parametrize("field", ["given", "family", "born_on", "identifier", "address"])
def test_what_is_missing_is_asked_for_at_its_field(field: str) -> None:
    queued("SignInRequests")

    page = register(a_browser(), a_patient(given="Xiomara"), **{field: " "})

    assert page.status == 400
    assert f'id="{field}-error"' in page.text
    assert page.text.count('-error"><svg') == 1
    assert queued("SignInRequests") == []


def test_a_code_works_once() -> None:
    browser, code = registered(a_patient())
    bound = dict(browser.cookies)

    assert post_code(browser, code).status == 303
    assert post_code(a_browser(cookies=bound), code).status == 400


def test_a_code_lives_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    in_time, late = registered(a_patient()), registered(a_patient())

    clock.advance(minutes=9, seconds=58)
    assert post_code(*in_time).status == 303

    clock.advance(seconds=3)
    assert post_code(*late).status == 400


def test_a_code_works_in_the_browser_that_asked_and_in_no_other() -> None:
    browser, code = registered(a_patient())

    assert post_code(a_browser(), code).status == 400
    assert post_code(browser, code).status == 303


def test_the_fifth_wrong_code_is_the_last() -> None:
    browser, code = registered(a_patient())
    bound = dict(browser.cookies)

    for _ in range(5):
        assert post_code(a_browser(cookies=bound), "000000").status == 400

    assert post_code(browser, code).status == 400


def test_tries_before_the_code_has_come_count_for_nothing() -> None:
    queued("SignInRequests")
    patient, browser = a_patient(), a_browser()
    register(browser, patient)
    assert [post_code(browser, "123456").status for _ in range(6)] == [400] * 6

    deliver()

    assert post_code(browser, code_in(sent_to(patient.email)[-1].text)).status == 303


def test_the_table_knows_code_and_browser_only_as_hashes() -> None:
    browser, code = registered(a_patient())
    secret = browser.cookies["browser"]

    rows = [row for row in SessionRow.scan() if row.pk.startswith("registration#")]

    assert rows
    assert all(secret not in str(row.attribute_values) for row in rows)
    assert not {code, hashed(code)} & {row.code for row in rows}, "six digits can be looked up"


def test_the_same_number_may_be_tried_five_times_a_quarter_of_an_hour() -> None:
    patient = a_patient()

    answers = [register(a_browser(), patient) for _ in range(6)]

    assert [each.status for each in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_an_unknown_number_is_throttled_like_a_known_one() -> None:
    person = nobody()

    assert [register(a_browser(), person).status for _ in range(6)] == [200] * 5 + [429]


def test_one_source_may_register_twenty_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.activate.register.ASKS_PER_SOURCE", 2)
    browser = a_browser()

    assert [register(browser, nobody()).status for _ in range(3)] == [200, 200, 429]
    assert nobodys_trail(browser)[-1].why == "too-many:register-source"


def test_codes_are_throttled_by_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.activate.register.CODES_PER_SOURCE", 2)
    browser = a_browser()

    assert [post_code(browser, "000000").status for _ in range(3)] == [400, 400, 429]


def test_asking_is_recorded_without_what_was_typed() -> None:
    browser, person = a_browser(), nobody()

    register(browser, person)

    (row,) = nobodys_trail(browser)
    assert (row.event, row.outcome) == ("activate.registration-asked", "done")
    assert person.email not in str(row.attribute_values)
    assert number(person) not in str(row.attribute_values)


def test_a_request_delivered_twice_leaves_one_code_that_opens() -> None:
    queued("SignInRequests")
    patient, browser = a_patient(), a_browser()
    register(browser, patient)
    requests = queued("SignInRequests")

    deliver(requests)
    first = code_in(sent_to(patient.email)[-1].text)
    deliver(requests)
    mails = [code_in(each.text) for each in sent_to(patient.email)]

    second = next(each for each in mails if each != first)
    assert post_code(browser, first).status == 400
    assert post_code(browser, second).status == 303


def test_knowing_the_account_is_active_changes_nothing_a_stranger_sees() -> None:
    active, fresh = a_patient(), a_patient()
    browser, code = registered(active)
    post_code(browser, code)

    one, other = register(a_browser(), active), register(a_browser(), fresh)

    assert one.text == other.text
