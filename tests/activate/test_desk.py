"""A link or code from the desk, for somebody whose identity card was seen."""

import re

import pytest
from tests.activate.openings import (
    STAFF,
    STEP,
    born,
    events,
    given,
    open_link,
    type_code,
)
from tests.builders import a_message, a_patient, an_app, released
from tests.clock import held
from tests.visitors import a_browser
from tests.visitors import an_app as a_phone_app

from portal import activations, audit, typed_codes, user_accounts
from portal.activations import Kind
from portal.methods import Confidence
from portal.secrets_kept import hashed
from portal.tables import CareRow, SessionRow

pytestmark = pytest.mark.usefixtures("portal")


def test_the_whole_way_from_the_desk_to_the_choice_of_a_second_step() -> None:
    patient, browser = a_patient(), a_browser()
    made = given(patient)

    page = browser.get(f"/activate/{made.token}")
    answer = open_link(browser, made, patient)
    step = browser.get(STEP)

    assert 'name="born_on"' in page.text
    assert 'name="identifier"' not in page.text, "the card was seen"
    assert (answer.status, answer.location) == (303, STEP)
    assert 'href="/settings/security"' in step.text, "a first factor can be set up at once"
    assert user_accounts.of(patient.patient_id).confidence is Confidence.PROOFED


def test_the_code_is_typed_by_those_who_have_no_camera() -> None:
    patient, browser = a_patient(), a_browser()
    made = given(patient)

    page = browser.get("/activate")
    answer = type_code(browser, made, patient)

    assert 'name="code"' in page.text
    assert (answer.status, answer.location) == (303, STEP)
    assert browser.get(STEP).status == 200


@pytest.mark.parametrize("between", [" ", "", " - "])
def test_a_code_is_understood_however_it_is_typed(between: str) -> None:
    patient, browser = a_patient(), a_browser()
    code = given(patient).code.lower().replace("-", between)

    assert browser.post("/activate", code=code, born_on=born(patient)).status == 303


def test_letters_that_look_like_digits_are_meant_as_those() -> None:
    assert typed_codes.bare("o0-iI lL1") == "0011111"
    assert not set("ILOU") & set(typed_codes.ALPHABET)


def test_an_activation_is_128_random_bits_and_a_code_of_75() -> None:
    many = [given(a_patient()) for _ in range(3)]

    assert all(re.fullmatch(r"[\w-]{22}", each.token) for each in many)
    group = "[0-9A-HJKMNP-TV-Z]{5}"
    assert all(re.fullmatch(f"{group}-{group}-{group}", each.code) for each in many)
    assert len({each.token for each in many} | {each.code for each in many}) == 6


def test_the_table_keeps_neither_the_link_nor_the_code() -> None:
    patient = a_patient()
    made = given(patient)

    rows = [str(row.attribute_values) for row in SessionRow.scan()]
    proof = typed_codes.bare(made.code)[typed_codes.GROUP :]

    assert not any(made.token in row or made.code in row or proof in row for row in rows)
    row = SessionRow.get(user_accounts.pk(patient.patient_id), "activation")
    assert hashed(proof) not in (row.code or ""), "50 bits need a slow hash with a salt"
    assert typed_codes.kept(made.code) != typed_codes.kept(made.code)


def test_neither_shows_when_an_activation_is_printed() -> None:
    made = given(a_patient())

    assert made.token not in repr(made)
    assert made.code not in repr(made)


