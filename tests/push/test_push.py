"""Push: who is told, in what words, and what happens to devices that are gone."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from functions.push import app as push_room
from tests import stores
from tests.builders import a_message, a_patient, a_session, released
from tests.client import Client
from tests.clock import held
from tests.family.ties import a_grant
from tests.push.told import ORIGIN, Service, a_service, subscribes
from tests.stores import queued, sent_to
from tests.visitors import a_browser, an_app, on_https, signed_in

from portal import audit, outbox_delivery, platform_push, preferences, push, push_devices, vapid
from portal.patients import Patient
from portal.preferences import Channel, Topic
from portal.push_devices import Kind, PushDevice
from portal.settings import settings
from portal.tables import SessionRow

pytestmark = pytest.mark.usefixtures("portal")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, aws: None) -> Iterator[Service]:  # noqa: ARG001
    queued("Pushes")
    with a_service(monkeypatch) as made:
        yield made


def delivered() -> dict[str, Any]:
    """Runs the sender as SQS would."""
    records = [
        {"messageId": str(number), "eventSource": "aws:sqs", "body": json.dumps(body)}
        for number, body in enumerate(queued("Pushes"))
    ]
    answer: dict[str, Any] = push_room.handler({"Records": records}, None)
    return answer


def a_device(patient: Patient, service: Service, **facts: Any) -> Client:
    browser = signed_in(patient, **facts)
    answer = subscribes(browser, **service.catcher.subscription())
    assert answer.location == "/settings/push?done=added"
    return browser


def events(patient: Patient) -> list[str]:
    return [row.event for row in audit.of_patient(patient.patient_id)]


def test_a_new_result_is_told_on_every_device_of_its_patient_alone(service: Service) -> None:
    patient, other = a_patient(), a_patient()
    a_device(patient, service)
    a_device(patient, service)
    a_device(other, service)

    released(a_message(patient))
    delivered()

    assert len(service.catcher.caught) == 2
    assert events(patient).count("settings.push-added") == 2


def test_what_travels_says_nothing_and_is_the_same_for_all(service: Service) -> None:
    patient = a_patient(given="Xiomara", family="Quarles")
    a_device(patient, service)

    released(a_message(patient))
    waiting = queued("Pushes")
    assert [body.keys() for body in waiting] == [{"patient_id", "topic"}]
    push_room.send(a_record(waiting[0]))

    (note,) = [json.loads(each.text) for each in service.catcher.caught]
    assert note == {
        "title": "Test clinic",
        "body": "There is something new for you. Sign in to see it.",
        "topic": "results",
        "link": "/results",
        "lang": "en",
        "dir": "ltr",
    }


def a_record(body: dict[str, Any]) -> Any:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

    return SQSRecord({"messageId": "1", "body": json.dumps(body)})


def test_it_speaks_the_language_of_the_device(service: Service) -> None:
    patient = a_patient()
    a_device(patient, service, language="ar")

    released(a_message(patient))
    delivered()

    (note,) = [json.loads(each.text) for each in service.catcher.caught]
    assert (note["lang"], note["dir"]) == ("ar", "rtl")


def test_whoever_has_no_device_costs_no_message(service: Service) -> None:  # noqa: ARG001
    released(a_message(a_patient()))

    assert queued("Pushes") == []


def test_a_helper_who_may_see_it_is_told_too(service: Service) -> None:
    patient, helper = a_patient(), a_patient()
    a_grant(patient, helper)
    a_device(helper, service)

    released(a_message(patient))
    outbox_delivery.deliver_for(helper.patient_id, "news#")
    delivered()

    (note,) = [json.loads(each.text) for each in service.catcher.caught]
    assert note["link"] == "/family"


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten(service: Service, status: int) -> None:
    patient = a_patient()
    a_device(patient, service)
    released(a_message(patient))

    service.status = status
    assert delivered() == {"batchItemFailures": []}

    assert push_devices.of(patient.patient_id) == []
    last = audit.of_patient(patient.patient_id)[-1]
    assert (last.event, last.why, last.actor) == ("settings.push-removed", "gone", "portal")


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_what_was_not_taken_is_tried_again(service: Service, status: int) -> None:
    patient = a_patient()
    a_device(patient, service)
    released(a_message(patient))

    service.status = status
    assert delivered()["batchItemFailures"] == [{"itemIdentifier": "0"}]

    assert len(push_devices.of(patient.patient_id)) == 1


def test_the_list_shows_them_and_each_can_be_removed(service: Service) -> None:
    patient = a_patient()
    browser = a_device(patient, service)
    (device,) = push_devices.of(patient.patient_id)
    path = f"/settings/push/{device.device_id}/remove"
    assert path in browser.get("/settings/push").text

    assert browser.post(path).location == "/settings/push?done=removed"

    assert push_devices.of(patient.patient_id) == []
    assert browser.post(path).status == 404


def test_nobody_removes_anothers(service: Service) -> None:
    patient = a_patient()
    a_device(patient, service)
    (device,) = push_devices.of(patient.patient_id)

    answer = signed_in(a_patient()).post(f"/settings/push/{device.device_id}/remove")

    assert answer.status == 404
    assert len(push_devices.of(patient.patient_id)) == 1


def test_the_same_device_twice_is_one_and_there_are_at_most_twenty(service: Service) -> None:
    patient = a_patient()
    browser, same = signed_in(patient), service.catcher.subscription()
    for _ in range(2):
        subscribes(browser, **same)
    assert len(push_devices.of(patient.patient_id)) == 1

    answers = [subscribes(browser, **service.catcher.subscription()).status for _ in range(20)]

    assert answers == [303] * 19 + [409]


def test_where_it_goes_is_sealed_at_rest(service: Service) -> None:
    patient = a_patient()
    a_device(patient, service)

    rows = [str(row.attribute_values) for row in SessionRow.query(f"account#{patient.patient_id}")]

    assert not any(ORIGIN in row for row in rows)


ELSEWHERE = [
    "http://127.0.0.1/push/x",
    "https://169.254.169.254/latest/meta-data",
    "https://internal.example.org/push",
    "https://fcm.googleapis.com.example.org/push",
    "https://user@fcm.googleapis.com/push",
    "https://localhost/push",
    "https://10.0.0.1/",
    "file:///etc/passwd",
    "",
]


@pytest.mark.parametrize("endpoint", ELSEWHERE)
def test_only_browsers_own_push_services_are_ever_asked(
    service: Service, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As deployed, over https; and again when it is sent, whatever a row says."""
    patient = a_patient()
    keys = {k: v for k, v in service.catcher.subscription().items() if k != "endpoint"}
    with on_https(monkeypatch):
        cookies = {"__Host-session": a_session(patient)}
        browser = a_browser(origin=settings().portal_url, cookies=cookies)
        assert subscribes(browser, endpoint=endpoint, **keys).status == 400

        device = PushDevice(Kind.WEB, endpoint, "en", "", keys["p256dh"], keys["auth"])
        assert push_room.delivered(device, push.note("results", "en")) is False

    assert service.asked == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
        "https://wns2-by3p.notify.windows.com/w/?token=abc",
        "https://web.push.apple.com/QGx",
    ],
)
def test_the_browsers_there_are_are_taken(endpoint: str) -> None:
    assert push_devices.is_service(endpoint)


