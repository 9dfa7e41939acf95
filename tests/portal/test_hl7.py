import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portal.lab_messages import MSH, PID, a_message, an_obx, an_oru

from portal.hl7 import Message, read, split
from portal.hl7_text import Delimiters, escaped, unescaped

_PIECES = [*MSH, *"\\|^~&\r\n\x0b\x1c ", "MSH", "PID", "OBX|", "\\X0D\\", "\\.br\\", "é", "\x00"]


def everything(message: Message) -> list[str]:
    return [
        value.text(1) + value.text(2, 2) + value.whole() + "".join(value.components())
        for segment in message.segments
        for number in range(len(segment) + 1)
        for value in [segment.value(number), *segment.repetitions(number)]
    ]


@given(st.binary())
def test_no_bytes_make_the_reader_raise(raw: bytes) -> None:
    message = read(raw)
    everything(message)
    split(raw)

    assert message.count == len(message.all("MSH"))


@given(st.lists(st.sampled_from(_PIECES)).map("".join), st.text(max_size=12))
def test_no_broken_message_makes_the_reader_raise(text: str, charset: str) -> None:
    everything(read(f"MSH{text}".encode(), charset))
    everything(read(f"MSH|^~\\&|{text}".encode("utf-16")))


@given(st.integers(0, 400), st.binary(max_size=6))
def test_a_message_with_any_bytes_put_into_it_still_reads(place: int, junk: bytes) -> None:
    raw = an_oru()

    everything(read(raw[:place] + junk + raw[place:]))
    everything(read(raw[:place]))


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\n\r\n", "\r\r"])
def test_any_line_end_separates_segments(end: str) -> None:
    message = read(end.join([MSH, PID, an_obx()]).encode())

    assert [segment.name for segment in message.segments] == ["MSH", "PID", "OBX"]
    assert message.first("OBX").text(11) == "F"


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\x0b", b"\x00\x00", b"junk ", b"\r\n  "])
def test_what_stands_before_msh_is_left_out(before: bytes) -> None:
    assert read(before + an_oru() + b"\x1c\r").first("PID").text(3) == "1001"


def test_the_sender_chooses_its_delimiters() -> None:
    message = read(b"MSH#*!@$#LAB#########2.5\rPID#1##7*1*2*A$B!8##Doe@F@x")

    assert message.delimiters[:5] == ("#", "*", "!", "@", "$")
    assert message.first("PID").text(3, 4, 2) == "B"
    assert [value.text() for value in message.first("PID").repetitions(3)] == ["7", "8"]
    assert message.first("PID").text(5) == "Doe#x"


def test_a_fifth_encoding_character_is_accepted() -> None:
    message = read(rb"MSH|^~\&#|LAB||||||ORU^R01|1|P|2.7")

    assert message.delimiters.truncation == "#"
    assert message.first("MSH").text(9, 2) == "R01"


@pytest.mark.parametrize("marks", ["^~\\\\&", "^~&"])
def test_encoding_characters_hurt_on_their_way_are_understood(marks: str) -> None:
    assert read(f"MSH|{marks}|LAB".encode()).delimiters[:5] == ("|", "^", "~", "\\", "&")


@pytest.mark.parametrize("raw", [b"MSH", b"MSH|", b"MSH|^", b"MSH|^~\\&", b"MSH||||", b"MSH0000"])
def test_a_truncated_msh_reads_as_empty_fields(raw: bytes) -> None:
    assert read(raw).first("MSH").raw(10) == ""


def test_what_is_not_there_reads_as_nothing() -> None:
    message = read(an_oru())

    assert not message.first("ZZZ")
    assert message.first("ZZZ").text(3, 2, 1) == ""
    assert message.first("PID").text(99) == message.first("PID").text(5, 99) == ""
    assert message.first("PID").text(0) == ""