@pytest.mark.parametrize(
    ("kind", "minutes"),
    [
        (Kind.DESK, 30),
        (Kind.PAPER, 14 * 24 * 60),
        (Kind.LETTER, 14 * 24 * 60),
        (Kind.INVITATION, 7 * 24 * 60),
    ],
)
def test_each_kind_has_a_life_of_its_own(
    kind: Kind, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = held(monkeypatch)
    early, late = a_patient(), a_patient()
    in_time, too_late = given(early, kind), given(late, kind)

    clock.advance(minutes=minutes, seconds=-5)
    assert open_link(a_browser(), in_time, early).status == 303

    clock.advance(seconds=10)
    assert open_link(a_browser(), too_late, late).status == 401
    assert type_code(a_browser(), too_late, late).status == 400


def test_only_the_newest_opens() -> None:
    patient = a_patient()
    older, newer = given(patient), given(patient)

    assert open_link(a_browser(), older, patient).status == 401
    assert type_code(a_browser(), older, patient).status == 400
    assert open_link(a_browser(), newer, patient).status == 303


def test_one_that_was_withdrawn_opens_nothing() -> None:
    patient = a_patient()
    made = given(patient)

    activations.withdraw(patient.patient_id)

    assert open_link(a_browser(), made, patient).status == 401


@pytest.mark.parametrize("typed", ["", "soon", "1980-13-41", "03.02.1980"])
def test_a_date_that_is_none_is_refused_with_advice_and_costs_no_try(typed: str) -> None:
    patient = a_patient()
    made = given(patient)

    for _ in range(6):
        page = a_browser().post(f"/activate/{made.token}", born_on=typed)
        assert page.status == 400
        assert 'id="born_on-error"' in page.text

    assert open_link(a_browser(), made, patient).status == 303


def test_five_wrong_birth_dates_are_the_end_of_a_link() -> None:
    patient = a_patient()
    made = given(patient)

    wrong = [
        a_browser().post(f"/activate/{made.token}", born_on=f"1970-01-0{day}").status
        for day in range(1, 6)
    ]

    assert wrong == [400] * 5
    assert open_link(a_browser(), made, patient).status == 401


def test_five_wrong_codes_are_the_end_of_a_code_that_begins_like_them() -> None:
    patient = a_patient()
    made = given(patient)
    first = made.code[:6]

    for last in "ABCDE":
        code = f"{first}00000-0000{last}"
        assert a_browser().post("/activate", code=code, born_on=born(patient)).status == 400

    assert type_code(a_browser(), made, patient).status == 400
    assert open_link(a_browser(), made, patient).status == 401


def test_a_wrong_code_and_a_wrong_date_are_told_in_the_same_words() -> None:
    patient = a_patient()
    made = given(patient)
    tries = [
        {"code": made.code, "born_on": "1970-01-01"},
        {"code": f"{made.code[:6]}00000-00000", "born_on": born(patient)},
        {"code": "AAAAA-AAAAA-AAAAA", "born_on": born(patient)},
    ]

    answers = [a_phone_app().post("/activate", **each) for each in tries]

    assert [each.status for each in answers] == [400] * 3
    assert len({str(each.json["errors"]) for each in answers}) == 1


def test_an_unknown_code_takes_as_much_work_as_a_known_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stretched: list[str] = []
    really = typed_codes.is_right

    def slowly(typed: str, kept: str) -> bool:
        stretched.append(typed)
        return really(typed, kept)

    monkeypatch.setattr(typed_codes, "is_right", slowly)
    patient = a_patient()
    made = given(patient)

    a_browser().post("/activate", code="AAAAA-AAAAA-AAAAA", born_on=born(patient))
    a_browser().post("/activate", code=made.code, born_on="1970-01-01")

    assert stretched == ["AAAAA-AAAAA-AAAAA", made.code]


def test_who_made_it_and_who_opened_it_are_in_the_trail() -> None:
    patient = a_patient()
    open_link(a_browser(), given(patient, Kind.PAPER), patient)

    made, opened = audit.of_patient(patient.patient_id)[:2]

    assert (made.event, made.actor, made.about) == ("activate.made", STAFF, "paper")
    assert (opened.event, opened.about, opened.outcome) == ("activate.activated", "paper", "done")


def test_a_wrong_birth_date_is_in_the_trail_of_whose_it_is() -> None:
    patient = a_patient()
    made = given(patient)

    a_browser().post(f"/activate/{made.token}", born_on="1970-01-01")

    row = audit.of_patient(patient.patient_id)[-1]
    assert (row.event, row.why, row.outcome) == ("activate.refused", "wrong-answer", "refused")


def test_the_owner_is_told() -> None:
    patient = a_patient()

    open_link(a_browser(), given(patient), patient)

    owed = [row.sk for row in CareRow.query(patient.patient_id, CareRow.sk.startswith("outbox#"))]
    assert [each.split("#")[1] for each in owed] == ["activate.activated"]


def test_a_low_standing_sees_no_result_and_a_first_factor_shows_it() -> None:
    patient = a_patient()
    report_id = released(a_message(patient)).report_ids[0]
    app = a_phone_app()

    assert open_link(app, given(patient), patient).json == {"next": STEP}

    assert app.get("/results").status == 403
    assert app.get(f"/results/{report_id}").status == 403


def test_the_browser_is_given_a_session_that_can_be_signed_out() -> None:
    patient, browser = a_patient(), a_browser()
    open_link(browser, given(patient), patient)

    assert browser.get("/").status == 200
    assert browser.post("/sign-out").status == 303
    assert browser.get("/").location.startswith("/sign-in")


def test_a_session_that_was_open_in_this_browser_is_ended() -> None:
    one, other = a_patient(), a_patient()
    browser = a_browser()
    open_link(browser, given(one), one)
    before = browser.cookies["session"]

    open_link(browser, given(other), other)

    assert browser.cookies["session"] != before
    assert a_browser(cookies={"session": before}).get("/").status == 303


def test_one_source_has_sixty_tries_a_quarter_of_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.activate.app.TRIES_PER_SOURCE", 2)
    browser, patient = a_browser(), a_patient()
    made = given(patient)

    answers = [browser.post(f"/activate/{'A' * 22}", born_on="1970-01-01") for _ in range(2)]
    answers.append(open_link(browser, made, patient))

    assert [each.status for each in answers] == [401, 401, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_who_has_a_second_factor_already_must_show_it() -> None:
    patient, browser = a_patient(), a_browser()
    an_app(patient)

    open_link(browser, given(patient), patient)
    step = browser.get(STEP)

    assert 'value="totp"' in step.text
    assert "Choose a second step" not in step.text
    assert "activate.activated-again" in events(patient)
