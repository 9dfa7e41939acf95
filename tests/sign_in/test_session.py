"""A session: its cookie, its 15 idle minutes, and signing out on one device or on all."""

import re

import pytest
from pynamodb.exceptions import PutError
from tests.builders import a_patient, a_session, a_visitor
from tests.client import Client, Response
from tests.clock import held
from tests.sign_in.mail import asked
from tests.stores import PORTAL_URL
from tests.visitors import HTTPS_URL, a_browser, an_app, on_https, signed_in

from portal import audit, sessions
from portal.methods import Method
from portal.secrets_kept import hashed
from portal.tables import AuditRow, SessionRow
from portal.user_accounts import Account

pytestmark = pytest.mark.usefixtures("portal")


def is_in(browser: Client) -> bool:
    return browser.get("/").status == 200


def set_cookies(monkeypatch: pytest.MonkeyPatch, origin: str) -> dict[str, str]:
    """Name and attributes of each Set-Cookie of signing in."""
    found: dict[str, str] = {}
    keep = Client._keep

    def noted(client: Client, text: str) -> None:
        name, _, rest = text.partition("=")
        found[name] = rest.partition("; ")[2]
        keep(client, text)

    monkeypatch.setattr(Client, "_keep", noted)
    browser, link = asked(a_patient().email, origin=origin)
    browser.post(f"/sign-in/{link.token}")
    return found


