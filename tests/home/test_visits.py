"""Home's next visits, from what schedules send: whose they are, which they are, in which words."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.builders import a_message, a_patient, released
from tests.granting import a_grant, acting_for
from tests.home.sent import a_prescription, a_visit, in_days
from tests.visitors import signed_in

from portal import moments
from portal.granting import Category, GrantKind
from portal.patients import Patient
from portal.sensitivity import Segment

pytestmark = pytest.mark.usefixtures("portal")


def visits(patient: Patient, **facts: Any) -> list[dict[str, Any]]:
    view = signed_in(patient, accept="application/json", **facts).get("/").json
    return shown(view)


def shown(view: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for each in view["widgets"] for line in each["visits"]]


def test_a_booked_visit_stands_on_home_with_when_who_where_and_what_to_do_before() -> None:
    patient = a_patient()
    at = datetime(2031, 3, 4, 14, 30, tzinfo=UTC)
    a_visit(
        patient, at, what="FU^Follow-up diabetes^L", instruction="Bring your meter and \\T\\ pens"
    )

    (visit,) = visits(patient)
    page = signed_in(patient).get("/").text

    assert datetime.fromisoformat(visit["starts_at"]) == at
    assert visit["kind"] == "Follow-up visit"
    assert visit["as_sent"] == "Follow-up diabetes"
    assert (visit["with_whom"], visit["where"]) == ("Dr Ada Okafor", "Room 4")
    assert visit["instruction"] == "Bring your meter and & pens"
    for words in (
        "Your next visits",
        "Follow-up diabetes",
        "March 4, 2031, 9:30",
        "With: <bdi>Dr Ada Okafor</bdi>",
        "Where: <bdi>Room 4</bdi>",
        "Before you come: <bdi>Bring your meter and &amp; pens</bdi>",
    ):
        assert words in page.replace("\N{NARROW NO-BREAK SPACE}", " ").replace(" at ", ", ")


def test_the_three_soonest_are_shown_and_none_that_is_over_or_called_off() -> None:
    patient = a_patient()
    for number, days in enumerate((40, 3, 20, 10, -1, 5), start=1):
        a_visit(patient, in_days(days), number=f"A{number}", where=f"Room {number}")
    later = moments.now() + timedelta(minutes=1)
    a_visit(patient, in_days(5), number="A6", event="S15", status="Cancelled", sent=later)
    a_visit(patient, in_days(2), number="A7", status="No show")
    a_visit(patient, in_days(2), number="A8", status="Waitlist")

    assert [each["where"] for each in visits(patient)] == ["Room 2", "Room 4", "Room 3"]


def test_a_visit_stays_for_an_hour_after_it_began_where_nobody_says_when_it_ends() -> None:
    patient = a_patient()
    a_visit(patient, moments.now() - timedelta(minutes=50), number="A1", where="here")
    a_visit(patient, moments.now() - timedelta(minutes=70), number="A2", where="gone")

    assert [each["where"] for each in visits(patient)] == ["here"]


def test_in_whatever_order_the_messages_come_the_newest_time_counts() -> None:
    patient = a_patient()
    now = moments.now()
    a_visit(patient, in_days(9), event="S13", sent=now - timedelta(hours=1))
    a_visit(patient, in_days(4), event="S12", sent=now - timedelta(hours=2))

    (visit,) = visits(patient)
    assert visit["days"] in {8, 9, 10}


@pytest.mark.parametrize(
    ("status", "is_sure"), [("Booked", True), ("Pending", False), ("Arrived", True)]
)
def test_a_visit_that_nobody_confirmed_says_so(status: str, is_sure: bool) -> None:
    patient = a_patient()
    a_visit(patient, in_days(3), status=status)

    assert visits(patient)[0]["is_sure"] is is_sure
    page = signed_in(patient).get("/").text
    assert ("The clinic has not confirmed this visit yet." in page) is not is_sure


CALM = "Nothing new needs you today."


def test_today_and_tomorrow_are_named_by_the_readers_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noon = datetime(2031, 3, 4, 17, 0, tzinfo=UTC)
    monkeypatch.setattr(moments, "clock", lambda: noon)
    patient, traveller = a_patient(), a_patient()
    signed_in(traveller).post("/settings/time-zone", time_zone="Asia/Tokyo")
    for each in (patient, traveller):
        a_visit(each, noon + timedelta(hours=4), number="A1")
        a_visit(each, noon + timedelta(hours=20), number="A2")
        a_visit(each, noon + timedelta(days=3), number="A3")

    assert [each["days"] for each in visits(patient)] == [0, 1, 3]
    assert [each["days"] for each in visits(traveller)] == [0, 0, 3]
    page = signed_in(patient).get("/").text
    assert '<span class="chip">Today</span>' in page
    assert '<span class="chip">Tomorrow</span>' in page


def test_a_visit_today_or_tomorrow_needs_the_reader_and_a_later_one_does_not() -> None:
    patient = a_patient()
    app = signed_in(patient, accept="application/json")
    app.get(f"/results/{released(a_message(patient)).report_ids[0]}")
    browser = signed_in(patient)
    browser.post("/settings/guide")
    a_visit(patient, in_days(5))
    assert CALM in browser.get("/").text

    a_visit(patient, moments.now() + timedelta(hours=2), number="A2")

    assert CALM not in browser.get("/").text


@pytest.mark.parametrize(
    ("what", "reason", "kind", "as_sent"),
    [
        ("OV^Office visit^L", "", "Visit", "Office visit"),
        ("OV^Office visit^L", "FOLLOWUP", "Follow-up visit", "Office visit"),
        ("TH^Telehealth follow up^L", "", "Video visit", "Telehealth follow up"),
        ("US^ULTRASOUND ABDOMEN^L", "", "X-ray or scan", "ULTRASOUND ABDOMEN"),
        ("", "CHECKUP", "Check-up", ""),
        ("C^Check-up^L", "", "Check-up", ""),
        ("", "", "Visit", ""),
        ("M^Smritherapy videography^L", "", "Visit", "Smritherapy videography"),
    ],
)
def test_a_visit_has_an_everyday_name_before_the_one_of_the_schedule(
    what: str, reason: str, kind: str, as_sent: str
) -> None:
    patient = a_patient()
    a_visit(patient, in_days(3), what=what, reason=reason)

    (visit,) = visits(patient)
    assert (visit["kind"], visit["as_sent"]) == (kind, as_sent)


def test_the_everyday_name_is_in_the_readers_language() -> None:
    patient = a_patient(language="es")
    a_visit(patient, in_days(3), what="V^Video visit^L")

    (visit,) = visits(patient, language="es")
    assert visit["kind"] == "Visita por video"
    assert visit["as_sent"] == "Video visit"


def test_visits_are_of_no_other_patient() -> None:
    patient, other = a_patient(), a_patient()
    a_visit(patient, in_days(3))

    assert visits(other) == []


SENSITIVE = [
    {"what": "P^Psychiatry intake^L"},
    {"where": "Planned Parenthood"},
    {"what": "", "reason": "", "who": "", "where": ""},  # it does not say what it is about
]


@pytest.mark.parametrize("facts", SENSITIVE)
def test_a_helper_does_not_see_a_sensitive_visit_nor_one_of_no_kind(facts: dict[str, Any]) -> None:
    patient, holder = a_patient(), a_patient()
    grant = a_grant(patient, holder)
    a_visit(patient, in_days(3), **facts)
    a_visit(patient, in_days(9), number="A9", what="D^Dental cleaning^L")
    app = acting_for(grant, holder, accept="application/json")

    assert len(visits(patient)) == 2
    assert [each["kind"] for each in shown(app.get("/").json)] == ["Dental visit"]


def test_on_anothers_home_nothing_is_called_the_readers_own() -> None:
    patient, holder = a_patient(), a_patient()
    a_visit(patient, in_days(3), what="D^Dental cleaning^L")
    a_prescription(patient)
    view = acting_for(a_grant(patient, holder), holder, accept="application/json").get("/").json

    titles = [each["words"] for each in view["widgets"]]
    assert titles == ["Newest results", "Next visits", "Medicines"]


def test_a_helper_does_not_read_a_sensitive_instruction() -> None:
    patient, holder = a_patient(), a_patient()
    grant = a_grant(patient, holder)
    a_visit(patient, in_days(3), instruction="Bring your methadone card")
    app = acting_for(grant, holder, accept="application/json")

    assert [each["instruction"] for each in visits(patient)] == ["Bring your methadone card"]
    assert [each["instruction"] for each in shown(app.get("/").json)] == [""]


def test_a_helper_who_was_not_given_appointments_sees_none() -> None:
    patient, holder = a_patient(), a_patient()
    a_visit(patient, in_days(3))
    given = frozenset(Category) - {Category.APPOINTMENTS}
    app = acting_for(a_grant(patient, holder, categories=given), holder, accept="application/json")

    assert shown(app.get("/").json) == []


def test_a_teens_parent_sees_the_dentist_and_not_what_the_teen_may_decide() -> None:
    teen = a_patient(birth_on=date(moments.now().year - 15, 1, 1), state="CA")
    parent = a_patient()
    grant = a_grant(teen, parent, kind=GrantKind.PARENT)
    a_visit(teen, in_days(3), what="GYN^Gynecology^L")
    a_visit(teen, in_days(4), number="A2", what="D^Dental cleaning^L")
    app = acting_for(grant, parent, accept="application/json")

    assert [each["kind"] for each in shown(app.get("/").json)] == ["Dental visit"]


def test_what_is_shared_of_the_sensitive_is_seen() -> None:
    patient, holder = a_patient(), a_patient()
    grant = a_grant(patient, holder, segments=frozenset({Segment.MENTAL_HEALTH}))
    a_visit(patient, in_days(3), what="P^Psychiatry intake^L")

    assert len(shown(acting_for(grant, holder, accept="application/json").get("/").json)) == 1


def test_it_can_be_hidden_and_moved_as_any_part() -> None:
    patient = a_patient()
    a_visit(patient, in_days(3))
    browser = signed_in(patient)

    browser.post("/settings/home", do="up:visits:results", return_to="/")
    page = browser.get("/").text
    assert page.index('id="visits"') < page.index('id="results"')
    browser.post("/settings/home", do="hide:visits", return_to="/")

    assert visits(patient) == []
