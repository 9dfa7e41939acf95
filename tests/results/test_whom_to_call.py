"""Whoever is worried, or meets a fault of ours, finds the clinic's number on the page."""

from dataclasses import replace

import pytest
from tests.builders import a_message, a_patient, released
from tests.client import Client
from tests.visitors import a_browser, an_app, signed_in

from portal import answers, published
from portal.settings import settings

pytestmark = pytest.mark.usefixtures("portal")

PHONE, LINK = "+1 555-555-0100", 'href="tel:+15555550100"'
FAR_HIGH = "NM|2823-3^Potassium^LN||7.1|mmol/L|3.5-5.1|HH|||F"
ASKS = '<a class="alone" href="/settings/help#interpreter">'


def the_result(*others: str, language: str = "en") -> tuple[Client, str]:
    patient = a_patient()
    (report_id,) = released(a_message(patient, FAR_HIGH, *others)).report_ids
    browser = signed_in(patient)
    browser.language = language
    return browser, f"/results/{report_id}"


@pytest.mark.parametrize("others", [(), ("NM|2951-2^Sodium^LN||128|mmol/L|136-145|L|||F",)])
def test_a_result_says_first_the_value_then_what_it_means_then_whom_to_call(
    others: tuple[str, ...],
) -> None:
    """In the summary, which is read first, and in the card."""
    browser, path = the_result(*others)

    page = browser.get(path).text
    summary = ["7.1 mmol/L", *(["128 mmol/L"] if others else []), "outside the lab's range"]
    summary += ["call them today", 'href="#call"']
    places = [page.index(each) for each in (*summary, "A high level can happen", LINK)]

    assert places == sorted(places)
    assert f'<bdi dir="ltr">{PHONE}</bdi>' in page


def test_a_clinic_without_a_number_has_no_link_to_one(monkeypatch: pytest.MonkeyPatch) -> None:
    nameless = replace(settings(), clinic_phone="")
    monkeypatch.setattr(answers, "settings", lambda: nameless)
    browser, path = the_result()

    page = browser.get(path).text

    assert "call your care team" in page
    assert page.count("tel:") == page.count("tel:911")


def test_a_fault_of_ours_shows_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    browser, path = the_result()

    def down(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(published, "find", down)
    failed = browser.get(path)

    assert failed.status == 500
    assert LINK in failed.text
    assert LINK not in browser.get("/nowhere").text


def test_apps_find_it_under_help() -> None:
    assert an_app().get("/settings/help").json["phone"] == PHONE
    assert LINK in a_browser().get("/settings/help").text


def test_an_urgent_line_nobody_reviewed_leads_to_an_interpreter() -> None:
    browser, path = the_result(language="ru")
    english, path_in_english = the_result()

    assert ASKS in browser.get(path).text
    assert ASKS not in english.get(path_in_english).text
    assert ASKS not in browser.get("/settings").text  # its footer leads there anyway
