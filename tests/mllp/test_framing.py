"""The MLLP decoder: any cutting of a stream gives the same messages, and no byte is unaccounted."""

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from infra.mllp.framing import Broken, Decoder, Fault, Found, framed, is_framable

LIMIT = 12
PIECES = [b"\x0b", b"\x1c", b"\r", b"M", b"SH|", b"\x1c\r", b"\x0bMSH|\x1c\r"]
STREAMS = st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join)
CONTENTS = st.binary(min_size=1, max_size=LIMIT).filter(is_framable)


def decoded(*chunks: bytes, limit: int = LIMIT) -> tuple[list[Found], Decoder]:
    decoder = Decoder(limit)
    found = [each for chunk in chunks for each in decoder.feed(chunk)]
    return found, decoder


def cut(stream: bytes, places: list[int]) -> Iterator[bytes]:
    at = sorted({0, len(stream), *(place % (len(stream) + 1) for place in places)})
    return (stream[start:end] for start, end in pairwise(at))


@settings(deadline=None)
@given(STREAMS, st.lists(st.integers(0, 200)))
def test_any_cutting_of_a_stream_gives_the_same_messages_and_counts(
    stream: bytes, places: list[int]
) -> None:
    whole, counting = decoded(stream)
    found, counts = decoded(*cut(stream, places))

    assert found == whole
    assert (counts.counts, counts.end()) == (counting.counts, counting.end())


@settings(deadline=None)
@given(STREAMS)
def test_every_byte_is_in_a_message_or_counted_as_dropped(stream: bytes) -> None:
    found, decoder = decoded(stream)
    decoder.end()
    taken = sum(len(framed(each)) for each in found if isinstance(each, bytes))

    assert taken + decoder.counts["dropped-bytes"] == len(stream)


@settings(deadline=None)
@given(st.lists(CONTENTS), st.lists(st.integers(0, 400)))
def test_what_was_framed_comes_out_as_it_was(messages: list[bytes], places: list[int]) -> None:
    stream = b"".join(framed(message) for message in messages)

    found, decoder = decoded(*cut(stream, places))

    assert found == messages
    assert decoder.counts["dropped-bytes"] == 0
    assert decoder.counts["frame"] == len(messages)


def test_bytes_before_vt_are_dropped_and_counted() -> None:
    found, decoder = decoded(b"junk\r\n\x1c\r", framed(b"MSH|"))

    assert found == [b"MSH|"]
    assert decoder.counts["dropped-bytes"] == 8


def test_fs_without_cr_ends_the_frame_and_the_next_vt_begins_anew() -> None:
    assert decoded(b"\x0bhalf\x1cmore\x1c\r", framed(b"MSH|"))[0] == [Broken(Fault.NO_CR), b"MSH|"]
    assert decoded(b"\x0bhalf\x1c" + framed(b"MSH|"))[0] == [Broken(Fault.NO_CR), b"MSH|"]
    assert decoded(b"\x0bhalf\x1c\x1c\r")[0] == [Broken(Fault.NO_CR)]


def test_vt_inside_a_frame_begins_the_newer_frame() -> None:
    assert decoded(b"\x0bold" + framed(b"new"))[0] == [Broken(Fault.NEWER_VT), b"new"]


def test_an_empty_frame_is_no_message() -> None:
    assert decoded(framed(b""))[0] == [Broken(Fault.EMPTY)]


def test_a_message_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    assert decoded(framed(b"x" * LIMIT))[0] == [b"x" * LIMIT]
    assert decoded(framed(b"x" * (LIMIT + 1)))[0] == [Broken(Fault.TOO_LARGE, b"x" * LIMIT)]


def test_a_message_without_end_is_never_held() -> None:
    decoder = Decoder(limit=1_000)
    found = [each for _ in range(100) for each in decoder.feed(b"\x0b" + b"x" * 10_000)]

    assert [each.fault for each in found if isinstance(each, Broken)] == [Fault.TOO_LARGE] * 100
    assert not decoder.is_in_frame


def test_a_stream_that_ends_inside_a_frame_says_so() -> None:
    assert decoded(b"\x0bhalf")[1].end() == Broken(Fault.CUT)
    assert decoded(framed(b"MSH|"))[1].end() is None
