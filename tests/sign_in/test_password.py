"""Signing in with a password, and what the answer must not tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher
from botocore.client import BaseClient
from pyotp import TOTP
from tests.builders import a_patient, a_phone, a_visitor
from tests.builders import an_app as an_authenticator
from tests.client import Client, Response
from tests.clock import held
from tests.settings.accounts import PAGE, a_number, events, reachable, told
from tests.visitors import a_browser, an_app, nobodys_trail, signed_in

from portal import devices, passwords, patients, user_accounts
from portal.methods import Confidence
from portal.patients import Patient
from portal.tables import SessionRow

pytestmark = pytest.mark.usefixtures("portal")

PATH = "/sign-in/password"
GOOD = "umbrella quartz fennel canoe"
WRONG = "walnut compass drizzle trombone"


def with_password(**facts: Any) -> Patient:
    patient = a_patient(**facts)
    user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
    passwords.keep(patient.patient_id, GOOD)
    return patient


def tried(address: str, password: str = WRONG, browser: Client | None = None) -> Response:
    return (browser or a_browser()).post(PATH, address=address, password=password)


@contextmanager
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What AWS is asked, and each password that is hashed, in order."""
    made: list[str] = []
    call, verify = BaseClient._make_api_call, passwords.is_hash_of  # type: ignore[attr-defined]

    def noted_call(self: Any, operation: str, arguments: Any) -> Any:
        made.append(operation)
        return call(self, operation, arguments)

    def noted_hash(kept: str, password: str) -> bool:
        made.append("argon2id")
        return verify(kept, password)

    with monkeypatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", noted_call)
        patch.setattr(passwords, "is_hash_of", noted_hash)
        yield made


# ---- the right one


def test_a_password_opens_a_session_and_leads_to_the_second_step() -> None:
    patient = with_password()
    secret = an_authenticator(patient)
    browser = a_browser()

    answer = tried(patient.email, GOOD, browser)

    assert (answer.status, answer.location) == (303, "/sign-in/step")
    assert browser.get("/results").status == 303, "a password alone shows nothing"
    code = TOTP(secret).now()
    assert browser.post("/sign-in/step/code", method="totp", code=code).status == 303
    assert browser.get("/results").status == 200
    assert "sign-in.signed-in" in events(patient)


def test_a_password_never_lifts_by_itself() -> None:
    """Also where nothing else is set up."""
    patient = with_password()
    browser = a_browser()
    tried(patient.email, GOOD, browser)

    for path in ("/results", PAGE):
        assert browser.get(path).location.startswith("/sign-in/step")
    assert browser.post(f"{PAGE}/password", password=WRONG).status == 403


def test_on_a_remembered_device_it_is_enough() -> None:
    patient = with_password()
    an_authenticator(patient)
    device = devices.remember(patient.patient_id, a_visitor())
    browser = a_browser(cookies={"device": device})

    answer = tried(patient.email, GOOD, browser)

    assert answer.location == "/"
    assert browser.get("/results").status == 200


def test_anothers_remembered_device_is_none() -> None:
    patient = with_password()
    an_authenticator(patient)
    device = devices.remember(a_patient().patient_id, a_visitor())

    answer = tried(patient.email, GOOD, a_browser(cookies={"device": device}))

    assert answer.location == "/sign-in/step"


def test_the_phone_is_an_address_too() -> None:
    patient = with_password(phone=a_number())

    assert tried(patient.phone, GOOD).status == 303
    assert tried(f"  {patient.email.upper()} ", GOOD).status == 303


def test_it_opens_a_new_session_and_ends_the_one_that_was_there() -> None:
    patient = with_password()
    browser = signed_in(a_patient())
    before = browser.cookies["session"]

    tried(patient.email, GOOD, browser)

    assert browser.cookies["session"] != before
    assert a_browser(cookies={"session": before}).get("/").status == 303


