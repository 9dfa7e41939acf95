"""How often a text about care may come."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import stores
from tests.builders import a_message, a_patient, released
from tests.clock import Clock, held
from tests.privacy.choices import answered
from tests.privacy.texting import a_number
from tests.visitors import signed_in

from portal import care_texts, moments, notify, outbox, outbox_delivery
from portal.care_texts import NotYet
from portal.patients import Patient
from portal.tables import CareRow

pytestmark = pytest.mark.usefixtures("portal")
ZONE = ZoneInfo("America/New_York")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """At noon of a Monday, where the clinic is."""
    found = held(monkeypatch)
    found.moment = datetime(2026, 11, 30, 12, tzinfo=ZONE)
    return found


def without_mail() -> Patient:
    return a_patient(email="", phone=a_number())


def texted(patient: Patient) -> int:
    return len(stores.sent_to(patient.phone))


def states(patient: Patient) -> list[str]:
    rows = CareRow.query(patient.patient_id, CareRow.sk.startswith("outbox#"))
    return sorted(row.state for row in rows)


def test_without_a_decision_one_text_a_day_and_the_rest_waits_for_the_morning(clock: Clock) -> None:
    patient = without_mail()

    for _ in range(3):
        released(a_message(patient))
    assert texted(patient) == 1
    assert states(patient) == ["pending", "pending", "sent"]

    clock.advance(hours=19, minutes=59)
    outbox_delivery.deliver_overdue()
    assert texted(patient) == 1
    clock.advance(minutes=2)
    outbox_delivery.deliver_overdue()
    assert texted(patient) == 2, "one message for both"
    assert states(patient) == ["sent"] * 3


def test_without_a_decision_three_texts_a_week(clock: Clock) -> None:
    patient = without_mail()
    for _ in range(5):
        released(a_message(patient))
        clock.advance(days=1)
        outbox_delivery.deliver_overdue()
    assert texted(patient) == 3

    clock.moment = datetime(2026, 12, 7, 8, 1, tzinfo=ZONE)
    outbox_delivery.deliver_overdue()

    assert texted(patient) == 4
    assert set(states(patient)) == {"sent"}


def test_with_a_yes_each_news_comes_at_once(clock: Clock) -> None:
    del clock
    patient = without_mail()
    answered(signed_in(patient, accept="application/json"), "sms", "give")

    for _ in range(4):
        released(a_message(patient))

    assert texted(patient) == 4


def test_after_a_no_none_comes_and_security_news_still_does(clock: Clock) -> None:
    from portal.audit import Event

    patient = without_mail()
    answered(signed_in(patient, accept="application/json"), "sms", "withdraw")

    released(a_message(patient))
    assert texted(patient) == 0
    assert states(patient) == ["nobody-to-tell"]

    outbox.tell_account(patient.patient_id, Event.PASSWORD_CHANGED)
    clock.advance(seconds=1)
    outbox_delivery.deliver_overdue()
    assert texted(patient) == 1


def test_who_reads_mail_is_told_by_mail_however_often(clock: Clock) -> None:
    del clock
    patient = a_patient(phone=a_number())

    for _ in range(2):
        released(a_message(patient))

    assert len(stores.sent_to(patient.email)) == 2
    assert texted(patient) == 0


def test_a_text_that_could_not_be_sent_is_tried_again_the_same_day(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = without_mail()
    with monkeypatch.context() as patch:
        patch.setattr(notify, "answer_sms", _fails)
        released(a_message(patient), until="publish")
        clock.advance(seconds=1)
        outbox_delivery.deliver_overdue()
    assert texted(patient) == 0

    clock.advance(seconds=61)
    outbox_delivery.deliver_overdue()

    assert texted(patient) == 1


def _fails(*_given: object) -> bool:
    from botocore.exceptions import ConnectTimeoutError

    raise ConnectTimeoutError(endpoint_url="sns")


def test_a_brother_at_the_same_phone_has_texts_of_his_own(clock: Clock) -> None:
    del clock
    phone = a_number()
    family = [a_patient(email="", phone=phone) for _ in range(2)]

    for each in family:
        released(a_message(each))

    assert len(stores.sent_to(phone)) == 2


def waits_until(patient: Patient, owed: str) -> datetime | None:
    try:
        assert care_texts.may_send(patient, "results", [owed])
    except NotYet as not_yet:
        return not_yet.until
    return None


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(hours=st.lists(st.integers(min_value=1, max_value=60), min_size=1, max_size=14))
def test_never_two_a_day_nor_four_in_seven_days(
    hours: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(moments, "clock", clock)
    patient = a_patient(email="", phone=a_number())
    sent_on = []
    for n, gap in enumerate(hours):
        clock.advance(hours=gap)
        until = waits_until(patient, f"outbox#{n}")
        if until is None:
            sent_on.append(clock.moment.astimezone(ZONE).date())
        else:
            assert until > clock.moment
            assert until.astimezone(ZONE).hour == 8

    assert len(sent_on) == len(set(sent_on))
    for day in sent_on:
        assert len([each for each in sent_on if timedelta() <= each - day < timedelta(7)]) <= 3
