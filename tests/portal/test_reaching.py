"""By which ways people are told, and when: what they chose on their page of notices."""

from datetime import UTC, datetime
from typing import Any

import pytest
from functions.lab_release.app import StepFailed
from functions.upkeep import app as upkeep
from tests.builders import a_message, a_patient, released
from tests.clock import Clock, held
from tests.family.ties import a_child, a_parents
from tests.settings.accounts import a_number, reachable
from tests.stores import sent_to
from tests.visitors import signed_in

from portal import audit, notify, outbox, outbox_delivery, preferences
from portal.audit import Event
from portal.patients import Patient
from portal.preferences import Channel, Topic
from portal.tables import CareRow

pytestmark = pytest.mark.usefixtures("portal")

NIGHT = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)  # 23:30 in New York


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = held(monkeypatch)
    clock.moment = datetime(2026, 11, 19, 17, tzinfo=UTC)  # noon there
    return clock


def choosing(patient: Patient, **choices: Any) -> Patient:
    entry = audit.row(
        Event.SETTINGS_CHANGED, actor="", patient_id=patient.patient_id, request_id=""
    )
    preferences.change(patient.patient_id, entry, lambda _: choices)
    return patient


def on(topic: Topic, *channels: Channel) -> dict[str, Any]:
    return {"chosen": {topic: channels}}


def quiet(**facts: Any) -> dict[str, Any]:
    return {"quiet_from": "22:00", "quiet_to": "07:00"} | facts


def counts(patient: Patient) -> tuple[int, int]:
    """E-mails and texts."""
    return len(sent_to(patient.email)), len(sent_to(patient.phone))


def deliver(clock: Clock) -> None:
    clock.advance(seconds=1)
    outbox_delivery.deliver_overdue()


def a_result(patient: Patient, clock: Clock) -> None:
    released(a_message(patient, signed_off=clock.moment))
    outbox_delivery.deliver_overdue()


def states(patient: Patient) -> list[str]:
    return [
        row.state for row in CareRow.query(patient.patient_id, CareRow.sk.startswith("outbox#"))
    ]


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        (None, (1, 0)),
        ((Channel.EMAIL,), (1, 0)),
        ((Channel.SMS,), (0, 1)),
        ((Channel.EMAIL, Channel.SMS), (1, 1)),
        ((Channel.PUSH,), (0, 0)),
        ((), (0, 0)),
    ],
    ids=["never chose", "email", "sms", "both", "push alone", "none"],
)
def test_a_result_is_told_by_the_ways_that_were_chosen(
    channels: tuple[Channel, ...] | None, expected: tuple[int, int], clock: Clock
) -> None:
    patient = reachable()
    if channels is not None:
        choosing(patient, **on(Topic.RESULTS, *channels))

    a_result(patient, clock)

    assert counts(patient) == expected
    assert states(patient) == ["sent" if any(expected) else "nobody-to-tell"]


def test_who_never_chose_and_has_a_phone_alone_gets_a_text(clock: Clock) -> None:
    patient = a_patient(email="", phone=a_number())

    a_result(patient, clock)

    assert len(sent_to(patient.phone)) == 1


def test_a_text_that_must_wait_holds_no_email_back(clock: Clock) -> None:
    """Without a consent there is one text a day; the e-mail tells of the next result."""
    patient = choosing(reachable(), **on(Topic.RESULTS, Channel.EMAIL, Channel.SMS))

    a_result(patient, clock)
    a_result(patient, clock)

    assert counts(patient) == (2, 1)
    assert states(patient) == ["sent", "sent"]


def test_in_quiet_hours_a_result_waits_and_is_told_once_after_them(clock: Clock) -> None:
    patient = choosing(reachable(), **quiet())
    clock.moment = NIGHT

    a_result(patient, clock)
    a_result(patient, clock)
    for _ in range(3):
        upkeep.handler({}, None)
    assert counts(patient) == (0, 0)
    assert states(patient) == ["pending", "pending"]

    clock.moment = datetime(2026, 11, 20, 11, 59, tzinfo=UTC)
    upkeep.handler({}, None)
    assert counts(patient) == (0, 0)
    clock.moment = datetime(2026, 11, 20, 12, 1, tzinfo=UTC)  # 07:01
    for _ in range(3):
        upkeep.handler({}, None)

    assert counts(patient) == (1, 0), "one message of both"
    assert states(patient) == ["sent", "sent"]