def test_the_app_signs_in_by_json() -> None:
    patient = with_password()
    app = an_app()

    assert tried(patient.email, WRONG, app).json["errors"].keys() == {"password"}
    assert tried(patient.email, GOOD, app).json == {"next": "/sign-in/step"}
    assert "session" in app.cookies


def test_an_older_hash_is_renewed_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()
    weaker = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
    with monkeypatch.context() as patch:
        patch.setattr(passwords, "HASHER", weaker)
        passwords.keep(patient.patient_id, GOOD)

    assert tried(patient.email, GOOD).status == 303

    kept = passwords.of(patient.patient_id)
    assert kept is not None
    assert "m=65536,t=3,p=4" in kept.hash
    assert kept.used_at > 0
    assert tried(patient.email, GOOD).status == 303


# ---- what it does not tell


def test_the_answer_is_the_same_for_a_wrong_password_and_for_nobody() -> None:
    known, without = with_password(), a_patient()
    retired = with_password()
    patients.rewrite(retired.model_copy(update={"is_deceased": True, "revision": 1}))
    nobody = "nobody.at.all@example.org"

    answers = {}
    for name, address, password in (
        ("known", known.email, WRONG), ("without", without.email, WRONG),
        ("dead", retired.email, GOOD), ("nobody", nobody, WRONG),
    ):  # fmt: skip
        answer = tried(address, password)
        text = answer.text.replace(address, "ADDRESS")
        answers[name] = (answer.status, sorted(answer.headers.items()), text)

    assert answers["known"][0] == 400
    assert "The address or the password is not right" in answers["known"][2]
    assert len({str(each) for each in answers.values()}) == 1


def test_each_refusal_makes_the_same_calls_whoever_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six times in a row: also at the fifth, of which the owner is told."""
    held(monkeypatch)
    known, without = with_password(), a_patient()
    family = with_password()
    a_patient(email=family.email)
    tried("warm@example.org")

    found: dict[str, list[list[str]]] = {}
    for address in (known.email, without.email, family.email, "nobody.timed@example.org"):
        browser = a_browser()
        for _ in range(6):
            with calls(monkeypatch) as made:
                assert tried(address, WRONG, browser).status == 400
            found.setdefault(address, []).append(made)

    assert found[known.email][0].count("argon2id") == 1
    assert len(found[known.email][4]) > len(found[known.email][0]), "the fifth is told"
    assert all(each == found[known.email] for each in found.values())


def test_too_many_tries_are_the_same_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    patient = with_password()

    for address in (patient.email, "nobody.throttled@example.org"):
        answers = [tried(address) for _ in range(11)]
        assert [each.status for each in answers] == [400] * 10 + [429]
        assert int(answers[-1].headers["retry-after"]) > 0
    assert tried(patient.email, GOOD).status == 429, "also with the right one"


def test_one_source_tries_sixty_times(monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    monkeypatch.setattr("functions.sign_in.password.TRIES_PER_SOURCE", 3)
    browser = a_browser()

    answers = [tried(f"n{n}@example.org", WRONG, browser).status for n in range(4)]

    assert answers == [400, 400, 400, 429]


def test_a_bad_address_is_said_before_anybody_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with calls(monkeypatch) as made:
        for address in ("", "nonsense", "a@b"):
            answer = tried(address)
            assert answer.status == 400
            assert 'id="address-error"' in answer.text
    assert made == []


def test_the_typed_password_does_not_come_back() -> None:
    page = tried(with_password().email, "my-secret-typed-password")

    assert "my-secret-typed-password" not in page.text


# ---- refusals


def test_a_wrong_one_is_recorded_for_its_owner() -> None:
    patient = with_password()

    tried(patient.email)

    assert "sign-in.refused" in events(patient, refused=True)


def test_a_try_on_nobody_is_recorded_too() -> None:
    browser = a_browser()

    tried("nobody.recorded@example.org", WRONG, browser)

    (row,) = nobodys_trail(browser)
    assert (row.event, row.outcome, row.why) == ("sign-in.refused", "refused", "wrong-password")


def test_five_wrong_ones_are_told_to_the_owner() -> None:
    patient = reachable()
    passwords.keep(patient.patient_id, GOOD)

    for _ in range(5):
        tried(patient.email)

    assert "sign-in.many-refusals" in events(patient)
    assert all("tried many times" in each for each in told(patient))


def test_a_hundred_wrong_ones_in_a_row_switch_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password only: a link or a passkey still open the account."""
    monkeypatch.setattr(passwords, "MOST_WRONG", 3)
    patient = with_password()
    a_phone(patient)
    for _ in range(3):
        tried(patient.email)

    assert tried(patient.email, GOOD).status == 400
    browser = signed_in(patient)
    browser.post(f"{PAGE}/factors/password/remove")
    assert browser.post(f"{PAGE}/password", password=GOOD).status == 303
    assert tried(patient.email, GOOD).status == 303


