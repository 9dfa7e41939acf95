"""What the portal answers, and what of it reaches the lab. Never an AA the portal did not give."""

from threading import Event

import pytest
from infra.mllp.posting import destination
from tests.mllp.fake_portal import Scripted, fake_portal
from tests.mllp.listening import listening
from tests.mllp.senders import a_message, fields

DOWN = [
    Scripted(503, b"", "text/plain"),
    Scripted(500, b"AA", "text/plain"),
    Scripted(429, b"", "application/json"),
    Scripted(200, b"<html>sign in to the wifi</html>", "text/html"),
    Scripted(200, b"MSH|^~\\&|\rMSA|AA|1\x1c\r"),
    Scripted(is_cut=True),
]


def test_the_portal_gets_the_bytes_the_type_and_the_credential() -> None:
    message = "MSH|^~\\&|LAB|||||||1|P|2.5|||||||8859/1\rPID|1||ü".encode("latin-1")
    with fake_portal() as portal, listening(portal.url) as listener, listener.sender() as lab:
        lab.send(message)
        lab.answer()
        request = portal.requests[0]

        assert request.path == "/ehr/hl7"
        assert request.body == message
        assert request.headers["content-type"] == "x-application/hl7-v2+er7"
        assert request.headers["authorization"] == "Bearer ehr_invented"


def test_an_error_the_portal_found_is_passed_on_as_it_is() -> None:
    ack = b"MSH|^~\\&|PORTAL|CLINIC|LAB|MAINLAB|2026||ACK^R01^ACK|X|P|2.5.1\rMSA|AE|1\r"
    with (
        fake_portal(Scripted(body=ack)) as portal,
        listening(portal.url) as listener,
        listener.sender() as lab,
    ):
        lab.send(a_message("1"))

        assert lab.answer() == ack
        assert listener.journal.counts["ack-AE"] == 1


def test_an_empty_answer_is_no_acknowledgement_and_the_connection_stays_open() -> None:
    with (
        fake_portal(Scripted(body=b"")) as portal,
        listening(portal.url) as listener,
        listener.sender() as lab,
    ):
        lab.send(a_message("1", accept="NE"), a_message("2"))

        assert lab.msa() == ["AA", "2"]
        assert listener.journal.counts["ack-none"] == 1


@pytest.mark.parametrize(
    ("answers", "counted"),
    [
        (b"MSH|^~\\&|P\rMSA|AA|1\rMSH|^~\\&|P\rMSA|AE|2\r", {"ack-AA": 1, "ack-AE": 1}),
        (b"", {"ack-none": 1}),
    ],
)
def test_a_batch_is_answered_with_the_portals_batch(
    answers: bytes, counted: dict[str, int]
) -> None:
    batch = b"BHS|^~\\&|P\r" + answers + b"BTS|2\r"
    with (
        fake_portal(Scripted(body=batch)) as portal,
        listening(portal.url) as listener,
        listener.sender() as lab,
    ):
        lab.send(b"BHS|^~\\&|LAB\r" + a_message("1") + a_message("2") + b"BTS|2\r")

        assert lab.answer() == batch
        assert listener.journal.counts.items() >= counted.items()


@pytest.mark.parametrize("down", DOWN)
def test_a_portal_that_is_down_is_asked_again(down: Scripted) -> None:
    with (
        fake_portal(down) as portal,
        listening(portal.url) as listener,
        listener.sender() as lab,
    ):
        lab.send(a_message("1"))

        assert lab.msa() == ["AA", "1"]
        assert portal.bodies == [a_message("1")] * 2
        assert listener.journal.counts["retry"] == 1


@pytest.mark.parametrize("down", DOWN)
def test_when_patience_ends_the_connection_closes_without_an_answer(down: Scripted) -> None:
    with (
        fake_portal(*[down] * 9) as portal,
        listening(portal.url, patience=0) as listener,
        listener.sender() as lab,
    ):
        lab.send(a_message("1"))

        assert lab.is_closed_without_an_answer()
        assert len(listener.events("gave-up")) == 1


def test_a_portal_that_does_not_answer_in_time_is_asked_again() -> None:
    held = Event()
    with (
        fake_portal(Scripted(held=held)) as portal,
        listening(portal.url, timeout=0.5) as listener,
        listener.sender() as lab,
    ):
        lab.send(a_message("1"))

        assert lab.msa() == ["AA", "1"]
        assert listener.events("no-answer")[0]["why"] == "TimeoutError"
        held.set()


