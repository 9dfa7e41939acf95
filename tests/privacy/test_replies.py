"""STOP, START and HELP by text message, from the queue to the phone."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from functions.privacy import replies
from pynamodb.exceptions import QueryError
from tests import stores
from tests.architecture.template import template
from tests.builders import a_message, a_patient, a_session, released
from tests.clock import held
from tests.privacy.choices import answered
from tests.privacy.texting import a_number, got, notification, payload, texts, took
from tests.visitors import a_browser, an_app, signed_in

from portal import audit, failures, invitations, notify, outbox, text_codes, text_stops
from portal.audit import Event
from portal.tables import AuditRow, CareRow, ConsentRow

pytestmark = pytest.mark.usefixtures("portal")
EARLIER = datetime.now(UTC) - timedelta(minutes=5)


def rows(phone: str) -> list[ConsentRow]:
    return list(ConsentRow.query(text_stops._pk(phone)))


def test_the_documented_payload_is_read() -> None:
    """Word for word as the user guide has it; "EXAMPLE" is nothing we know, so it gets help."""
    message = {
        "originationNumber": "+14255550182",
        "destinationNumber": "+12125550101",
        "messageKeyword": "JOIN",
        "messageBody": "EXAMPLE",
        "inboundMessageId": "cae173d2-66b9-564c-8309-21f858e9fb84",
        "previousPublishedMessageId": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    }

    assert took(json.dumps(notification(message))) == []

    (text,) = got("+14255550182")
    assert "STOP" in text


def test_after_stop_no_text_leaves_for_that_phone() -> None:
    phone = a_number()
    assert notify.send_sms(phone, "before")

    texts(phone, "STOP")

    assert not notify.send_sms(phone, "after")
    before, confirmation = got(phone)
    assert (before, "no more texts" in confirmation) == ("before", True)


def test_stop_is_answered_once_however_often_it_is_delivered() -> None:
    phone = a_number()
    arrived = texts(phone, "Stop")

    for _ in range(3):
        assert took(arrived, arrived) == []
    again = json.loads(arrived)  # the same text, published to the topic once more
    again["Timestamp"] = "2030-01-01T00:00:00.000Z"
    assert took(json.dumps(again)) == []

    assert len(got(phone)) == 1
    assert len([row for row in rows(phone) if row.sk.startswith("said#")]) == 1


def test_one_text_delivered_to_many_at_once_counts_once() -> None:
    phone = a_number()
    arrived = json.dumps(notification(payload(phone, "STOP")))

    with ThreadPoolExecutor(8) as pool:
        failed = list(pool.map(lambda _: replies.answer(arrived), range(8)))

    assert failed == [None] * 8
    assert len(got(phone)) == 1


def test_start_lifts_it() -> None:
    phone = a_number()
    texts(phone, "STOP", at=EARLIER)

    texts(phone, "START")

    assert notify.send_sms(phone, "again")
    assert "again" in got(phone)[1]


@pytest.mark.parametrize("last", ["START", "STOP"])
def test_the_later_text_holds_in_whatever_order_they_arrive(last: str) -> None:
    """And the earlier one is not confirmed: it would say what is not so."""
    phone = a_number()
    first = "STOP" if last == "START" else "START"
    texts(phone, last)

    texts(phone, first, at=EARLIER)

    assert text_stops.is_stopped(phone) is (last == "STOP")
    assert len(got(phone)) == 1


def test_of_two_at_the_same_moment_stop_holds() -> None:
    for order in (("STOP", "START"), ("START", "STOP")):
        phone = a_number()
        for body in order:
            texts(phone, body, at=EARLIER)
        assert text_stops.is_stopped(phone)


def test_a_stop_holds_for_everybody_at_that_phone_and_nobody_else() -> None:
    phone, other = a_number(), a_number()
    family = [a_patient(phone=phone, email=""), a_patient(phone=phone, email="")]
    neighbour = a_patient(phone=other, email="")

    texts(phone, "STOP")
    for each in (*family, neighbour):
        released(a_message(each))

    assert len(got(phone)) == 1
    assert len(got(other)) == 1
    for each in family:
        (row,) = CareRow.query(each.patient_id, CareRow.sk.startswith("outbox#"))
        assert row.state == outbox.NOBODY
        assert Event.TEXTS_STOPPED in [row.event for row in audit.of_patient(each.patient_id)]
    assert Event.TEXTS_STOPPED not in [row.event for row in audit.of_patient(neighbour.patient_id)]


def test_a_number_that_came_or_changed_later_is_stopped_too() -> None:
    """What the phone said holds for the phone, not for whose it was."""
    phone = a_number()
    texts(phone, "STOP")

    released(a_message(a_patient(phone=phone, email="")))

    assert len(got(phone)) == 1


def test_a_yes_in_the_portal_does_not_overrule_the_phone() -> None:
    phone = a_number()
    patient = a_patient(phone=phone, email="")
    texts(phone, "STOP")

    answered(signed_in(patient, accept="application/json"), "sms", "give")
    released(a_message(patient))

    assert len(got(phone)) == 1
    assert "Your phone texted STOP" in signed_in(patient).get("/privacy").text


def test_not_even_a_sign_in_code_or_link_is_sent_after_a_stop() -> None:
    phone = a_number()
    patient = a_patient(phone=phone)
    texts(phone, "STOP")

    text_codes.send(a_session(patient), phone, "en")

    assert len(got(phone)) == 1


def test_who_asks_for_a_code_to_a_stopped_phone_is_told_how_to_get_it() -> None:
    from tests.builders import a_link_session, a_phone

    phone = a_number()
    patient = a_patient()
    a_phone(patient, phone)
    texts(phone, "STOP")
    app = an_app(cookies={"session": a_link_session(patient)})

    answer = app.send("POST", "/sign-in/step/text", b"{}", {"content-type": "application/json"})

    assert answer.status == 400
    assert "START" in answer.json["errors"]["code"]


def test_an_invitation_to_a_stopped_phone_is_not_taken_for_sent() -> None:
    phone = a_number()
    patient = a_patient(phone=phone, email="")
    texts(phone, "STOP")

    with pytest.raises(invitations.NoContact):
        invitations.send(patient.patient_id, "desk")

    assert len(got(phone)) == 1
    assert Event.ACTIVATION_SENT not in [row.event for row in audit.of_patient(patient.patient_id)]


def test_who_typed_a_phone_is_told_what_a_stop_does_whoever_they_are() -> None:
    stopped, unknown = a_number(), a_number()
    a_patient(phone=stopped)
    texts(stopped, "STOP")

    pages_of = [a_browser().post("/sign-in", address=each) for each in (stopped, unknown)]
    shown = [
        page.text.replace(each, "") for page, each in zip(pages_of, (stopped, unknown), strict=True)
    ]

    assert shown[0] == shown[1]
    assert "text START first" in shown[0]


def test_a_stop_from_a_number_nobody_has_is_kept_too() -> None:
    phone = a_number()

    texts(phone, "STOP", inboundMessageId="of-nobody")

    assert text_stops.is_stopped(phone)
    today = AuditRow.query(f"nobody#{datetime.now(UTC):%Y-%m-%d}")
    assert [row.event for row in today if row.request_id == "of-nobody"] == [
        "privacy.texts-stopped"
    ]


def test_help_is_answered_even_after_stop() -> None:
    phone = a_number()
    texts(phone, "STOP")

    texts(phone, "HELP")

    assert "call your clinic" in got(phone)[1]
    assert text_stops.is_stopped(phone)


def test_unknown_words_are_answered_once_a_day_and_never_after_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    phone, stopped = a_number(), a_number()
    texts(stopped, "STOP")
    for body in ("Is my result there?", "Hello?", "I am an automatic answer"):
        texts(phone, body)
        texts(stopped, body)

    assert (len(got(phone)), len(got(stopped))) == (1, 1)
    clock.advance(days=1)
    texts(phone, "Hello?")
    assert len(got(phone)) == 2


def test_it_is_answered_in_the_language_of_those_at_the_phone() -> None:
    one, mixed = a_number(), a_number()
    a_patient(phone=one, language="es")
    a_patient(phone=mixed, language="es")
    a_patient(phone=mixed, language="en")

    texts(one, "ALTO")
    texts(mixed, "ALTO")

    assert "START" in got(one)[0]
    assert "no more texts" not in got(one)[0]
    assert "no more texts" in got(mixed)[0]


def ours_only(queue: str, topic: str) -> str:
    """The queue's policy, as the template has it."""
    policy = template()["Resources"]["SmsRepliesPolicy"]["Properties"]["PolicyDocument"]
    (statement,) = policy["Statement"]
    filled = statement | {"Resource": queue, "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}
    return json.dumps({"Version": policy["Version"], "Statement": [filled]})


def test_what_the_topic_puts_on_the_queue_is_what_we_read() -> None:
    """Through the topic and the queue themselves, subscribed as the template subscribes them."""
    sns, sqs = stores.client("sns"), stores.client("sqs")
    queue = sqs.create_queue(QueueName="SmsRepliesOfATest")["QueueUrl"]
    asked = {"QueueUrl": queue, "AttributeNames": ["QueueArn"]}
    arn = sqs.get_queue_attributes(**asked)["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="SmsReplyTopicOfATest")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": ours_only(arn, topic)})
    phone = a_number()

    sns.publish(TopicArn=topic, Message=json.dumps(payload(phone, "STOP")))
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]

    assert took(message["Body"]) == []
    assert text_stops.is_stopped(phone)


