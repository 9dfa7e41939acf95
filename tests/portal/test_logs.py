"""No name, value, token, code, address or cookie in what we print or log, whatever goes wrong."""

import logging
import re
from collections.abc import Iterator

import pytest
from pynamodb.exceptions import GetError, PutError, PynamoDBException, QueryError, UpdateError
from tests.builders import a_message, a_patient, released
from tests.sign_in.mail import ask, asked
from tests.visitors import a_browser

from portal import sessions, user_accounts
from portal.methods import Confidence, Method
from portal.tables import AuditRow, ChartRow, SessionRow

pytestmark = pytest.mark.usefixtures("portal")

PLANTED = ("Zzyzxfamily", "Zzyzxgiven", "zzyzx", "913.75", "zzunit", "zznote")


class Printed:
    """All that left the process: stdout, stderr and every log record with its exception."""

    def __init__(self, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
        self.capfd = capfd
        self.caplog = caplog

    def text(self) -> str:
        records = [logging.Formatter().format(each) for each in self.caplog.records]
        extras = [repr(each.__dict__) for each in self.caplog.records]
        return "\n".join([*self.capfd.readouterr(), *records, *extras])


@pytest.fixture
def printed(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[Printed]:
    """As Lambda shows it: warnings and worse of everyone, all of our own."""
    with caplog.at_level(logging.INFO):
        yield Printed(capfd, caplog)


def visit() -> list[str]:
    """Release, sign-in, reading, a wrong code, signing out. Returns its secrets."""
    patient = a_patient(family="Zzyzxfamily", given="Zzyzxgiven", email=an_address())
    obx = "NM|2345-7^Glucose^LN||913.75|zzunit|70-99|H|||F\rNTE|1|L|zznote"
    report_id = released(a_message(patient, obx)).report_ids[0]
    browser, link = asked(patient.email)
    bound = browser.cookies["browser"]
    a_browser().post(f"/sign-in/{link.token}", code="000000")
    browser.get(f"/sign-in/{link.token}")
    browser.post(f"/sign-in/{link.token}")
    cookie = browser.cookies["session"]
    for path in ("/", "/results", f"/results/{report_id}", "/nowhere/zzyzx"):
        browser.get(path)
    browser.post("/settings/language", language="zzyzx", return_to="/zzyzx")
    browser.post("/sign-out")
    return [link.token, link.code, cookie, bound, patient.email, patient.identifiers[0][1]]


def an_address() -> str:
    from portal.moments import fresh_id

    return f"zzyzx{fresh_id()}@example.org"


def told(text: str, secrets: list[str]) -> list[str]:
    words = [each for each in (*PLANTED, *secrets) if not each.isdigit()]
    codes = [each for each in secrets if each.isdigit()]
    found = [each for each in words if each.lower() in text.lower()]
    return found + [each for each in codes if re.search(rf"\b{each}\b", text)]


def test_a_visit_leaves_nothing_of_the_patient_in_the_logs(printed: Printed) -> None:
    secrets = visit()

    assert told(printed.text(), secrets) == []


@pytest.mark.parametrize(
    ("table", "method", "error"),
    [
        (SessionRow, "get", GetError), (SessionRow, "update", UpdateError),
        (AuditRow, "save", PutError), (ChartRow, "get", GetError), (ChartRow, "query", QueryError),
    ],
    ids=lambda part: getattr(part, "__name__", part),
)  # fmt: skip
def test_a_store_that_fails_with_values_in_its_words_leaves_none_in_the_logs(
    table: type, method: str, error: type[PynamoDBException],
    printed: Printed, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    patient = a_patient(family="Zzyzxfamily", email=an_address())
    report_id = released(a_message(patient)).report_ids[0]
    browser, link = asked(patient.email)
    browser.post(f"/sign-in/{link.token}")
    user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
    browser.cookies["session"] = sessions.rise(browser.cookies["session"], Method.TOTP)

    def down(*_: object, **__: object) -> None:
        raise error(f"Zzyzxfamily 913.75 {patient.email} {link.token}")

    monkeypatch.setattr(table, method, down)
    answers = [browser.get(path) for path in ("/", "/results", f"/results/{report_id}")]
    answers += [ask(browser, patient.email), browser.post(f"/sign-in/{link.token}")]

    assert 503 in {each.status for each in answers}
    assert 500 not in {each.status for each in answers}
    secrets = [link.token, patient.email, browser.cookies["session"]]
    assert told(printed.text() + "".join(each.text for each in answers[:3]), secrets) == []


@pytest.mark.parametrize("broken", ["portal.pages.render", "portal.sessions.live"])
def test_an_error_nobody_foresaw_is_logged_by_kind_and_place_only(
    broken: str, printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = a_patient(email=an_address())
    browser, link = asked(patient.email)
    browser.post(f"/sign-in/{link.token}")
    browser.accept = "application/json" if "sessions" in broken else browser.accept

    calls: list[int] = []

    def fails(*given: object) -> str:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError(f"Zzyzxgiven 913.75 {given}")
        return "<p>"

    monkeypatch.setattr(broken, fails)
    with monkeypatch.context() as patch:
        patch.setattr("tests.client.check_page", lambda *_: None)
        answer = browser.get("/")

    text = printed.text()
    assert answer.status == 500
    assert told(text, [link.token, patient.email, browser.cookies["session"]]) == []
    assert "request-failed" in text
    assert "ValueError" in text
    assert "Traceback" not in text


def test_the_log_says_which_request_failed(
    printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> None:
        raise GetError

    monkeypatch.setattr(SessionRow, "get", down)
    a_browser(cookies={"session": "x"}).get("/")

    assert "test-request" in printed.text()