def test_quiet_hours_are_of_the_persons_own_clock(clock: Clock) -> None:
    patient = choosing(reachable(), **quiet(time_zone="Asia/Tokyo"))
    clock.moment = NIGHT  # 13:30 in Tokyo

    a_result(patient, clock)

    assert counts(patient) == (1, 0)


def test_news_of_people_one_helps_waits_too(clock: Clock) -> None:
    mother, child = choosing(reachable(), **quiet()), a_child()
    a_parents(child, mother)
    clock.moment = NIGHT

    a_result(child, clock)
    assert counts(mother) == (0, 0)
    clock.advance(hours=8)
    outbox_delivery.deliver_overdue()

    assert counts(mother) == (1, 0)


@pytest.mark.parametrize("event", [Event.NEW_DEVICE, Event.FACTOR_ADDED, Event.PROXY_JOINED])
def test_security_news_knows_no_quiet_hours(event: Event, clock: Clock) -> None:
    patient = choosing(reachable(), **quiet())
    clock.moment = NIGHT

    outbox.tell_account(patient.patient_id, event)
    deliver(clock)

    assert counts(patient) == (1, 1)


def test_what_can_wait_holds_no_security_news_back_and_sends_none_of_it_twice(
    clock: Clock,
) -> None:
    patient = choosing(reachable(), **quiet())
    clock.moment = NIGHT
    outbox.tell_account(patient.patient_id, Event.PROXY_DENIED)
    outbox.tell_account(patient.patient_id, Event.NEW_DEVICE)

    deliver(clock)
    assert counts(patient) == (1, 1)
    assert "device we do not know" in sent_to(patient.email)[0].text
    clock.advance(hours=8)
    deliver(clock)
    deliver(clock)

    mails = [each.text for each in sent_to(patient.email)]
    assert len(mails) == 2
    assert "could not give you the access" in mails[1]


def test_a_sign_in_code_comes_at_night(clock: Clock) -> None:
    patient = choosing(reachable(), **quiet())
    clock.moment = NIGHT
    browser = signed_in(patient)
    number = a_number()

    browser.post("/settings/security/phone", phone=number)

    assert len(sent_to(number)) == 1


def test_security_news_comes_by_the_way_that_is_left_where_the_chosen_one_fails(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = choosing(reachable(), **on(Topic.SECURITY, Channel.SMS))
    monkeypatch.setattr(notify, "send_sms", lambda *_: False)  # it said STOP

    outbox.tell_account(patient.patient_id, Event.NEW_DEVICE)
    deliver(clock)

    assert len(sent_to(patient.email)) == 1


def test_who_closes_a_way_for_security_news_is_told_by_that_way_too(clock: Clock) -> None:
    patient = reachable()

    signed_in(patient).post("/settings/notices/security", sms="yes")
    deliver(clock)

    assert "changed by which ways" in sent_to(patient.email)[-1].text
    assert "changed by which ways" in sent_to(patient.phone)[-1].text
    outbox.tell_account(patient.patient_id, Event.NEW_DEVICE)
    deliver(clock)
    assert counts(patient) == (1, 2)


def test_a_second_try_uses_only_the_way_that_failed(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ClientError

    patient = choosing(reachable(), **on(Topic.RESULTS, Channel.EMAIL, Channel.SMS))
    works = notify.send_sms

    def fails(_to: str, _text: str) -> bool:
        raise ClientError({"Error": {"Code": "Throttling"}}, "Publish")

    monkeypatch.setattr(notify, "send_sms", fails)
    with pytest.raises(StepFailed):
        released(a_message(patient, signed_off=clock.moment))
    assert counts(patient) == (1, 0)
    monkeypatch.setattr(notify, "send_sms", works)
    clock.advance(minutes=2)
    deliver(clock)

    assert counts(patient) == (1, 1)
    assert states(patient) == ["sent"]


def test_messages_are_in_the_language_that_was_chosen(clock: Clock) -> None:
    patient = choosing(reachable(language="en"), language="es")

    a_result(patient, clock)

    assert "resultado" in sent_to(patient.email)[-1].text
