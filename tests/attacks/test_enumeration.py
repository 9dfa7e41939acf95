"""Who is a patient here? Neither body, status, header, cookie nor work tells.

Work is what AWS is asked, call by call: a clock would tell only on some days.
"""

import hashlib
import re
from collections.abc import Callable

import pytest
from tests.activate import openings
from tests.attacks.scenes import CODE, a_sent_link, by_link, known, post_json
from tests.attacks.wire import Call, forget, noted
from tests.authenticator import SIGN_IN, Authenticator, a_passkey, options_for, sent
from tests.builders import a_patient, an_app
from tests.client import Client, Response
from tests.clock import held
from tests.stores import queued
from tests.visitors import a_browser

from portal import desk, passwords, typed_codes
from portal.moments import fresh_id
from portal.patients import Patient

type Act = Callable[[Client], Response]
REAL = passwords.HASHER, passwords.NOBODYS
RIGHT, WRONG = "correct horse battery staple", "not the right password"


def unknown_address() -> str:
    return f"nobody-{fresh_id()[:8]}@example.org"


def seen(act: Act, *hidden: str, accept: str = "text/html") -> tuple[object, ...]:
    """All that a stranger can compare, and what it cost. `hidden` was typed by them."""
    browser = a_browser(accept=accept)
    forget()
    with noted() as calls:
        answer = act(browser)
    text = answer.text
    for each in hidden:
        text = text.replace(each, "*")
    shapes = {name: re.sub(r"[\w-]", "x", value) for name, value in browser.cookies.items()}
    return answer.status, sorted(answer.headers.items()), text, shapes, work(calls)


def work(calls: list[Call]) -> list[tuple[str, list[str], int]]:
    told = [each for each in calls if each.operation != "DescribeTable"]
    return [(each.operation, sorted(each.where), each.parts) for each in told]


def noting(seen_so_far: list[str], what: str) -> bool:
    seen_so_far.append(what)
    return True


def ask(address: str) -> Act:
    return lambda browser: browser.post("/sign-in", address=address)


def type_password(address: str, password: str = WRONG) -> Act:
    return lambda browser: browser.post("/sign-in/password", address=address, password=password)


def with_password() -> Patient:
    patient = known()
    passwords.keep(patient.patient_id, RIGHT)
    return patient


def a_closed_patient() -> Patient:
    patient = with_password()
    desk.close(patient.patient_id, made_by="staff")
    return patient


KINDS: dict[str, Callable[[], Patient]] = {
    "a patient": known,
    "who never signed in": a_patient,
    "with a password": with_password,
    "whose account is closed": a_closed_patient,
}


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("kind", KINDS)
def test_asking_for_a_link_does_not_tell(kind: str, accept: str) -> None:
    email, nobody = KINDS[kind]().email, unknown_address()

    assert seen(ask(email), email, accept=accept) == seen(ask(nobody), nobody, accept=accept)


def test_asking_by_phone_does_not_tell() -> None:
    phone, nobody = "+15555550121", "+15555550122"
    a_patient(phone=phone)

    assert seen(ask(phone), phone) == seen(ask(nobody), nobody)


def test_an_address_that_two_share_does_not_tell() -> None:
    shared, nobody = unknown_address(), unknown_address()
    for given in ("Ana", "Ben"):
        a_patient(email=shared, given=given)

    assert seen(ask(shared), shared) == seen(ask(nobody), nobody)


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_password_does_not_tell(kind: str, accept: str) -> None:
    email, nobody = KINDS[kind]().email, unknown_address()

    one = seen(type_password(email), email, accept=accept)
    other = seen(type_password(nobody), nobody, accept=accept)

    assert one == other
    assert one[0] == 400


def test_the_right_password_of_a_closed_account_does_not_tell() -> None:
    email, nobody = a_closed_patient().email, unknown_address()

    assert (
        seen(type_password(email, RIGHT), email)[:4]
        == seen(type_password(nobody, RIGHT), nobody)[:4]
    )


def test_the_fifth_wrong_password_costs_the_same_for_nobody() -> None:
    """It is told to the owner, with writes of its own."""
    email, nobody = with_password().email, unknown_address()
    for _ in range(4):
        for address in (email, nobody):
            type_password(address)(a_browser())

    one, other = seen(type_password(email), email), seen(type_password(nobody), nobody)

    assert one[:4] == other[:4]
    assert len(one[4]) == len(other[4])  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, 1, 200, 600])
def test_a_password_of_any_length_does_not_tell(size: int) -> None:
    email, nobody, password = with_password().email, unknown_address(), "x" * size

    assert seen(type_password(email, password), email) == seen(
        type_password(nobody, password), nobody
    )


