"""What travels between asking for a link and opening it."""

import json
import re
from typing import Any

from functions.sign_in import send
from tests.client import Client, Response
from tests.stores import queued, sent_to
from tests.visitors import a_browser

from portal.links import Link


def ask(browser: Client, address: str) -> Response:
    return browser.post("/sign-in", address=address)


def requested() -> list[dict[str, Any]]:
    """Requests waiting to be sent, taken from their queue."""
    return queued("SignInRequests")


def deliver(requests: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Runs the sender as SQS would; returns its answer."""
    bodies = requested() if requests is None else requests
    records = [
        {"messageId": str(number), "eventSource": "aws:sqs", "body": json.dumps(body)}
        for number, body in enumerate(bodies)
    ]
    answer: dict[str, Any] = send.handler({"Records": records}, None)
    return answer


def newest(address: str) -> Link:
    """The link and code of the newest message to this address."""
    text = sent_to(address)[-1].text
    token, code = re.search(r"/sign-in/(\S+)", text), re.search(r"(?:is|:) (\d{6})\b", text)
    assert token
    assert code
    return Link(token[1], code[1])


def asked(address: str, **facts: Any) -> tuple[Client, Link]:
    """A browser that asked, and the link that was sent."""
    requested()
    browser = a_browser(**facts)
    assert ask(browser, address).status == 200
    deliver()
    return browser, newest(address)
