import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import ranges
from portal.positions import FLAGS, WORDS
from portal.ranges import Number, Position, Range, arithmetic, parse_number, parse_range, position

OBSERVED = (
    Path(__file__).parents[3] / "shared/data/reference/loinc/loinc_observed_in_dev_corpus.csv"
)


def between(low: str, high: str) -> Range:
    return Range(Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.5-5.1", between("3.5", "5.1")),
        ("3.5 - 5.1", between("3.5", "5.1")),
        ("3.5 -5.1", between("3.5", "5.1")),
        ("3.5–5.1", between("3.5", "5.1")),
        ("0.0 to 1.0", between("0.0", "1.0")),
        ("3,5-5,1", between("3.5", "5.1")),
        (".4-1.5", between(".4", "1.5")),
        ("-2 - 2", between("-2", "2")),
        ("-2--1", between("-2", "-1")),
        ("-3-3", between("-3", "3")),
        ("\N{MINUS SIGN}2 - 2", between("-2", "2")),
        ("1,000-2,000", between("1000", "2000")),
        ("[ 4.0 - 11.0 ]", between("4.0", "11.0")),
        ("<5.0", Range(high=Decimal("5.0"), high_is_inside=False)),
        ("(<1.0)", Range(high=Decimal("1.0"), high_is_inside=False)),
        ("<=5", Range(high=Decimal(5))),
        ("≤5", Range(high=Decimal(5))),
        ("BELOW 15", Range(high=Decimal(15), high_is_inside=False)),
        ("up to 5", Range(high=Decimal(5))),
        (">60", Range(low=Decimal(60), low_is_inside=False)),
        (">= 60", Range(low=Decimal(60))),
        ("70-99 mg/dL", Range(Decimal(70), Decimal(99), unit="mg/dL")),
        ("4.0-11.0 K/uL", Range(Decimal("4.0"), Decimal("11.0"), unit="K/uL")),
        ("<10 ug/dL", Range(high=Decimal(10), high_is_inside=False, unit="ug/dL")),
    ],
)
def test_a_range_is_read_in_the_ways_labs_write_it(text: str, expected: Range) -> None:
    assert parse_range(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "[ ]", "Negative", "See note", "Normal", "Yellow", "M: 13-17 F: 12-15", "0-1+",
        "TARGET <5.20", "<130 optimal", "<10 = Negative", "< Daily 4%", "33.2-27.5", "70_105",
        "2024-01-01", "20240101-20241231", "1:40", "<1:40", "range of a few", "< 0 .59",
        "(1.6-12.0)Follikular", "Within Normal Limits = FA", "^^10.000000", "5", "12-31-2024",
    ],
)  # fmt: skip
def test_what_is_not_one_plain_range_is_left_unread(text: str) -> None:
    assert parse_range(text) is None


