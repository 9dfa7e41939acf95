"""Help for everybody, and an interpreter for who asks: work of the front desk, seen to its end."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from tests.builders import a_link_session, a_patient
from tests.client import Client
from tests.clock import held
from tests.granting import a_grant, acting_for
from tests.settings.accounts import events
from tests.staff.colleagues import a_colleague, asked, waiting
from tests.visitors import a_browser, signed_in

from portal.roles import Role

pytestmark = pytest.mark.usefixtures("portal")

HELP, ASK = "/settings/help", "/settings/interpreter"
FORM = {"language": "vi", "how": "visit", "note": "On Monday"}


def asking(patient_browser: Client) -> None:
    answer = patient_browser.post(ASK, **FORM)
    assert (answer.status, answer.location) == (303, f"{HELP}?done=asked")


def test_help_is_open_to_all_and_knows_who_is_signed_in() -> None:
    outside, inside = a_browser().get(HELP).text, signed_in(a_patient()).get(HELP).text

    for page in (outside, inside):
        assert "911" in page
        assert "An interpreter costs you nothing." in page
        assert "We never ask for a code" in page
    assert "Sign out" not in outside
    assert ASK not in outside
    assert "Sign out" in inside
    assert ASK in inside


def test_help_of_a_session_by_a_link_or_at_anothers_record_asks_for_nobody() -> None:
    patient, holder = a_patient(), a_patient()
    link = a_browser(cookies={"session": a_link_session(patient)})
    acting = acting_for(a_grant(patient, holder), holder)

    for browser in (link, acting):
        assert ASK not in browser.get(HELP).text
        assert browser.post(ASK, **FORM).status == 403


def test_a_request_goes_to_the_front_desk_and_the_patient_sees_what_becomes_of_it() -> None:
    patient = a_patient(given="Lan", family="Tran")
    browser = signed_in(patient)

    asking(browser)

    assert "settings.interpreter-asked" in events(patient)
    page = browser.get(f"{HELP}?done=asked").text
    assert "We asked the front desk" in page
    assert "Sent" in page
    desk = a_colleague(Role.FRONT_DESK)
    (line,) = [each for each in waiting(desk) if patient.patient_id in each["review_id"]]
    assert line["words"] == "A patient asks for an interpreter"
    assert line["due_at"] > line["asked_at"]
    where = f"/staff/reviews/{line['review_id']}"
    assert desk.post(f"{where}/take").status == 303
    shown = asked(desk, "GET", where).json
    assert (shown["patient_name"], shown["words"]) == ("Lan Tran", "On Monday")
    assert shown["spoken"] == "Tiếng Việt (vi)"
    assert shown["how"] == "In person, at my next visit"
    assert "Somebody is on it" in browser.get(HELP).text
    desk.post(f"{where}/close", finding="Booked for Monday at nine.")
    page = browser.get(HELP).text
    assert "Done" in page
    assert "Booked for Monday" not in page, "staff's own words"
    assert ASK in page, "and can ask again"


def test_clinicians_do_not_work_the_front_desks_queue() -> None:
    patient = a_patient()
    asking(signed_in(patient))

    lines = waiting(a_colleague(Role.CLINICIAN))

    assert not [each for each in lines if patient.patient_id in each["review_id"]]


def test_a_missed_deadline_is_told_to_the_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    asking(signed_in(patient))
    clock.advance(hours=25)

    browser = signed_in(patient)

    assert "We are late with this." in browser.get(HELP).text
    assert "We are late with your interpreter." in browser.get("/").text


def test_one_request_at_a_time() -> None:
    browser = signed_in(a_patient())
    asking(browser)

    assert browser.post(ASK, **FORM).status == 409
    assert ASK not in browser.get(HELP).text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"language": ""}, "spoken"),
        ({"language": "tlh"}, "spoken"),
        ({"how": ""}, "how"),
        ({"language": "other", "note": " "}, "note"),
        ({"note": "x" * 501}, "note"),
    ],
    ids=["none", "unknown", "no way", "other unnamed", "too long"],
)
def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(
    change: dict[str, str], field: str
) -> None:
    form = FORM | change
    answer = signed_in(a_patient()).post(ASK, **form)

    assert answer.status == 400
    assert f'id="{field}-error"' in answer.text
    if form["note"].strip():
        assert f">{form['note']}</textarea>" in answer.text
    if form["language"] == "vi":
        assert '<option lang="vi" value="vi" selected>' in answer.text


def test_what_was_asked_is_sealed() -> None:
    from portal.tables import CareRow

    patient = a_patient()
    asking(signed_in(patient))

    (row,) = CareRow.query(patient.patient_id, CareRow.sk.startswith("review#"))
    assert b"Monday" not in (row.sealed or b"")
    assert not row.detail
    assert row.owner is None
    assert row.kind == "review-desk"


def test_free_help_is_told_in_every_language_that_somebody_translated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For who cannot read the page they are on."""
    from functions.settings import help as room

    from portal import pages

    def words(code: str) -> Callable[[str], str]:
        known = pages.words(code)
        return lambda text: f"[{code}]" if text == room.FREE_HELP and code != "ko" else known(text)

    monkeypatch.setattr(room, "pages", SimpleNamespace(words=words))
    page = a_browser(language="es").get(HELP).text

    assert '<li lang="ar" dir="rtl">[ar]</li>' in page
    assert '<li lang="vi" dir="ltr">[vi]</li>' in page
    assert 'lang="ko" dir="ltr">[' not in page
    assert "[es]" not in page