def test_the_cookie_on_http_is_kept_from_scripts_and_other_sites(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert set_cookies(monkeypatch, PORTAL_URL) == {
        "browser": "Path=/; SameSite=Lax; HttpOnly; Max-Age=0",
        "session": "Path=/; SameSite=Lax; HttpOnly",
    }


def test_the_cookie_on_https_belongs_to_this_host_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with on_https(monkeypatch):
        found = set_cookies(monkeypatch, HTTPS_URL)

    assert found == {
        "__Host-browser": "Path=/; SameSite=Lax; HttpOnly; Secure; Max-Age=0",
        "__Host-session": "Path=/; SameSite=Lax; HttpOnly; Secure",
    }


def test_on_https_only_the_prefixed_cookie_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = a_session(a_patient())

    with on_https(monkeypatch):
        bare = a_browser(cookies={"session": cookie}).get("/")
        look_alike = a_browser(cookies={"\u2000__Host-session": cookie}).get("/")
        ours = a_browser(cookies={"__Host-session": cookie}).get("/")

    assert (bare.status, look_alike.status, ours.status) == (303, 303, 200)
    assert "max-age=" in ours.headers["strict-transport-security"]


def test_a_session_ends_after_15_idle_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    browser = signed_in(a_patient())

    clock.advance(minutes=14, seconds=59)
    assert is_in(browser)

    clock.advance(minutes=15, seconds=1)
    answer = browser.get("/results")
    assert (answer.status, answer.location) == (303, "/sign-in?because=idle")


def test_each_page_opened_starts_the_15_minutes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    browser = signed_in(a_patient())

    for _ in range(12):
        clock.advance(minutes=14)
        assert is_in(browser)


def test_no_session_outlives_twelve_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    browser = signed_in(a_patient())

    for _ in range(72):
        clock.advance(minutes=10)
        assert is_in(browser)
    clock.advance(seconds=1)

    assert not is_in(browser)


def test_an_idle_session_stays_ended_when_its_cookie_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    browser = signed_in(a_patient())
    clock.advance(minutes=16)

    assert [is_in(browser) for _ in range(3)] == [False] * 3


def test_every_page_behind_the_door_says_when_it_will_close() -> None:
    page = signed_in(a_patient()).get("/").text

    assert 'class="idle soon" role="alert"' in page
    assert 'class="idle over" role="alert"' in page
    assert "15 minutes" in page


def test_signing_out_ends_the_session_and_takes_the_cookie() -> None:
    patient = a_patient()
    browser = signed_in(patient)
    cookie = browser.cookies["session"]

    answer = browser.post("/sign-out")

    assert (answer.status, answer.location) == (303, "/signed-out")
    assert "session" not in browser.cookies
    assert not is_in(a_browser(cookies={"session": cookie}))
    assert [row.event for row in audit.of_patient(patient.patient_id)][-1] == "sign-out"


def test_signing_out_leaves_the_other_devices_alone() -> None:
    patient = a_patient()
    here, there = signed_in(patient), signed_in(patient)

    here.post("/sign-out")

    assert is_in(there)


def test_signing_out_everywhere_ends_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the one opened in the same second, and the same instant."""
    clock = held(monkeypatch)
    patient = a_patient()
    devices = [signed_in(patient) for _ in range(3)]
    clock.advance(minutes=1)
    devices.append(signed_in(patient))

    answer = devices[0].post("/sign-out", everywhere="yes")

    assert answer.location == "/signed-out?everywhere=yes"
    assert [is_in(each) for each in devices] == [False] * 4
    last = audit.of_patient(patient.patient_id)
    assert "sign-out.everywhere" in [row.event for row in last]


def test_after_signing_out_everywhere_one_can_sign_in_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    signed_in(patient).post("/sign-out", everywhere="yes")

    clock.advance(milliseconds=1)

    assert is_in(signed_in(patient))


def test_signing_out_everywhere_leaves_other_patients_alone() -> None:
    other = signed_in(a_patient())

    signed_in(a_patient()).post("/sign-out", everywhere="yes")

    assert is_in(other)


def test_a_page_opened_during_a_sign_out_does_not_revive_the_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    cookie = a_session(a_patient())
    clock.advance(minutes=1)
    row = SessionRow.find(f"session#{hashed(cookie)}", "session")

    sessions.end(cookie)
    monkeypatch.setattr(SessionRow, "find", classmethod(lambda *_: row))

    assert sessions.live(cookie) is None
    monkeypatch.undo()
    assert SessionRow.find(f"session#{hashed(cookie)}", "session") is None


def test_sign_out_works_while_the_audit_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows nothing. On a shared computer it must end, recorded or not."""
    browser = signed_in(a_patient())

    def down(*_: object) -> None:
        raise PutError

    with monkeypatch.context() as patch:
        patch.setattr(AuditRow, "save", down)
        answer = browser.post("/sign-out")

    assert answer.status == 503
    assert not is_in(browser)


def test_signing_out_twice_asks_to_sign_in() -> None:
    browser = signed_in(a_patient())
    cookies = dict(browser.cookies)
    browser.post("/sign-out")

    assert a_browser(cookies=cookies).post("/sign-out").status == 401


@pytest.mark.parametrize("everywhere", ["no", "yes\n", "1", "yesyes"])
def test_sign_out_everywhere_is_yes_or_nothing(everywhere: str) -> None:
    browser = signed_in(a_patient())

    assert browser.post("/sign-out", everywhere=everywhere).status == 400
    assert is_in(browser)


@pytest.mark.parametrize("a_client", [a_browser, an_app], ids=["page", "json"])
@pytest.mark.parametrize(
    "cookie", ["", "x", "A" * 43, "é" * 43, '"', "a; b", "A" * 5000, "\x00", "session#x"]
)
def test_a_forged_cookie_opens_nothing(a_client: type[Client], cookie: str) -> None:
    answer: Response = a_client(cookies={"session": cookie}).get("/results")

    assert answer.status in {303, 401}
    assert not answer.body or "application/problem+json" in answer.headers["content-type"]


def test_the_session_row_of_a_patient_without_a_name_opens_nothing() -> None:
    methods = frozenset({Method.PASSKEY})
    sessions.new_rows("a cookie", Account(""), methods, a_visitor())[0].save()

    assert an_app(cookies={"session": "a cookie"}).get("/").status in {401, 403}


def test_the_signed_out_page_says_where() -> None:
    assert "on this device" in a_browser().get("/signed-out").text
    assert re.search("every phone", a_browser().get("/signed-out?everywhere=yes").text)
