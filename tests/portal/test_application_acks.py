"""What is told on the queue of acknowledgements once a message's end is known."""

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests import stores
from tests.builders import a_message, a_patient

from portal import application_acks, hl7, objects
from portal import settings as environment
from portal.errors import Reason, Unusable
from portal.hl7 import Message

pytestmark = pytest.mark.usefixtures("portal")

REFUSAL = Unusable(Reason.PATIENT_UNMATCHED, "Nobody here has an identifier of PID-3.")
type Collect = Callable[[], list[Message]]


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Collect:
    """What an EHR takes from the queue."""
    sqs = stores.client("sqs")
    url = sqs.create_queue(QueueName="Acknowledgements")["QueueUrl"]
    sqs.purge_queue(QueueUrl=url)
    changed = replace(environment.settings(), acknowledgements_url=url)
    monkeypatch.setattr(application_acks, "settings", lambda: changed)

    def collect() -> list[Message]:
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return [hl7.read(body_of(each)) for each in answer.get("Messages", ())]

    return collect


def body_of(sent: dict[str, dict[str, object]]) -> bytes:
    body = str(sent["Body"])
    return base64.b64decode(body) if "MessageAttributes" in sent else body.encode()


def kept(accept: str, application: str, control_id: str = "C77") -> str:
    raw = a_message(a_patient(), control_id=control_id)
    return objects.keep_raw(raw.replace(b"|2.5.1", f"|2.5.1|||{accept}|{application}".encode(), 1))


@pytest.mark.parametrize(
    ("application", "of_good", "of_bad"),
    [("AL", "AA", "AE"), ("SU", "AA", ""), ("ER", "", "AE"), ("NE", "", ""), ("", "", "")],
)
@pytest.mark.parametrize("accept", ["AL", "NE", "ER", "SU"])
def test_msh_16_says_what_is_told(
    accept: str, application: str, of_good: str, of_bad: str, collected: Collect
) -> None:
    good, bad = kept(accept, application), kept(accept, application)

    told = [application_acks.send(good), application_acks.send(bad, REFUSAL)]

    assert told == [bool(of_good), bool(of_bad)]
    codes = {message.first("MSA").text(1) for message in collected()}
    assert codes == {of_good, of_bad} - {""}


def test_it_names_the_message_and_goes_back_to_its_sender(collected: Collect) -> None:
    application_acks.send(kept("AL", "AL", "CTRL-9"))

    (answer,) = collected()
    header = answer.first("MSH")
    assert answer.first("MSA").raw(2) == "CTRL-9"
    assert [header.text(n) for n in (3, 4, 5, 6)] == ["PORTAL", "CLINIC", "LAB", "RIVERBEND"]
    assert header.raw(9) == "ACK^R01^ACK"


def test_an_error_gives_the_reason_of_the_quarantine_and_its_place(collected: Collect) -> None:
    application_acks.send(kept("AL", "AL"), REFUSAL)

    (answer,) = collected()
    error = answer.first("ERR")
    assert (error.text(2), error.text(2, 3), error.text(3)) == ("PID", "3", "204")
    assert error.text(8) == REFUSAL.detail


def test_sent_twice_it_is_known_by_its_control_id(collected: Collect) -> None:
    raw_id = kept("AL", "AL")

    application_acks.send(raw_id)
    application_acks.send(raw_id)

    assert len({message.first("MSH").raw(10) for message in collected()}) == 1


def test_a_sender_of_original_mode_had_its_answer_already(collected: Collect) -> None:
    assert not application_acks.send(kept("", "AL"))
    assert collected() == []


@pytest.mark.parametrize("control_id", ["Ñ7", "a\x01b"])
def test_what_a_queue_cannot_carry_as_text_goes_in_base64(
    control_id: str, collected: Collect
) -> None:
    application_acks.send(kept("AL", "AL", control_id))

    (answer,) = collected()
    assert answer.first("MSA").raw(2) == control_id


@pytest.mark.parametrize("raw", [b'{"resourceType": "MSH|^~"}', b"no message", b"MSH|^~\\&|A"])
def test_what_asked_for_nothing_is_told_nothing(raw: bytes, collected: Collect) -> None:
    assert not application_acks.send(objects.keep_raw(raw), REFUSAL)
    assert collected() == []
