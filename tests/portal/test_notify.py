"""Each provider's documented request, and MiniStack where it knows the service."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from tests import stores

from portal import aws, notify
from portal.settings import settings


@pytest.fixture
def messaging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """AWS End User Messaging, checked against botocore's own model of its API."""
    chosen = replace(settings(), sms_door="end-user-messaging", sms_origin="+15555550199")
    monkeypatch.setattr(notify, "settings", lambda: chosen)
    with Stubber(aws.client("pinpoint-sms-voice-v2")) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.mark.usefixtures("portal")
def test_end_user_messaging_is_asked_as_its_api_documents(messaging: Stubber) -> None:
    expected: dict[str, Any] = {
        "DestinationPhoneNumber": "+15555550123",
        "OriginationIdentity": "+15555550199",
        "MessageBody": "You have a new result.",
        "MessageType": "TRANSACTIONAL",
    }
    messaging.add_response("send_text_message", {"MessageId": "m-1"}, expected)

    assert notify.send_sms("+15555550123", "You have a new result.")


@pytest.mark.usefixtures("portal")
def test_a_phone_on_the_services_own_list_is_not_texted_and_not_tried_again(
    messaging: Stubber,
) -> None:
    reason = {"Reason": "DESTINATION_PHONE_NUMBER_OPTED_OUT"}
    messaging.add_client_error("send_text_message", "ConflictException", modeled_fields=reason)

    assert not notify.send_sms("+15555550123", "You have a new result.")


@pytest.mark.usefixtures("portal")
def test_any_other_refusal_of_the_service_is_an_error(messaging: Stubber) -> None:
    reason = {"Reason": "NUMBER_CAPABILITIES_MISMATCH"}
    messaging.add_client_error("send_text_message", "ConflictException", modeled_fields=reason)

    with pytest.raises(ClientError):
        notify.send_sms("+15555550123", "You have a new result.")


@pytest.mark.usefixtures("portal")
def test_sns_sends_the_text_to_the_phone() -> None:
    notify.send_sms("+15555550124", "You have a new result.")

    (text,) = stores.sent_to("+15555550124")
    assert (text.channel, text.text) == ("sms", "You have a new result.")


@pytest.mark.usefixtures("portal")
def test_ses_sends_the_mail_from_our_sender() -> None:
    notify.send_email("notify@example.org", "Añadido", "Cuerpo: ñ")

    (mail,) = stores.sent_to("notify@example.org")
    assert (mail.subject, mail.text) == ("Añadido", "Cuerpo: ñ")
