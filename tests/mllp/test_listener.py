"""What a lab sees of the listener over a socket: frames, order, limits, flow control, the end."""

import select
import socket
import threading
import time

import pytest
from infra.mllp import conversation
from infra.mllp.conversation import stay_alive
from tests.mllp.fake_portal import FakePortal, Scripted, accepted, fake_portal
from tests.mllp.listening import listening
from tests.mllp.senders import a_message, fields, frame, until


def test_an_answer_comes_framed_like_the_message_and_unchanged() -> None:
    message = a_message("ABC-7")
    with fake_portal() as portal, listening(portal.url) as listener, listener.sender() as lab:
        lab.send(message)

        assert lab.answer() == accepted(message)
        assert portal.bodies == [message]


def test_bytes_before_vt_are_dropped_and_counted() -> None:
    with fake_portal() as portal, listening(portal.url) as listener, listener.sender() as lab:
        lab.send_bytes(b"\r\nhello" + frame(a_message("1")))

        assert lab.msa() == ["AA", "1"]
        assert portal.bodies == [a_message("1")]
        assert listener.journal.counts["dropped-bytes"] == 7


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (b"\x0bMSH|^~\\&|half\x1cno return", "no-cr-after-fs"),
        (b"\x0bMSH|^~\\&|half", "newer-vt"),
        (b"\x0b\x1c\r", "empty"),
    ],
)
def test_a_broken_frame_gets_no_answer_and_the_next_vt_is_read(broken: bytes, why: str) -> None:
    with fake_portal() as portal, listening(portal.url) as listener, listener.sender() as lab:
        lab.send_bytes(broken + frame(a_message("2")))

        assert lab.msa() == ["AA", "2"]
        assert portal.bodies == [a_message("2")]
        assert [line["why"] for line in listener.events("bad-frame")] == [why]
        assert listener.journal.counts["frame-error"] == 1


def test_two_frames_in_one_segment_get_two_answers_in_order() -> None:
    with fake_portal() as portal, listening(portal.url) as listener, listener.sender() as lab:
        lab.send(a_message("1"), a_message("2"))

        assert [lab.msa(), lab.msa()] == [["AA", "1"], ["AA", "2"]]


def test_one_frame_in_a_thousand_segments_gets_one_answer() -> None:
    sent = frame(a_message("1", note="x" * 900))
    with fake_portal() as portal, listening(portal.url) as listener, listener.sender() as lab:
        lab.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in range(len(sent)):
            lab.send_bytes(sent[place : place + 1])

        assert len(sent) > 1_000
        assert lab.msa() == ["AA", "1"]
        assert len(portal.requests) == 1


def test_three_connections_at_once_are_all_answered() -> None:
    held = threading.Event()
    with fake_portal(*[Scripted(held=held)] * 3) as portal, listening(portal.url) as listener:
        labs = [listener.sender() for _ in range(3)]
        for number, lab in enumerate(labs):
            lab.send(a_message(str(number)))
        until(lambda: portal.most_under_way == 3)
        held.set()

        assert [lab.msa() for lab in labs] == [["AA", "0"], ["AA", "1"], ["AA", "2"]]
        for lab in labs:
            lab.socket.close()


def test_a_message_cut_in_the_middle_is_not_forwarded() -> None:
    with fake_portal() as portal, listening(portal.url) as listener:
        with listener.sender() as lab:
            lab.send_bytes(frame(a_message("1"))[:-1])
        until(lambda: listener.events("disconnected"))

        assert portal.requests == []
        assert [line["why"] for line in listener.events("bad-frame")] == ["cut"]


def test_a_lab_that_closes_its_side_after_the_message_still_gets_its_answer() -> None:
    with fake_portal() as portal, listening(portal.url) as listener, listener.sender() as lab:
        lab.send(a_message("1"))
        lab.socket.shutdown(socket.SHUT_WR)

        assert lab.msa() == ["AA", "1"]


def test_a_frame_that_stands_still_half_way_is_given_up() -> None:
    with (
        fake_portal() as portal,
        listening(portal.url, stall_seconds=0.05) as listener,
        listener.sender() as lab,
    ):
        lab.send_bytes(b"\x0bMSH|")

        assert lab.is_closed_without_an_answer()
        assert portal.requests == []


def test_a_dead_peer_is_noticed_by_tcp_keep_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def noted(connection: socket.socket) -> None:
        stay_alive(connection)
        kept.append(connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))

    kept: list[int] = []
    monkeypatch.setattr(conversation, "stay_alive", noted)
    with fake_portal() as portal, listening(portal.url) as listener, listener.sender() as lab:
        lab.send(a_message("1"))
        lab.answer()

        assert kept == [1]


def test_an_idle_connection_lives() -> None:
    with (
        fake_portal() as portal,
        listening(portal.url, stall_seconds=0.05) as listener,
        listener.sender() as lab,
    ):
        lab.send(a_message("1"))
        assert lab.msa() == ["AA", "1"]
        time.sleep(0.3)
        lab.send(a_message("2"))

        assert lab.msa() == ["AA", "2"]


def test_a_message_over_the_limit_is_rejected_and_the_connection_closed() -> None:
    with (
        fake_portal() as portal,
        listening(portal.url, message_bytes=50_000) as listener,
        listener.sender() as lab,
    ):
        lab.send(a_message("1", note="x" * 5_000_000))
        answer = fields(lab.answer())

        assert answer["MSA"][1:3] == ["AR", "1"]
        assert "50000 bytes" in answer["ERR"][8]
        assert lab.is_closed_without_an_answer()
        assert portal.requests == []


