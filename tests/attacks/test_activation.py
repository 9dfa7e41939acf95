"""Attacks on opening an account: stolen letters, guessed codes, other people's answers."""

from datetime import date

import pytest
from tests.activate import openings
from tests.attacks.scenes import events, inside, is_out, known, post_json, sees_no_chart
from tests.builders import a_patient, an_app
from tests.client import Client
from tests.clock import held
from tests.stores import sent_to
from tests.visitors import a_browser

from portal import activations, desk, devices, sessions, user_accounts
from portal.access import Visitor
from portal.activations import Kind
from portal.methods import Confidence
from portal.patients import Patient
from portal.secrets_kept import hashed
from portal.tables import SessionRow


def by_code(code: str, born_on: str) -> tuple[int, Client]:
    browser = a_browser()
    return browser.post("/activate", code=code, born_on=born_on).status, browser


def by_link(token: str, **fields: str) -> tuple[int, Client]:
    browser = a_browser()
    return browser.post(f"/activate/{token}", **fields).status, browser


def test_a_stolen_letter_without_the_birth_date_opens_nothing() -> None:
    made = openings.given(a_patient(), Kind.LETTER)

    for born_on in ("1980-02-04", "1970-01-01", "", "0000-00-00", "80-02-03"):
        status, thief = by_link(made.token, born_on=born_on)
        assert status == 400
        assert thief.cookies == {}


def test_a_stolen_letter_with_the_birth_date_alone_shows_no_chart() -> None:
    """A relative knows it. Without the record number there is little to see."""
    patient = a_patient()
    made = openings.given(patient, Kind.LETTER)

    status, thief = by_link(made.token, born_on=openings.born(patient))

    assert status == 303
    assert user_accounts.of(patient.patient_id).confidence < Confidence.PROOFED
    assert sees_no_chart(thief)
    assert thief.post("/settings/security/totp").status == 403


def test_a_code_of_one_patient_does_not_open_with_anothers_birth_date() -> None:
    victim, thief = a_patient(), a_patient(birth_on=date(1975, 1, 1))
    made = openings.given(victim)

    assert by_code(made.code, openings.born(thief))[0] == 400


def test_the_first_group_of_one_code_does_not_lend_itself_to_the_rest_of_another() -> None:
    victim, thief = a_patient(), a_patient()
    theirs, own = openings.given(victim), openings.given(thief)
    mixed = theirs.code[:5] + own.code[5:]

    assert by_code(mixed, openings.born(victim))[0] == 400


@pytest.mark.parametrize(
    "bend",
    [lambda c: c[:5], lambda c: c[6:], lambda c: c[:-1], lambda c: c + "0", lambda c: c[::-1],
     lambda c: c[:5] + "-*****-*****", lambda c: hashed(c)],
)  # fmt: skip
def test_a_part_of_a_code_is_no_code(bend: object) -> None:
    patient = a_patient()
    code = openings.given(patient).code

    assert by_code(bend(code), openings.born(patient))[0] == 400  # type: ignore[operator]


def test_five_wrong_birth_dates_burn_link_and_code_together() -> None:
    patient = a_patient()
    made = openings.given(patient)
    for day in range(1, 6):
        wrong = f"1971-01-0{day}"
        way = by_code(made.code, wrong) if day % 2 else by_link(made.token, born_on=wrong)
        assert way[0] == 400

    assert by_code(made.code, openings.born(patient))[0] == 400
    assert by_link(made.token, born_on=openings.born(patient))[0] == 401


def test_a_used_code_opens_nothing_by_its_link_either() -> None:
    patient = a_patient()
    made = openings.given(patient)
    assert openings.type_code(a_browser(), made, patient).status == 303

    assert by_link(made.token, born_on=openings.born(patient))[0] == 401
    assert by_code(made.code, openings.born(patient))[0] == 400


def test_the_older_of_two_letters_opens_nothing() -> None:
    patient = a_patient()
    older = openings.given(patient, Kind.LETTER)
    openings.given(patient, Kind.DESK)

    assert by_code(older.code, openings.born(patient))[0] == 400
    assert by_link(older.token, born_on=openings.born(patient))[0] == 401