def test_a_bound_keeps_the_digits_the_lab_sent() -> None:
    span = parse_range("3,50-5.0")

    assert span
    assert (span.low_text, span.high_text) == ("3,50", "5.0")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.0", Number(Decimal("12.0"))),
        (" 5.4 ", Number(Decimal("5.4"))),
        (".5", Number(Decimal("0.5"))),
        ("-2.1", Number(Decimal("-2.1"))),
        ("3,5", Number(Decimal("3.5"))),
        ("0,123", Number(Decimal("0.123"))),
        ("1,234", Number(Decimal("1234"))),
        ("1,234,567.5", Number(Decimal("1234567.5"))),
        ("<0.01", Number(Decimal("0.01"), "<")),
        ("> 150", Number(Decimal(150), ">")),
        (">=60", Number(Decimal(60), ">=")),
        ("≤5", Number(Decimal(5), "<=")),
        ("20000000", Number(Decimal(20000000))),
    ],
)
def test_a_number_is_read_in_the_ways_labs_write_it(text: str, expected: Number) -> None:
    assert parse_number(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "1+", "+2", "5.4 H", "1:40", "2024-01-01", "20240115", "202401151230", "718-7", "007",
        "1/2", "12-15", "Negative", "1e5", "NaN", "Infinity", "1,2,3", "12 000", "٣", "--1", "5%",
        "1.2.3", "$5", "0x10", "1_000",
    ],
)  # fmt: skip
def test_a_date_a_code_a_grade_or_a_word_is_never_read_as_a_number(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("value", "span", "expected"),
    [
        ("3.5", "3.5-5.1", Position.WITHIN),
        ("5.1", "3.5-5.1", Position.WITHIN),
        ("5.2", "3.5-5.1", Position.ABOVE),
        ("3.4", "3.5-5.1", Position.BELOW),
        ("5.0", "<5.0", Position.ABOVE),
        ("5.0", "<=5.0", Position.WITHIN),
        ("60", ">60", Position.BELOW),
        ("60", ">=60", Position.WITHIN),
        (">60", ">60", Position.WITHIN),
        (">=60", ">60", Position.UNKNOWN),
        ("<0.5", "0.4-4.0", Position.UNKNOWN),
        ("<0.4", "0.4-4.0", Position.BELOW),
        ("<=0.4", "0.4-4.0", Position.UNKNOWN),
        ("<0.5", "0-4.0", Position.WITHIN),
        ("<5", "0-4.0", Position.UNKNOWN),
        ("<-1", "0-4.0", Position.BELOW),
        (">150", "70-99", Position.ABOVE),
        (">80", "70-99", Position.UNKNOWN),
        (">150", "<200", Position.UNKNOWN),
        ("<0.01", "<5", Position.WITHIN),
        ("5.4", "Negative", Position.UNKNOWN),
        ("1+", "0-5", Position.UNKNOWN),
    ],
)
def test_without_a_flag_the_number_is_placed_only_where_it_surely_lies(
    value: str, span: str, expected: Position
) -> None:
    assert position(parse_number(value), parse_range(span)) is expected


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("L", Position.BELOW),
        ("LL", Position.CRITICALLY_LOW),
        ("H", Position.ABOVE),
        ("HH", Position.CRITICALLY_HIGH),
        ("h", Position.ABOVE),
        ("H^High^HL70078", Position.ABOVE),
        ("H~A", Position.ABOVE),
        ("L~H", Position.ABNORMAL),
        ("A", Position.ABNORMAL),
        ("AA", Position.CRITICALLY_ABNORMAL),
        ("N", Position.WITHIN),
        ("POS", Position.POSITIVE),
        ("DET", Position.POSITIVE),
        ("NEG", Position.NEGATIVE),
        ("ND", Position.NEGATIVE),
        ("S", Position.SUSCEPTIBLE),
        ("I", Position.INTERMEDIATE),
        ("R", Position.RESISTANT),
    ],
)
def test_the_labs_flag_wins_over_our_arithmetic(flag: str, expected: Position) -> None:
    assert position(Number(Decimal(4)), between("3.5", "5.1"), flag) is expected


def test_abnormal_gets_its_direction_from_the_number() -> None:
    span = between("3.5", "5.1")

    assert position(Number(Decimal(6)), span, "A") is Position.ABOVE
    assert position(Number(Decimal(3)), span, "A") is Position.BELOW
    assert position(Number(Decimal(9)), span, "AA") is Position.CRITICALLY_HIGH


def test_normal_without_a_number_is_what_the_lab_expects() -> None:
    assert position(None, None, "N") is Position.EXPECTED
    assert position(None, None, "A") is Position.ABNORMAL


@pytest.mark.parametrize("flag", ["<", ">", "", "W", "U", "D", "B", "N/A", "79569-0", "QUES"])
def test_a_flag_that_says_nothing_about_the_range_leaves_it_to_the_number(flag: str) -> None:
    assert position(Number(Decimal(6)), between("3.5", "5.1"), flag) is Position.ABOVE
    assert position(None, None, flag) is Position.UNKNOWN


