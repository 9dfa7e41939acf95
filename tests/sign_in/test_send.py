"""Sending the link: repeated, failing and foreign requests."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from functions.sign_in import send
from pynamodb.exceptions import PutError
from tests.builders import a_patient
from tests.sign_in.mail import ask, deliver, newest, requested
from tests.stores import sent_to
from tests.visitors import a_browser

from portal import notify
from portal.tables import AuditRow

pytestmark = pytest.mark.usefixtures("portal")


def a_request(address: str) -> dict[str, Any]:
    requested()
    ask(a_browser(), address)
    (request,) = requested()
    return request


def test_a_request_delivered_twice_leaves_one_link_that_opens() -> None:
    email = a_patient().email
    requested()
    browser = a_browser()
    ask(browser, email)
    (request,) = requested()

    deliver([request])
    first = newest(email)
    deliver([request])

    spent = [browser.post(f"/sign-in/{token}").status for token in (first.token, "A" * 22)]
    assert spent == [401, 401]
    tokens = {each.text.split("/sign-in/")[1].split()[0] for each in sent_to(email)}
    assert [browser.post(f"/sign-in/{each}").status for each in tokens - {first.token}] == [303]


def test_a_refused_mail_goes_back_to_the_queue_alone_and_tells_the_log_no_address(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    unlucky, lucky = a_patient().email, a_patient().email
    requests = [a_request(unlucky), a_request(lucky)]
    send_email = notify.send_email

    def refused(to: str, subject: str, body: str) -> None:
        if to == unlucky:
            message = f"Email address is not verified: {to}"
            raise ClientError({"Error": {"Code": "Rejected", "Message": message}}, "SendEmail")
        send_email(to, subject, body)

    monkeypatch.setattr(notify, "send_email", refused)

    answer = deliver(requests)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert len(sent_to(lucky)) == 1
    assert unlucky not in "".join(capfd.readouterr())


@pytest.mark.parametrize("body", [{"address": "ana@example.org"}, {}, {"address": 5}])
def test_a_request_we_cannot_read_fails_quietly(
    body: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    answer = deliver([body])

    assert len(answer["batchItemFailures"]) == 1
    assert "ana@example.org" not in "".join(capfd.readouterr())


def test_no_link_leaves_the_portal_that_the_audit_does_not_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    email = a_patient().email
    request = a_request(email)

    def down(*_: object) -> None:
        raise PutError

    monkeypatch.setattr(AuditRow, "save", down)

    assert len(deliver([request])["batchItemFailures"]) == 1
    assert sent_to(email) == []


def test_the_sender_reads_no_more_than_the_request_holds() -> None:
    assert set(send.Requested.model_fields) == {"address", "browser", "language", "request_id"}