@pytest.mark.parametrize("start", [b"", b"MSH|^~\\&|LAB|MAINLAB|||||ORU^R01|"])
def test_a_stream_without_end_and_without_a_whole_msh_is_closed(start: bytes) -> None:
    with (
        fake_portal() as portal,
        listening(portal.url, message_bytes=50_000) as listener,
        listener.sender() as lab,
    ):
        lab.send_bytes(b"\x0b" + start + b"x" * 60_000)

        assert lab.is_closed_without_an_answer()
        assert portal.requests == []


def test_one_connections_messages_go_one_after_the_other() -> None:
    with fake_portal() as portal, listening(portal.url) as listener, listener.sender() as lab:
        messages = [a_message(str(number)) for number in range(20)]
        lab.send(*messages)

        assert [lab.msa()[1] for _ in messages] == [str(number) for number in range(20)]
        assert portal.bodies == messages
        assert portal.most_under_way == 1


def test_no_more_than_so_many_are_forwarded_at_once() -> None:
    held = threading.Event()
    slow = [Scripted(held=held)] * 6
    with fake_portal(*slow) as portal, listening(portal.url, at_once=2) as listener:
        labs = [listener.sender() for _ in range(6)]
        for lab in labs:
            lab.send(a_message("1"))
        until(lambda: portal.under_way == 2)
        time.sleep(0.1)  # for a third, were it let through
        held.set()

        assert [lab.msa() for lab in labs] == [["AA", "1"]] * 6
        assert portal.most_under_way == 2
        for lab in labs:
            lab.socket.close()


def test_while_the_portal_is_busy_the_bytes_stay_with_the_sender() -> None:
    held = threading.Event()
    much = frame(a_message("2", note="x" * 1_000_000)) * 16
    with (
        fake_portal(Scripted(held=held)) as portal,
        listening(portal.url, at_once=1) as listener,
        listener.sender() as first,
        listener.sender() as second,
    ):
        first.send(a_message("1"))
        until(lambda: portal.under_way == 1)
        sent = pushed_until_full(second.socket, much)

        assert sent < len(much)
        assert listener.journal.counts["received-bytes"] < 300_000

        held.set()
        second.socket.setblocking(True)
        second.send_bytes(much[sent:])
        assert first.msa() == ["AA", "1"]
        assert [second.msa() for _ in range(16)] == [["AA", "2"]] * 16


def pushed_until_full(connection: socket.socket, data: bytes) -> int:
    """How much could be sent before nobody took any more."""
    sent = 0
    connection.setblocking(False)
    while sent < len(data) and select.select([], [connection], [], 0.3)[1]:
        sent += connection.send(data[sent : sent + 65_536])
    return sent


def test_a_connection_too_many_is_closed_at_once() -> None:
    with (
        fake_portal() as portal,
        listening(portal.url, connections=1) as listener,
        listener.sender() as first,
    ):
        until(lambda: listener.events("connected"))
        with listener.sender() as second:
            assert second.is_closed_without_an_answer()
        first.send(a_message("1"))

        assert first.msa() == ["AA", "1"]
        assert len(listener.events("turned-away")) == 1


def test_a_stop_lets_the_message_under_way_finish_and_closes_the_idle() -> None:
    held = threading.Event()
    with (
        fake_portal(Scripted(held=held)) as portal,
        listening(portal.url) as listener,
        listener.sender() as idle,
        listener.sender() as busy,
    ):
        until(lambda: len(listener.events("connected")) == 2)
        busy.send(a_message("1"), a_message("2"))
        until(lambda: portal.under_way == 1)
        listener.ask_to_stop()

        assert idle.is_closed_without_an_answer()
        held.set()
        assert busy.msa() == ["AA", "1"]
        assert busy.is_closed_without_an_answer()
        until(lambda: listener.is_done)
        assert portal.bodies == [a_message("1")]
        assert listener.events("stopped")[0]["unfinished"] == 0


def test_a_stop_does_not_wait_for_ever() -> None:
    held = threading.Event()
    with (
        fake_portal(Scripted(held=held)) as portal,
        listening(portal.url, grace_seconds=0.05) as listener,
        listener.sender() as lab,
    ):
        lab.send(a_message("1"))
        until(lambda: portal.under_way == 1)
        listener.ask_to_stop()

        assert lab.is_closed_without_an_answer()
        until(lambda: listener.is_done)
        assert listener.events("stopped")[0]["unfinished"] == 1
        held.set()


def test_the_heartbeat_tells_the_counters() -> None:
    with (
        fake_portal() as portal,
        listening(portal.url, heartbeat_seconds=0.02) as listener,
        listener.sender() as lab,
    ):
        lab.send(a_message("1"))
        lab.answer()
        until(lambda: listener.events("heartbeat")[-1:] and latest(listener.lines).get("ack-AA"))

        assert latest(listener.lines)["open"] == 1
        assert latest(listener.lines)["frame"] == 1


def latest(lines: list[dict[str, object]]) -> dict[str, object]:
    return [line for line in lines if line["event"] == "heartbeat"][-1]


def test_no_log_line_holds_a_word_of_a_message(portal_down: FakePortal) -> None:
    with listening(portal_down.url, patience=0.1) as listener:
        for sent in (frame(a_message("9")), b"\x0bTestcase^Zora", b"Testcase"):
            with listener.sender() as lab:
                lab.send_bytes(sent)
                lab.socket.shutdown(socket.SHUT_WR)
                assert lab.is_closed_without_an_answer()
        until(lambda: len(listener.events("disconnected")) == 3)

        for secret in ("Testcase", "Zora", "MRN-Q7", "MAINLAB", "MSH", "ehr_invented"):
            assert secret not in listener.out.getvalue()


@pytest.fixture
def portal_down() -> FakePortal:
    """Nobody listens there any more."""
    with fake_portal() as portal:
        return portal
