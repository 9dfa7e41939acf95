"""Reading without a connection: asked for, given to this person on this device only, taken back."""

import pytest
from tests.builders import a_message, a_patient, a_session, released
from tests.client import Client
from tests.family.ties import a_grant
from tests.visitors import a_browser, signed_in

from portal import offline, sessions
from portal.patients import Patient
from portal.tables import AuditRow

pytestmark = pytest.mark.usefixtures("portal")

KEY = "/settings/offline/key"


def events(patient: Patient) -> list[str]:
    return [row.event for row in AuditRow.query(patient.patient_id)]


def says_yes(client: Client) -> Client:
    answer = client.post("/settings/offline", keep="yes")
    assert answer.location == "/settings/offline?done=on"
    return client


def asks_for_the_key(client: Client) -> dict[str, object]:
    answer = client.send("POST", KEY, b"", {"accept": "application/json"})
    assert answer.status == 200, answer.text
    return dict(answer.json)


def is_refused_the_key(client: Client) -> bool:
    return client.send("POST", KEY, b"", {"accept": "application/json"}).status == 403


def test_nothing_is_kept_before_a_yes() -> None:
    patient = a_patient()
    browser = signed_in(patient)

    home = browser.get("/")

    assert "x-offline" not in home.headers
    assert "data-offline" not in home.text
    assert "No pages are kept on this device" in browser.get("/settings/offline").text
    assert is_refused_the_key(browser)


def test_after_a_yes_the_pages_say_that_they_may_be_kept_and_as_of_when() -> None:
    patient = a_patient()
    report_id = released(a_message(patient)).report_ids[0]
    browser = says_yes(signed_in(patient))

    for path in ("/", "/results", f"/results/{report_id}", "/settings/offline/forms"):
        page = browser.get(path)
        assert page.headers["x-offline"] == "keep"
        assert "This page is as of" in page.text

    assert "x-offline" not in browser.get("/settings/security").headers


def test_the_key_is_the_sessions_and_audited() -> None:
    patient = a_patient()
    browser = says_yes(signed_in(patient))

    first, again = asks_for_the_key(browser), asks_for_the_key(browser)
    other = Client(cookies=browser.cookies | {"session": a_session(patient)})

    assert first == again
    assert asks_for_the_key(other)["half"] != first["half"]
    assert len(str(first["half"])) >= 43
    assert events(patient).count("settings.offline-key-given") == 3


def test_a_session_that_shows_one_more_factor_keeps_its_key() -> None:
    from portal.methods import Method

    browser = says_yes(signed_in(a_patient()))
    before = asks_for_the_key(browser)

    browser.cookies["session"] = sessions.rise(browser.cookies["session"], Method.TOTP)

    assert asks_for_the_key(browser) == before


def test_the_yes_of_one_person_is_nothing_to_the_next_on_the_same_device() -> None:
    browser = says_yes(signed_in(a_patient()))

    browser.cookies["session"] = a_session(a_patient())

    assert "x-offline" not in browser.get("/").headers
    assert is_refused_the_key(browser)


def test_another_persons_record_is_never_kept() -> None:
    patient, parent = a_patient(), a_patient()
    grant = a_grant(patient, parent)
    released(a_message(patient))
    browser = says_yes(signed_in(parent))

    browser.post("/family/switch", grant_id=grant.grant_id)

    for path in ("/", "/results"):
        page = browser.get(path)
        assert "x-offline" not in page.headers
        assert "data-offline" not in page.text
    assert is_refused_the_key(browser)


def test_nor_is_a_preview_of_what_another_sees() -> None:
    patient, carer = a_patient(), a_patient()
    grant = a_grant(patient, carer)
    browser = says_yes(signed_in(patient))

    browser.post("/family/preview", grant_id=grant.grant_id)

    assert "x-offline" not in browser.get("/").headers


def test_a_no_makes_the_browser_forget() -> None:
    patient = a_patient()
    browser = says_yes(signed_in(patient))

    answer = browser.post("/settings/offline", keep="no")

    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert offline.COOKIE not in browser.cookies
    assert is_refused_the_key(browser)
    assert "settings.offline-stopped" in events(patient)


def test_on_a_shared_device_it_is_neither_offered_nor_given() -> None:
    patient = a_patient()
    cookie = a_session(patient, is_shared=True)
    browser = a_browser(cookies={"session": cookie, "offline": offline.mark(patient.patient_id)})

    page = browser.get("/settings/offline")

    assert "Nothing is kept here" in page.text
    assert 'name="keep"' not in page.text
    assert "x-offline" not in browser.get("/").headers
    assert browser.post("/settings/offline", keep="yes").status == 403
    assert is_refused_the_key(browser)


def test_a_session_that_ended_gets_no_key() -> None:
    browser = says_yes(signed_in(a_patient()))
    sessions.end(browser.cookies["session"])

    assert browser.send("POST", KEY, b"", {"accept": "application/json"}).status == 401