def test_a_picture_is_not_drawn_where_flag_and_number_disagree() -> None:
    span = between("3.5", "5.1")

    assert not ranges.agrees(Position.WITHIN, Number(Decimal(6)), span)
    assert not ranges.agrees(Position.ABOVE, Number(Decimal(4)), span)
    assert not ranges.agrees(Position.ABNORMAL, Number(Decimal(4)), span)
    assert not ranges.agrees(Position.UNKNOWN, Number(Decimal("0.5"), "<"), between("0.4", "4"))
    assert ranges.agrees(Position.CRITICALLY_HIGH, Number(Decimal(6)), span)


def test_a_range_in_another_unit_is_moved_into_the_unit_of_the_value() -> None:
    span = parse_range("0.7-1.1 g/L")

    assert span
    assert ranges.in_unit(span, "mg/dL") == between("70", "110")
    assert ranges.in_unit(span, "mmol/L") is None
    assert ranges.in_unit(between("1", "2"), "anything") == between("1", "2")


DECIMALS = st.decimals(min_value=-1000, max_value=1000, places=2)
COMPARATORS = st.sampled_from(["", "<", "<=", ">", ">="])
# As they are written: two bounds are both inside, one bound is inside or not.
SPANS = st.one_of(
    st.tuples(DECIMALS, DECIMALS).map(lambda bounds: Range(min(bounds), max(bounds))),
    st.builds(lambda low, inside: Range(low=low, low_is_inside=inside), DECIMALS, st.booleans()),
    st.builds(
        lambda high, inside: Range(high=high, high_is_inside=inside), DECIMALS, st.booleans()
    ),
)


@given(st.builds(Number, DECIMALS, COMPARATORS), SPANS, DECIMALS)
def test_wherever_the_true_value_may_lie_it_has_the_position_we_claim(
    value: Number, span: Range, truth: Decimal
) -> None:
    claimed = arithmetic(value, span)

    if is_possible(value, truth) and not (truth < 0 and span.low == 0):
        assert claimed in {Position.UNKNOWN, arithmetic(Number(truth), span)}


def is_possible(value: Number, truth: Decimal) -> bool:
    return {
        "": truth == value.value,
        "<": truth < value.value,
        "<=": truth <= value.value,
        ">": truth > value.value,
        ">=": truth >= value.value,
    }[value.comparator]


@given(DECIMALS, DECIMALS)
def test_a_written_range_is_read_back(a: Decimal, b: Decimal) -> None:
    low, high = min(a, b), max(a, b)

    assert parse_range(f"{low:f} - {high:f}") == Range(low, high)
    assert parse_range(f"{low:f}-{high:f}") == Range(low, high)


@given(st.text(max_size=40) | st.from_regex(r"[<>=~ \-.,0-9a-z/:^+]{0,30}", fullmatch=True))
def test_any_text_is_read_or_left_alone_but_never_raises(text: str) -> None:
    span, value = parse_range(text), parse_number(text)

    assert position(value, span, text) in Position
    assert span is None or span.low is None or span.high is None or span.low <= span.high


def test_every_position_has_words_that_make_no_diagnosis() -> None:
    for each in Position:
        assert (ranges.words(each) != "") == (each is not Position.UNKNOWN)
        assert not re.search(r"(?i)normal|disease|danger", ranges.words(each))
    assert len(set(WORDS.values())) == len(Position)
    assert set(FLAGS.values()) < set(Position)


@pytest.mark.skipif(not OBSERVED.exists(), reason="the shared list of observed ranges is not here")
def test_most_numeric_ranges_seen_in_real_messages_are_read() -> None:
    with OBSERVED.open(encoding="utf-8") as file:
        seen = {
            text.strip()
            for row in csv.DictReader(file)
            for text in row["reference_ranges"].split(" | ")
        }
    numeric = [text for text in seen if re.fullmatch(r"[<>=]*\s*[\d.]+(\s*-\s*[\d.]+)?", text)]
    unread = [text for text in numeric if parse_range(text) is None]

    assert len(numeric) > 100
    assert unread == ["33.2-27.5"]