def test_keys_that_are_none_are_refused(service: Service) -> None:
    browser = signed_in(a_patient())

    good = service.catcher.subscription()
    for bad in ({"p256dh": "short"}, {"auth": "short"}, {"p256dh": ""}):
        assert subscribes(browser, **(good | bad)).status == 400


def test_without_keys_of_ours_it_is_not_offered(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vapid, "public_key", lambda: "")
    browser = signed_in(a_patient())

    assert "Your clinic has not switched this on." in browser.get("/settings/push").text
    assert subscribes(browser, **service.catcher.subscription()).status == 400


def test_a_shared_device_is_not_told(service: Service) -> None:
    patient = a_patient()
    browser = a_browser(cookies={"session": a_session(patient, is_shared=True)})

    assert "data-push" not in browser.get("/settings/push").text
    assert subscribes(browser, **service.catcher.subscription()).status == 403
    assert push_devices.of(patient.patient_id) == []


def test_a_phone_app_is_told_through_sns(service: Service) -> None:  # noqa: ARG001
    stores.client("sns").create_platform_application(
        Name="portal", Platform="GCM", Attributes={"PlatformCredential": "x"}
    )
    patient = a_patient()
    app = an_app(cookies={"session": a_session(patient)})
    assert app.post("/settings/push", kind="fcm", token="a-token-of-the-phone:1").status == 200
    (device,) = push_devices.of(patient.patient_id)
    assert re.fullmatch(r"arn:aws:sns:us-east-1:0{12}:(endpoint|app)/GCM/portal/.+", device.address)
    released(a_message(patient))

    assert delivered() == {"batchItemFailures": []}

    stores.client("sns").set_endpoint_attributes(
        EndpointArn=device.address, Attributes={"Enabled": "false"}
    )
    app.post(f"/settings/push/{device.device_id}/remove")
    assert push_devices.of(patient.patient_id) == []