def test_a_portal_nobody_reaches_closes_the_connection_without_an_answer() -> None:
    with fake_portal() as portal:
        url = portal.url
    with listening(url, patience=0.1) as listener, listener.sender() as lab:
        lab.send(a_message("1"))

        assert lab.is_closed_without_an_answer()
        assert listener.events("no-answer")[0]["why"] == "ConnectionRefusedError"


@pytest.mark.parametrize(("status", "level"), [(400, "warning"), (401, "error"), (403, "error")])
def test_a_refusal_is_a_rejection_in_the_senders_words(status: int, level: str) -> None:
    said = Scripted(status, b"Send a valid bearer credential.", "text/plain; charset=utf-8")
    with (
        fake_portal(said) as portal,
        listening(portal.url) as listener,
        listener.sender() as lab,
    ):
        lab.send(a_message("ABC-7"), a_message("2"))
        answer = fields(lab.answer())

        assert answer["MSA"][1:3] == ["AR", "ABC-7"]
        assert answer["MSH"][2:6] == ["PORTAL", "CLINIC", "LAB", "MAINLAB"]
        assert f"{status}. Send a valid bearer credential." in answer["ERR"][8]
        assert lab.msa() == ["AA", "2"]
        refused = listener.events("refused")[0]
        assert (refused["level"], refused["status"]) == (level, status)


def test_a_proxys_page_is_not_quoted() -> None:
    page = Scripted(404, b"<html>10.1.2.3 has no such page", "text/html")
    with fake_portal(page) as portal, listening(portal.url) as listener, listener.sender() as lab:
        lab.send(a_message("1"))

        assert "html" not in fields(lab.answer())["ERR"][8]


@pytest.mark.parametrize(("accept", "code"), [("AL", "CR"), ("ER", "CR"), ("", "AR")])
def test_a_refusal_has_the_code_the_sender_asked_for(accept: str, code: str) -> None:
    no = Scripted(400, b"", "text/plain")
    with fake_portal(no) as portal, listening(portal.url) as listener, listener.sender() as lab:
        lab.send(a_message("1", accept=accept))

        assert lab.msa() == [code, "1"]


@pytest.mark.parametrize("message", [a_message("1", accept="NE"), a_message("1", accept="SU")])
def test_a_refusal_is_kept_from_those_who_want_none(message: bytes) -> None:
    no = Scripted(400, b"", "text/plain")
    with fake_portal(no) as portal, listening(portal.url) as listener, listener.sender() as lab:
        lab.send(message, a_message("2"))

        assert lab.msa() == ["AA", "2"]


def test_an_acknowledgement_is_not_acknowledged() -> None:
    no = Scripted(400, b"", "text/plain")
    with fake_portal(no) as portal, listening(portal.url) as listener, listener.sender() as lab:
        lab.send(b"MSH|^~\\&|LAB||||||ACK|7|P|2.5\rMSA|AA|1", a_message("2"))

        assert lab.msa() == ["AA", "2"]


def test_what_is_not_hl7_and_refused_closes_the_connection() -> None:
    no = Scripted(400, b"Send an HL7 v2 message: MSH is not usable.", "text/plain")
    with fake_portal(no) as portal, listening(portal.url) as listener, listener.sender() as lab:
        lab.send(b"hello")

        assert lab.is_closed_without_an_answer()


@pytest.mark.parametrize(
    "url",
    [
        "http://portal.example.org/ehr/hl7",
        "ftp://127.0.0.1/",
        "https://",
        "https://me:secret@portal.example.org/",
        "https://portal.example.org/a b",
    ],
)
def test_nothing_is_forwarded_in_the_clear_or_to_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="--forward"):
        destination(url, "ehr_invented")


@pytest.mark.parametrize("token", ["", "two words", "line\r\nbreak", "ünicode"])
def test_a_credential_that_cannot_be_one_is_refused_without_quoting_it(token: str) -> None:
    with pytest.raises(ValueError, match="credential") as caught:
        destination("https://portal.example.org/ehr/hl7", token)

    assert not token or token not in str(caught.value)


def test_the_local_portals_name_needs_no_resolver() -> None:
    to = destination("http://portal.localhost:4566/ehr/hl7", "ehr_invented")

    assert (to.host, to.port, to.authority) == ("127.0.0.1", 4566, "portal.localhost:4566")
    assert "ehr_invented" not in repr(to)
