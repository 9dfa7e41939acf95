"""Links below the routes: what the rows hold, and what an outage may not do."""

import pytest
from pynamodb.exceptions import TransactWriteError, UpdateError
from tests.builders import a_patient
from tests.clock import held

from portal import links, sessions
from portal.access import Assurance
from portal.errors import SignInNeeded
from portal.secrets_kept import hashed, short_code, token
from portal.tables import SessionRow

pytestmark = pytest.mark.usefixtures("portal")

BROWSER = hashed("a browser")


def test_a_session_opened_by_a_link_has_the_level_of_a_link() -> None:
    opened = links.spend(links.new(a_patient().patient_id, BROWSER).token, BROWSER, "")

    session = sessions.live(opened.cookie)
    assert session
    assert session.assurance is Assurance.LINK


@pytest.mark.parametrize("browser", ["", hashed(""), hashed("another"), "x"])
def test_only_the_asking_browser_goes_without_a_code(browser: str) -> None:
    link = links.new(a_patient().patient_id, BROWSER)

    assert links.needs_code(link.token, browser)
    with pytest.raises(links.WrongCode):
        links.spend(link.token, browser, "")


def test_a_link_bound_to_no_browser_always_needs_its_code() -> None:
    link = links.new(a_patient().patient_id, "")

    assert links.needs_code(link.token, "")
    assert links.spend(link.token, "", link.code).cookie


def test_an_outage_is_not_taken_for_a_burnt_link(monkeypatch: pytest.MonkeyPatch) -> None:
    link = links.new(a_patient().patient_id, BROWSER)

    def down(*_: object) -> None:
        raise UpdateError

    monkeypatch.setattr(SessionRow, "update", down)
    with pytest.raises(UpdateError):
        links.spend(link.token, "", link.code)


def test_an_outage_while_opening_leaves_the_link_good(monkeypatch: pytest.MonkeyPatch) -> None:
    link = links.new(a_patient().patient_id, BROWSER)

    def down(**_: object) -> None:
        raise TransactWriteError("down")

    with monkeypatch.context() as patch:
        patch.setattr(links, "TransactWrite", down)
        with pytest.raises(TransactWriteError):
            links.spend(link.token, BROWSER, "")

    assert links.spend(link.token, BROWSER, "").cookie


def test_a_link_whose_time_is_over_opens_nothing_even_before_its_row_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    link = links.new(a_patient().patient_id, BROWSER)

    clock.advance(seconds=links.LIFE_SECONDS + 1)

    assert SessionRow.find(f"link#{hashed(link.token)}", "link")
    with pytest.raises(SignInNeeded):
        links.spend(link.token, BROWSER, "")


def test_codes_have_six_digits_and_tokens_their_bits() -> None:
    assert all(len(code) == 6 and code.isdigit() for code in (short_code() for _ in range(200)))
    assert len({token(128) for _ in range(200)}) == 200
    assert [len(token(bits)) for bits in (128, 256)] == [22, 43]