def test_a_right_one_begins_the_count_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MOST_WRONG", 3)
    patient = with_password()

    for _ in range(3):
        assert tried(patient.email).status == 400
        assert tried(patient.email).status == 400
        assert tried(patient.email, GOOD).status == 303


def test_nobodys_counters_end_by_themselves() -> None:
    tried("nobody.kept@example.org")

    rows = [row for row in SessionRow.scan() if row.pk.startswith(("guesses#", "refusals#"))]
    assert rows
    assert all(row.ends_at for row in rows)


def test_an_endless_password_is_not_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def noted(_kept: str, typed: str) -> bool:
        seen.append(len(typed))
        return False

    monkeypatch.setattr(passwords, "is_hash_of", noted)

    assert tried(with_password().email, "x" * 60_000).status == 400
    assert seen == [0]


# ---- addresses that are shared, given up or closed


def test_of_a_family_at_one_address_the_one_with_the_password_gets_in() -> None:
    address = f"family.{a_number()[2:]}@example.org"
    a_patient(email=address, given="Luis")
    mother = with_password(email=address)
    a_patient(email=address, given="Mia")
    browser = a_browser()

    tried(address, GOOD, browser)

    assert session_of(browser) == mother.patient_id


def test_of_a_family_only_one_has_a_password() -> None:
    mother = with_password()
    child = a_patient(email=mother.email, given="Mia")

    refused = signed_in(child).post(f"{PAGE}/password", password=WRONG)

    assert refused.status == 400
    assert "Somebody who shares your address" in refused.text
    assert passwords.of(child.patient_id) is None


def test_an_address_that_was_given_up_opens_nothing() -> None:
    patient = with_password()
    moved = patients.with_id(patient.patient_id)
    assert moved is not None
    patients.rewrite(moved.model_copy(update={"email": f"new.{patient.email}"}))

    assert tried(patient.email, GOOD).status == 400
    assert tried(f"new.{patient.email}", GOOD).status == 303


@pytest.mark.parametrize("closed", [{"is_deceased": True}, {"is_closed": True}])
def test_a_closed_account_opens_nothing(closed: dict[str, bool]) -> None:
    patient = with_password()
    found = patients.with_id(patient.patient_id)
    assert found is not None
    patients.rewrite(found.model_copy(update=closed))

    answer = tried(patient.email, GOOD)

    assert answer.status == 400
    assert "sign-in.signed-in" not in events(patient)


def test_a_form_of_another_site_signs_nobody_in() -> None:
    browser = replace(a_browser(), origin="https://evil.example.net")

    assert tried(with_password().email, GOOD, browser).status == 403
    assert browser.cookies == {}


def test_the_page_works_with_a_password_keeper() -> None:
    page = a_browser().get(PATH)

    assert page.status == 200
    for words in ('type="password"', 'autocomplete="current-password"', 'autocomplete="username"'):
        assert words in page.text
    assert "onpaste" not in page.text


def session_of(browser: Client) -> str:
    from portal import sessions

    session = sessions.live(browser.cookies["session"])
    return session.patient_id if session else ""