@pytest.mark.parametrize("body", [
    "", "{}", "not json", '{"Message": "x", "Timestamp": "2026-01-01T00:00:00Z"}',
    json.dumps(notification({"messageBody": "STOP", "inboundMessageId": "x"})),
    json.dumps(notification({"originationNumber": "+15555550100", "messageBody": "STOP"})),
    json.dumps(notification(payload("+15555550100", "STOP", inboundMessageId="a#b"))),
    json.dumps(notification(payload("not a number", "STOP"))),
    json.dumps(notification(payload("+15555550100", "STOP")) | {"Timestamp": "2026-01-01"}),
])  # fmt: skip
def test_what_is_no_text_message_comes_again_and_ends_in_the_dead_letters(body: str) -> None:
    good = json.dumps(notification(payload(a_number(), "STOP")))

    assert took(good, body) == ["m-1"]


def test_nothing_a_phone_wrote_is_kept_or_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(failures, "log", lambda *what: said.append(repr(what[0])))
    phone = a_number()

    texts(phone, "stop, my zzrash is worse")
    took(json.dumps(notification(payload("zzrash", "STOP"))))

    for row in rows(phone):
        assert set(row.attribute_values) == {"pk", "sk"}
        assert "zzrash" not in row.sk
        assert phone.strip("+") not in row.pk + row.sk
    assert said == ["'text-message-not-taken'"]


