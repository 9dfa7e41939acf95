"""Links below the routes: what the rows hold, and what an outage may not do."""

import pytest
from pynamodb.exceptions import TransactWriteError, UpdateError
from tests.builders import a_patient, a_visitor
from tests.clock import held

from portal import devices, links, sessions, user_accounts
from portal.errors import SignInNeeded
from portal.methods import Assurance, Confidence, Method
from portal.secrets_kept import hashed, short_code, token
from portal.tables import SessionRow

pytestmark = pytest.mark.usefixtures("portal")

BROWSER = hashed("a browser")


def test_a_session_opened_by_a_link_has_the_level_of_a_link() -> None:
    opened = spent(links.new(a_patient().patient_id, BROWSER).token, BROWSER)

    session = sessions.live(opened.cookie)
    assert session
    assert session.standing.assurance is Assurance.LINK
    assert session.standing.confidence is Confidence.ON_FILE
    assert not session.standing.is_fresh


def spent(token: str, browser: str, code: str = "") -> links.Opened:
    return links.spend(token, a_visitor(browser=browser), code)


def test_a_remembered_device_is_the_second_factor_and_still_not_fresh() -> None:
    patient = a_patient()
    visitor = a_visitor(device_cookie=devices.remember(patient.patient_id, a_visitor()))

    opened = links.spend(links.new(patient.patient_id, BROWSER).token, visitor, "")

    session = sessions.live(opened.cookie)
    assert session
    assert session.methods == {Method.EMAIL_LINK, Method.DEVICE}
    assert session.standing.assurance is Assurance.TWO_FACTOR
    assert not session.standing.is_fresh


@pytest.mark.parametrize("how", ["another's", "old", "forgotten", "signed out everywhere"])
def test_a_device_counts_for_its_own_account_and_as_long_as_it_is_remembered(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    whose = a_patient().patient_id if how == "another's" else patient.patient_id
    cookie = devices.remember(whose, a_visitor())
    if how == "old":
        clock.advance(days=91)
    if how == "forgotten":
        devices.drop(whose, hashed(cookie))
    if how == "signed out everywhere":
        user_accounts.begin_again(whose)

    link = links.new(patient.patient_id, BROWSER)
    opened = links.spend(link.token, a_visitor(device_cookie=cookie), "")

    assert opened.methods == {Method.EMAIL_LINK}


@pytest.mark.parametrize("browser", ["", hashed(""), hashed("another"), "x"])
def test_only_the_asking_browser_goes_without_a_code(browser: str) -> None:
    link = links.new(a_patient().patient_id, BROWSER)

    assert links.needs_code(link.token, browser)
    with pytest.raises(links.WrongCode):
        spent(link.token, browser)


def test_a_link_bound_to_no_browser_always_needs_its_code() -> None:
    link = links.new(a_patient().patient_id, "")

    assert links.needs_code(link.token, "")
    assert spent(link.token, "", link.code).cookie


def test_an_outage_is_not_taken_for_a_burnt_link(monkeypatch: pytest.MonkeyPatch) -> None:
    link = links.new(a_patient().patient_id, BROWSER)

    def down(*_: object) -> None:
        raise UpdateError

    monkeypatch.setattr(SessionRow, "update", down)
    with pytest.raises(UpdateError):
        spent(link.token, "", link.code)


def test_an_outage_while_opening_leaves_the_link_good(monkeypatch: pytest.MonkeyPatch) -> None:
    link = links.new(a_patient().patient_id, BROWSER)

    def down(**_: object) -> None:
        raise TransactWriteError("down")

    with monkeypatch.context() as patch:
        patch.setattr(links, "TransactWrite", down)
        with pytest.raises(TransactWriteError):
            spent(link.token, BROWSER)

    assert spent(link.token, BROWSER).cookie


def test_a_link_whose_time_is_over_opens_nothing_even_before_its_row_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    link = links.new(a_patient().patient_id, BROWSER)

    clock.advance(seconds=links.LIFE_SECONDS + 1)

    assert SessionRow.find(f"link#{hashed(link.token)}", "link")
    with pytest.raises(SignInNeeded):
        spent(link.token, BROWSER)


def test_codes_have_six_digits_and_tokens_their_bits() -> None:
    assert all(len(code) == 6 and code.isdigit() for code in (short_code() for _ in range(200)))
    assert len({token(128) for _ in range(200)}) == 200
    assert [len(token(bits)) for bits in (128, 256)] == [22, 43]
