"""The queue's side: what a body may be, what is kept, and when a release is started."""

import base64
import json
from typing import Any

import pytest
from functions.lab_release import receive
from tests.builders import a_message, a_patient, released

from portal import arrivals, objects, waiting

pytestmark = pytest.mark.usefixtures("portal")


class Workflows:
    """Remembers what was started, instead of Step Functions."""

    def __init__(self) -> None:
        self.started: list[dict[str, Any]] = []

    def start_execution(self, **request: Any) -> None:
        self.started.append(json.loads(request["input"]) | {"name": request["name"]})


@pytest.fixture
def workflows(monkeypatch: pytest.MonkeyPatch) -> Workflows:
    remembered = Workflows()
    monkeypatch.setattr(receive, "client", lambda _: remembered)
    return remembered


def delivered(*bodies: str, **attributes: str) -> Any:
    named = {
        name: {"stringValue": value, "dataType": "String"} for name, value in attributes.items()
    }
    records = [
        {"messageId": str(n), "body": body, "messageAttributes": named, "eventSource": "aws:sqs"}
        for n, body in enumerate(bodies)
    ]
    return receive.handler({"Records": records}, None)


def test_a_message_as_text_is_kept_noted_and_started(workflows: Workflows) -> None:
    raw = a_message(a_patient())

    answer = delivered(raw.decode())

    raw_id = objects.raw_id(raw)
    assert answer == {"batchItemFailures": []}
    assert workflows.started == [{"raw_id": raw_id, "name": f"{raw_id}-0-0"}]
    assert objects.raw(raw_id)[0] == raw
    assert arrivals.arrival(raw_id).state == arrivals.RECEIVED


def test_bytes_that_are_no_text_come_in_base64(workflows: Workflows) -> None:
    raw = a_message(a_patient()) + "NTE|1||año".encode("latin-1")

    delivered(base64.b64encode(raw).decode(), encoding="base64")

    assert objects.raw(objects.raw_id(raw))[0] == raw
    assert len(workflows.started) == 1


def test_a_wrong_encoding_loses_nothing(workflows: Workflows) -> None:
    delivered("MSH|not base64", encoding="base64")

    assert objects.raw(objects.raw_id(b"MSH|not base64"))[0] == b"MSH|not base64"
    assert len(workflows.started) == 1


def test_a_pointer_to_a_kept_message_starts_it(workflows: Workflows) -> None:
    raw_id = objects.keep_raw(a_message(a_patient()))
    arrivals.received(raw_id, "Test lab")

    delivered(json.dumps({"raw_id": raw_id}))

    assert [each["raw_id"] for each in workflows.started] == [raw_id]


@pytest.mark.parametrize("body", ['{"raw_id": "x"}', "{", '{"raw_id": 5}', "{}", '{"a": 1}'])
def test_what_only_looks_like_a_pointer_is_kept_as_it_came(body: str, workflows: Workflows) -> None:
    delivered(body)

    assert objects.raw(objects.raw_id(body.encode()))[0] == body.encode()
    assert len(workflows.started) == 1


def test_a_finished_message_is_not_started_again(workflows: Workflows) -> None:
    raw = a_message(a_patient())
    released(raw)

    delivered(raw.decode())

    assert workflows.started == []


def test_one_message_that_cannot_be_stored_does_not_hold_back_the_others(
    workflows: Workflows, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_raw = objects.keep_raw

    def fails_for_one(body: bytes, charset: str = "") -> str:
        if b"POISON" in body:
            raise ConnectionError
        return keep_raw(body, charset)

    monkeypatch.setattr(objects, "keep_raw", fails_for_one)

    answer = delivered(a_message(a_patient()).decode(), "MSH|POISON")

    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert len(workflows.started) == 1


def test_what_was_let_go_on_is_an_execution_of_its_own(workflows: Workflows) -> None:
    """EXPRESS does not run a name again that it has just run."""
    raw = a_message(a_patient())
    delivered(raw.decode())

    waiting.requeue(objects.raw_id(raw))
    delivered(json.dumps({"raw_id": objects.raw_id(raw)}))

    assert len({each["name"] for each in workflows.started}) == 2