def test_while_the_store_is_down_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may have said STOP is not texted on a guess."""
    phone = a_number()

    def down(*_given: object, **_named: object) -> None:
        raise QueryError("down")

    monkeypatch.setattr(ConsentRow, "query", down)

    with pytest.raises(QueryError):
        notify.send_sms(phone, "anything")
    assert got(phone) == []


def test_a_stop_that_cannot_be_kept_is_not_confirmed_and_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    phone = a_number()
    arrived = json.dumps(notification(payload(phone, "STOP")))

    with monkeypatch.context() as patch:
        patch.setattr(text_stops, "connection", lambda: (_ for _ in ()).throw(QueryError("down")))
        assert took(arrived) == ["m-0"]
    assert got(phone) == []

    assert took(arrived) == []
    assert text_stops.is_stopped(phone)
    assert len(got(phone)) == 1


@pytest.mark.parametrize("name", ["stopped", "started", "help", "new_result"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_each_answer_fits_one_or_two_texts(name: str, language: str) -> None:
    from portal import pages

    facts = {"portal_name": "Riverbend Clinic", "link": "https://us.portal.example.org/results"}
    text = pages.render_text(f"sms/{name}.txt", language, **facts).body

    assert len(text) <= 160
    assert "STOP" in text or "START" in text
