import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import ranges
from portal.pictures import range_picture, trend_picture
from portal.ranges import Number, Position, Range, parse_number, parse_range

START = datetime(2026, 1, 1, tzinfo=UTC)
LONG_WORDS = "Mucho más alto que el rango usual del laboratorio"


def picture(value: str, span: str, flag: str = "", words: str = LONG_WORDS) -> str:
    number, range_ = parse_number(value), parse_range(span)
    return range_picture(number, range_, ranges.position(number, range_, flag), words)


def trend(*values: str, span: str = "") -> str:
    points = [(START + timedelta(days=40 * n), Decimal(v)) for n, v in enumerate(values)]
    return trend_picture(points, parse_range(span), LONG_WORDS)


def mark(svg: str) -> str:
    return next(path.attrib["d"] for path in paths(svg) if path.attrib["class"] == "rp-mark")


def paths(svg: str) -> list[ET.Element]:
    return ET.fromstring(svg).findall("path")  # noqa: S314 - our own output


def mark_x(svg: str) -> float:
    found = re.match(r"M([\d.]+)", mark(svg))
    assert found
    return float(found[1])


PICTURES = [
    picture("4.2", "3.5-5.1"),
    picture("6", "3.5-5.1", "H"),
    picture("90", "3.5-5.1", "HH"),
    picture("0.1", "3.5-5.1", "LL"),
    picture("180", "<200"),
    picture("<0.3", "0.4-4.0"),
    picture("1.021", "1.002-1.030"),
    picture("92", ">60"),
]


@pytest.mark.parametrize("svg", [*PICTURES, trend(*map(str, range(30)), span="3-8")])
class TestEveryPicture:
    def test_it_is_well_formed_and_has_a_text_alternative(self, svg: str) -> None:
        root = ET.fromstring(svg)  # noqa: S314 - our own output

        assert root.attrib["role"] == "img"
        assert root[0].tag == "title"
        assert root[0].text == LONG_WORDS

    def test_it_obeys_a_strict_content_security_policy(self, svg: str) -> None:
        assert not re.search(r"style=|<style|<script|\son\w+=|href|url\(|\bid=", svg)

    def test_its_colours_are_those_of_the_page(self, svg: str) -> None:
        colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg))

        assert colours <= {"currentColor", "none"}
        assert 'class="rp-band"' in svg
        assert 'class="rp-mark"' in svg

    def test_numbers_run_left_to_right_on_a_right_to_left_page(self, svg: str) -> None:
        assert 'direction="ltr"' in svg
        assert "text-anchor" not in svg.replace('text-anchor="middle"', "")


@pytest.mark.parametrize("svg", PICTURES)
def test_a_range_picture_is_under_900_bytes(svg: str) -> None:
    assert 0 < len(svg.encode()) < 900


def test_a_trend_is_under_1500_bytes_however_many_values_there_are() -> None:
    assert len(trend(*(f"{n}.{n}" for n in range(100, 400)), span="150-900").encode()) < 1500


def test_inside_and_outside_differ_by_shape_not_only_by_place() -> None:
    inside, outside = mark(PICTURES[0]), mark(PICTURES[1])

    assert "a6 6" in inside
    assert "a6 6" not in outside
    assert "l9 10" in outside


def test_a_value_far_outside_is_an_arrow_at_the_edge() -> None:
    assert mark(picture("90", "3.5-5.1")) == "M238 14l-16-10v20z"
    assert mark(picture("0.1", "3.5-5.1")) == "M2 14l16-10v20z"


def test_a_value_just_outside_does_not_look_inside() -> None:
    assert mark_x(picture("5.11", "3.5-5.1")) >= 168 + 11
    assert mark_x(picture("3.49", "3.5-5.1")) <= 72 - 11


def test_a_comparator_points_to_the_side_the_value_lies_on() -> None:
    assert mark(picture("<0.5", "0-4")).endswith("m0-6l-6 6+6 6z")
    assert mark(picture(">60", ">60")).endswith("m0-6l6 6-6 6z")


def test_one_sided_ranges_have_one_label() -> None:
    assert picture("180", "<200").count("<text") == 1
    assert picture("92", ">60").count("<text") == 1
    assert picture("4", "3.5-5.1").count("<text") == 2


def test_labels_are_the_digits_the_lab_sent() -> None:
    assert ">3,50<" in picture("4", "3,50-5.0")
    assert ">5.0<" in picture("4", "3,50-5.0")


@pytest.mark.parametrize(
    ("value", "span", "flag"),
    [
        ("4.2", "3.5-5.1", "H"),
        ("6", "3.5-5.1", "N"),
        ("4.2", "3.5-5.1", "A"),
        ("<0.5", "0.4-4.0", ""),
        ("Negative", "Negative", ""),
        ("5", "", "H"),
        ("5", "3-8", "POS"),
    ],
)
def test_no_picture_where_a_mark_would_say_more_than_is_known(
    value: str, span: str, flag: str
) -> None:
    assert picture(value, span, flag) == ""


def test_text_is_escaped() -> None:
    svg = range_picture(
        Number(Decimal(4)),
        Range(Decimal(3), Decimal(5), low_text="<3&"),
        Position.WITHIN,
        '"><script>alert(1)</script>',
    )

    assert "<script" not in svg
    assert ET.fromstring(svg)[0].text == '"><script>alert(1)</script>'  # noqa: S314


def test_a_trend_needs_two_values() -> None:
    assert trend("5") == ""
    assert trend() == ""


def test_a_trend_marks_each_value_by_its_own_place_in_the_range() -> None:
    marks = mark(trend("4", "6", "5", span="3.5-5.1"))

    assert marks.count("a4 4") == 2
    assert marks.count("l6 6") == 1


def test_a_trend_runs_from_the_oldest_to_the_latest_in_whatever_order_it_comes() -> None:
    points = [(START + timedelta(days=n), Decimal(n)) for n in (3, 1, 2)]

    assert trend_picture(points, None) == trend_picture(sorted(points), None)


def test_a_trend_without_words_is_hidden_from_screen_readers() -> None:
    svg = trend_picture([(START, Decimal(1)), (START, Decimal(2))], None)

    assert 'aria-hidden="true"' in svg
    assert "<title" not in svg


DECIMALS = st.decimals(min_value=-100000, max_value=100000, places=3)


@given(DECIMALS, DECIMALS, DECIMALS, st.sampled_from(["", "<", ">"]))
def test_every_mark_stays_inside_the_picture_and_on_its_side_of_the_band(
    a: Decimal, b: Decimal, value: Decimal, comparator: str
) -> None:
    number, span = Number(value, comparator), Range(min(a, b), max(a, b))
    place = ranges.position(number, span)
    svg = range_picture(number, span, place, "words")

    if svg:
        x = mark_x(svg)
        assert len(svg) < 900
        assert 0 <= x <= 240
        assert (x < 72) or place is not Position.BELOW
        assert (x > 168) or place is not Position.ABOVE


@given(st.lists(st.tuples(st.datetimes(timezones=st.just(UTC)), DECIMALS), max_size=40))
def test_any_values_make_a_trend_that_stays_inside_the_picture(
    points: list[tuple[datetime, Decimal]],
) -> None:
    svg = trend_picture(points, Range(Decimal(-5), Decimal(5)))

    assert (svg == "") == (len(points) < 2)
    assert len(svg) < 1500
    for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", svg):
        assert 0 <= float(x) <= 240
        assert 0 <= float(y) <= 72