def test_a_password_is_hashed_once_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow part, as slow as it is in the product."""
    monkeypatch.setattr(passwords, "HASHER", REAL[0])
    monkeypatch.setattr(passwords, "NOBODYS", REAL[1])
    hashes: list[str] = []
    check = passwords.is_hash_of
    monkeypatch.setattr(
        passwords, "is_hash_of", lambda kept, typed: noting(hashes, kept) and check(kept, typed)
    )

    for address in (with_password().email, a_patient().email, unknown_address()):
        type_password(address)(a_browser())

    assert len(hashes) == 3
    settings = [each.rsplit("$", 2)[0] for each in hashes]
    assert len(set(settings)) == 1, "of the same cost"


def test_a_guessed_link_does_not_tell_whether_there_is_one() -> None:
    _, link = a_sent_link(known())
    guessed = "A" * 22

    one = seen(lambda browser: browser.get(f"/sign-in/{link.token}"), link.token)
    other = seen(lambda browser: browser.get(f"/sign-in/{guessed}"), guessed)

    assert one == other


def test_a_guessed_activation_link_looks_like_one_whose_card_was_seen() -> None:
    made = openings.given(a_patient())
    guessed = "A" * 22

    one = seen(lambda browser: browser.get(f"/activate/{made.token}"), made.token)
    other = seen(lambda browser: browser.get(f"/activate/{guessed}"), guessed)

    assert one[:4] == other[:4]


def typed(code: str, born_on: str) -> Act:
    return lambda browser: browser.post("/activate", code=code, born_on=born_on)


def test_an_activation_code_with_the_wrong_birth_date_looks_like_no_code_at_all() -> None:
    made = openings.given(a_patient())
    nobodys = typed_codes.new()

    one = seen(typed(made.code, "1970-01-01"), made.code)
    other = seen(typed(nobodys, "1970-01-01"), nobodys)

    assert one[:4] == other[:4]


def test_an_activation_code_is_stretched_once_whether_it_exists_or_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, count = openings.given(a_patient()), list[str]()
    stretch = hashlib.scrypt
    monkeypatch.setattr(
        typed_codes, "scrypt", lambda *parts, **cost: noting(count, "") and stretch(*parts, **cost)
    )

    for code in (made.code, made.code[:6] + "00000-00000", typed_codes.new()):
        typed(code, "1970-01-01")(a_browser())

    assert len(count) == 3


def register(patient: Patient, **other: str) -> Act:
    return lambda browser: openings.register(browser, patient, **other)


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_registering_does_not_tell_who_is_a_patient(accept: str) -> None:
    patient = a_patient()
    typed_by_others = [
        {},
        {"identifier": f"N{fresh_id()[:6]}"},
        {"born_on": "1971-01-01"},
        {"family": "Nobody"},
        {"address": unknown_address()},
    ]

    answers = [seen(register(patient, **each), accept=accept) for each in typed_by_others]

    assert all(each == answers[0] for each in answers)
    assert answers[0][0] == 200


def test_a_wrong_code_after_registering_does_not_tell() -> None:
    queued("SignInRequests")
    patient = a_patient()
    real, _ = openings.registered(patient)
    nobody = a_browser()
    openings.register(nobody, patient, identifier="N0")
    openings.deliver()

    answers = []
    for browser in (real, nobody):
        answer = browser.post("/activate/register/code", code="00000x")
        answers.append((answer.status, sorted(answer.headers.items()), answer.text))

    assert answers[0] == answers[1]


def test_the_question_for_a_passkey_names_no_passkey_and_no_person() -> None:
    patient = known()
    a_passkey(patient)
    shapes = []
    for client in (
        a_browser(accept="application/json"),
        by_link(patient, accept="application/json"),
    ):
        options = options_for(client, SIGN_IN)
        shapes.append({**options, "challenge": len(options["challenge"])})

    assert shapes[0] == shapes[1]
    assert not shapes[0].get("allowCredentials")


def test_a_passkey_signed_by_somebody_else_looks_like_no_passkey() -> None:
    real = a_passkey(known())
    app = a_browser(accept="application/json")

    def forged(credential_id: bytes, handle: str) -> Act:
        false = Authenticator(credential_id=credential_id, handle=handle)
        return lambda browser: sent(browser, SIGN_IN, false.assertion(options_for(app, SIGN_IN)))

    one = seen(forged(real.credential_id, real.handle), accept="application/json")
    other = seen(forged(b"0" * 32, real.handle), accept="application/json")
    third = seen(forged(real.credential_id, "AA"), accept="application/json")

    assert one[:4] == other[:4] == third[:4]


@pytest.mark.parametrize("method", ["totp", "recovery-code", "sms-code"])
def test_the_answer_to_a_wrong_code_does_not_tell_which_factors_there_are(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page before says it to whoever holds a link; the answer adds nothing."""
    held(monkeypatch)
    with_one, without = known(), known()
    an_app(with_one)
    body = {"method": method, "code": "00000x"}

    texts = [
        post_json(by_link(each, accept="application/json"), CODE, body).text
        for each in (with_one, without)
    ]

    assert texts[0] == texts[1]


def test_a_throttled_address_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    monkeypatch.setattr("functions.sign_in.app.ASKS_PER_ADDRESS", 1)
    email, nobody = known().email, unknown_address()
    for address in (email, nobody):
        ask(address)(a_browser())

    one, other = seen(ask(email), email), seen(ask(nobody), nobody)

    assert one == other
    assert one[0] == 429


def test_what_is_queued_for_a_link_has_the_same_shape_for_all() -> None:
    queued("SignInRequests")
    for address in (known().email, unknown_address()):
        ask(address)(a_browser())

    shapes = [
        sorted((name, type(value)) for name, value in each.items())
        for each in queued("SignInRequests")
    ]

    assert len(shapes) == 2
    assert shapes[0] == shapes[1]


def test_neither_404_tells_a_hidden_page_from_a_missing_one() -> None:
    thief = a_browser(accept="application/json")

    texts = {thief.get(path).text for path in ("/admin", "/.git/config", "/settings/nothing")}

    assert len(texts) == 1