def test_an_app_that_was_uninstalled_is_forgotten(
    service: Service,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient = a_patient()
    arn = "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/portal/gone"
    push_devices.keep(patient.patient_id, PushDevice(Kind.FCM, arn, "en"))
    removed: list[str] = []
    monkeypatch.setattr(platform_push, "client", lambda _: Disabled(removed))
    released(a_message(patient))

    assert delivered() == {"batchItemFailures": []}

    assert push_devices.of(patient.patient_id) == []
    assert removed == [arn]


class Disabled:
    """SNS, once Apple or Google said that the token is no longer good."""

    def __init__(self, removed: list[str]) -> None:
        self.removed = removed

    def publish(self, **_: str) -> None:
        from botocore.exceptions import ClientError

        raise ClientError({"Error": {"Code": "EndpointDisabled", "Message": ""}}, "Publish")

    def delete_endpoint(self, EndpointArn: str) -> None:  # noqa: N803 - SNS's own name
        self.removed.append(EndpointArn)


def test_what_apple_and_google_are_given_says_nothing_either() -> None:
    note = push.note("results", "en")

    apple = json.loads(platform_push.said(Kind.APNS, note)["APNS"])
    google = json.loads(platform_push.said(Kind.FCM, note)["GCM"])

    words = {"title": "Test clinic", "body": note.body}
    assert apple["aps"]["alert"] == words
    assert google["fcmV1Message"]["message"]["notification"] == words
    assert google["fcmV1Message"]["message"]["data"] == {"link": "/results", "topic": "results"}


@pytest.mark.parametrize("kind", ["apns", "fcm"])
def test_an_app_of_a_platform_that_is_not_set_up_is_refused(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform_push, "application", lambda _: "")
    app = an_app(cookies={"session": a_session(a_patient())})

    assert app.post("/settings/push", kind=kind, token="abc").status == 400


def chooses(patient: Patient, **facts: Any) -> None:
    entry = audit.row(audit.Event.SETTINGS_CHANGED, actor=patient.patient_id, request_id="test")
    preferences.change(patient.patient_id, entry, lambda _: facts)


def test_who_chose_other_ways_is_not_pushed(service: Service) -> None:
    patient = a_patient()
    a_device(patient, service)
    chooses(patient, chosen={Topic.RESULTS: (Channel.EMAIL,)})

    released(a_message(patient))

    assert queued("Pushes") == []
    assert len(sent_to(patient.email)) == 1


def test_who_chose_push_alone_gets_no_mail(service: Service) -> None:
    patient = a_patient()
    a_device(patient, service)
    chooses(patient, chosen={Topic.RESULTS: (Channel.PUSH,)})

    released(a_message(patient))
    delivered()

    assert len(service.catcher.caught) == 1
    assert sent_to(patient.email) == []
    assert "lab-release.patient-notified" in events(patient)


def test_in_quiet_hours_no_phone_rings_and_afterwards_it_does(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = held(monkeypatch)
    begins, ends = (f"{clock.moment + timedelta(hours=each):%H:%M}" for each in (-1, 1))
    patient = a_patient()
    a_device(patient, service)
    chooses(patient, quiet_from=begins, quiet_to=ends, time_zone="Etc/UTC")

    released(a_message(patient))
    outbox_delivery.deliver_overdue()
    assert queued("Pushes") == []
    assert sent_to(patient.email) == []

    clock.advance(hours=1, minutes=1)
    outbox_delivery.deliver_overdue()
    delivered()
    assert len(service.catcher.caught) == 1


def test_who_never_chose_is_told_by_push_and_by_mail(service: Service) -> None:
    """A browser's subscription ends when its owner signs out: it is never the only way."""
    patient, without_mail = a_patient(), a_patient(email="", phone="+15555550143")
    for each in (patient, without_mail):
        a_device(each, service)
        released(a_message(each))

    delivered()

    assert len(service.catcher.caught) == 2
    assert len(sent_to(patient.email)) == 1
    assert sent_to("+15555550143")


def test_mail_does_not_wait_for_push(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()
    a_device(patient, service)
    gone = replace(settings(), pushes_queue_url=settings().pushes_queue_url + "-gone")
    monkeypatch.setattr(push, "settings", lambda: gone)

    released(a_message(patient))

    assert queued("Pushes") == []
    assert len(sent_to(patient.email)) == 1