@pytest.mark.parametrize(
    ("sent", "read_as"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", "a|b^c&d~e\\f"),
        (r"one\.br\two", "one\ntwo"),
        (r"\H\bold\N\ plain", "bold plain"),
        (r"\X41C3A9\ and \X0D0A\.", "Aé and \n."),
        (r"\Zz\ \Q\ C:\dir\x", r"\Zz\ \Q\ C:\dir\x"),
        (r"\X4\ \X\ \XZZ\ ", r"\X4\ \X\ \XZZ\ "),
        ("tab\there, bell\x07 gone", "tab\there, bell gone"),
    ],
)
def test_escapes_become_text_and_unknown_ones_stay(sent: str, read_as: str) -> None:
    assert unescaped(sent, Delimiters()) == read_as


@given(st.text(st.characters(exclude_categories=["C", "Z"])))
def test_our_own_text_survives_escaping(text: str) -> None:
    assert unescaped(escaped(text, Delimiters()), Delimiters()) == text


def test_an_ampersand_in_a_sentence_cuts_nothing_off() -> None:
    message = read(an_oru(an_obx("Blood & urine", kind="TX")))

    assert message.first("OBX").text(5) == "Blood & urine"
    assert message.first("OBX").text(5, 1, 1) == "Blood "


def test_a_million_repetitions_are_not_taken_apart_and_not_lost() -> None:
    repetitions = read(an_oru(an_obx("x~" * 1_000_000))).first("OBX").repetitions(5)

    assert len(repetitions) == 1_001
    assert repetitions[-1].raw == "x~" * 999_000


def test_an_explicit_null_reads_as_nothing_and_is_told_apart() -> None:
    segment = read(an_oru(an_obx('""'))).first("OBX")

    assert segment.text(5) == ""
    assert segment.is_deleted(5)
    assert not segment.is_deleted(4)


def test_a_field_broken_over_lines_stays_one_field() -> None:
    raw = an_oru(an_obx("line one\r\rNEG\nthe end", kind="TX"), an_obx())
    message = read(raw)

    assert message.all("OBX")[0].whole(5) == "line one\n\nNEG\nthe end"
    assert message.all("OBX")[0].text(11) == "F"
    assert len(message.all("OBX")) == 2


@pytest.mark.parametrize(
    ("encoded", "declared", "http"),
    [
        ("utf-8", "", None),
        ("utf-8", "8859/1", None),
        ("latin-1", "", None),
        ("latin-1", "8859/1", None),
        ("iso8859-15", "8859/15", None),
        ("utf-16", "", None),
        ("windows-1252", "UNICODE UTF-8", "Windows-1252"),
    ],
)
def test_accents_survive_whatever_charset(encoded: str, declared: str, http: str | None) -> None:
    header = f"{MSH}||||||{declared}"
    raw = f"{header}\rPID|1||1||Müñoz^Zoë".encode(encoded)

    assert read(raw, http).first("PID").text(5) == "Müñoz"


def test_a_declared_iso_2022_charset_is_used() -> None:
    raw = f"{MSH}||||||~ISO IR87\rPID|1||1||山田^太郎".encode("iso2022_jp")

    assert read(raw).first("PID").text(5) == "山田"


def test_an_unknown_http_charset_is_ignored() -> None:
    assert read(an_oru(), "no-such-thing").first("PID").text(5) == "Doe"


def test_several_messages_in_one_input_are_counted_and_split() -> None:
    envelope = [r"FHS|^~\&|x", r"BHS|^~\&|x", "BTS|2", "FTS|1"]
    one, other = an_oru(), a_message(MSH, PID)
    raw = b"\r".join([*(line.encode() for line in envelope[:2]), one, other])
    raw += b"\r" + "\r".join(envelope[2:]).encode() + b"\r"

    assert read(raw).count == 2
    assert split(raw) == [one, other]
    assert split(b"\x0b" + one + b"\x1c\r\x0b" + other + b"\x1c\r") == [one, other]
    assert split(one) == [one]
    assert split(b"nothing") == [b"nothing"]