@pytest.mark.parametrize("kind", list(Kind))
def test_a_code_is_dead_when_its_time_is_over(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    made = openings.given(patient, kind)

    clock.moment = made.ends_at

    assert by_code(made.code, openings.born(patient))[0] == 400
    assert by_link(made.token, born_on=openings.born(patient))[0] == 401


@pytest.mark.parametrize("how", ["withdrawn", "closed", "reopened"])
def test_a_code_that_staff_took_back_opens_nothing(how: str) -> None:
    patient = a_patient()
    made = openings.given(patient)
    if how == "withdrawn":
        activations.withdraw(patient.patient_id)
    else:
        desk.close(patient.patient_id, made_by="staff")
    if how == "reopened":
        desk.reopen(patient.patient_id, made_by="staff")

    assert by_code(made.code, openings.born(patient))[0] == 400


def test_looking_at_a_link_spends_nothing_and_says_no_name() -> None:
    patient = a_patient(given="Zebulon", family="Quillfeather")
    made = openings.given(patient)

    page = a_browser().get(f"/activate/{made.token}?born_on={openings.born(patient)}")

    assert "Zebulon" not in page.text
    assert "Quillfeather" not in page.text
    assert openings.open_link(a_browser(), made, patient).status == 303


def test_another_site_cannot_open_an_account_in_a_victims_browser() -> None:
    patient = a_patient()
    made = openings.given(patient)
    victim = inside(known(), origin="https://evil.example")
    before = dict(victim.cookies)

    assert openings.open_link(victim, made, patient).status == 403
    assert victim.cookies == before
    assert openings.open_link(a_browser(), made, patient).status == 303


def test_opening_an_account_throws_out_whoever_was_in_and_tells_the_owner() -> None:
    patient = known()
    thief = inside(patient)
    device = devices.remember(patient.patient_id, Visitor("r", "s", "en"))
    made = openings.given(patient)

    openings.open_link(a_browser(), made, patient)

    assert is_out(thief)
    assert not devices.is_remembered(patient.patient_id, device)
    assert any(each.startswith("activate.") or "account" in each for each in events(patient))


def test_a_stolen_code_does_not_get_around_the_owners_second_factor() -> None:
    patient = known()
    an_app(patient)
    made = openings.given(patient)
    thief = a_browser()

    assert openings.open_link(thief, made, patient).status == 303

    assert sees_no_chart(thief)
    assert thief.post("/settings/security/totp").status == 403


def test_a_planted_cookie_is_not_the_session_that_is_opened() -> None:
    patient = a_patient()
    planted = "p" * 43
    browser = a_browser(cookies={"session": planted})

    openings.open_link(browser, openings.given(patient), patient)

    assert browser.cookies["session"] != planted
    assert sessions.live(planted) is None


def test_an_activation_token_is_no_sign_in_link_and_no_cookie() -> None:
    made = openings.given(a_patient())

    assert a_browser().post(f"/sign-in/{made.token}").status == 401
    assert is_out(a_browser(cookies={"session": made.token}))


def test_the_table_holds_neither_token_nor_code() -> None:
    made = openings.given(a_patient())
    rows = str([row.attribute_values for row in SessionRow.scan()])

    assert made.token not in rows
    assert made.code not in rows
    assert made.code[6:] not in rows


@pytest.mark.parametrize("value", [None, True, 19800203, ["1980-02-03"], {"$ne": 1}], ids=repr)
def test_a_birth_date_of_another_type_is_refused(value: object) -> None:
    made = openings.given(a_patient())
    app = a_browser(accept="application/json")

    assert post_json(app, f"/activate/{made.token}", {"born_on": value}).status == 400
    assert app.cookies == {}


def register_as(patient: Patient, **other: str) -> Client:
    browser = a_browser()
    openings.register(browser, patient, **other)
    openings.deliver()
    return browser


def test_the_code_of_a_registration_never_goes_to_the_typed_address() -> None:
    """Somebody who knows name, birth date and number, and wants the code for themselves."""
    patient = a_patient()

    register_as(patient, address="thief@example.net")

    assert sent_to("thief@example.net") == []
    assert len(sent_to(patient.email)) == 1


@pytest.mark.parametrize(
    "wrong", [{"born_on": "1980-02-04"}, {"family": "Rivers"}, {"identifier": "T0"}]
)
def test_a_registration_that_is_nearly_right_sends_no_code(wrong: dict[str, str]) -> None:
    patient = a_patient()

    register_as(patient, **wrong)

    assert sent_to(patient.email) == []


def test_a_registrations_code_is_worthless_in_another_browser() -> None:
    _, code = openings.registered(a_patient())

    for thief in (a_browser(), a_browser(cookies={"browser": "b" * 22})):
        assert thief.post("/activate/register/code", code=code).status == 400
        assert "session" not in thief.cookies


def test_a_registrations_code_is_worthless_in_the_browser_of_another_registration() -> None:
    thief, own = openings.registered(a_patient())
    _, victims = openings.registered(a_patient())

    if own != victims:
        assert thief.post("/activate/register/code", code=victims).status == 400


def test_five_wrong_codes_burn_a_registration() -> None:
    browser, code = openings.registered(a_patient())
    for _ in range(5):
        assert browser.post("/activate/register/code", code="00000x").status == 400

    assert browser.post("/activate/register/code", code=code).status == 400


def test_a_registrations_code_is_spent_once() -> None:
    browser, code = openings.registered(a_patient())
    bound = dict(browser.cookies)
    assert browser.post("/activate/register/code", code=code).status == 303

    assert a_browser(cookies=bound).post("/activate/register/code", code=code).status == 400


def test_a_registrations_code_is_old_after_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    browser, code = openings.registered(a_patient())

    clock.advance(seconds=600)

    assert browser.post("/activate/register/code", code=code).status == 400


def test_a_registration_of_an_account_closed_meanwhile_opens_nothing() -> None:
    patient = a_patient()
    browser, code = openings.registered(patient)
    desk.close(patient.patient_id, made_by="staff")

    assert browser.post("/activate/register/code", code=code).status == 400


def test_registering_does_not_get_around_the_owners_second_factor() -> None:
    patient = known()
    an_app(patient)
    browser, code = openings.registered(patient)

    assert browser.post("/activate/register/code", code=code).status == 303

    assert sees_no_chart(browser)
    assert browser.post("/settings/security/totp").status == 403
