from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import units
from portal.unit_spellings import MEASURED, PREFIX_EXPONENTS, WHOLE

CELL_COUNTS = [
    "10*3/uL", "K/uL", "k/uL", "10^3/uL", "x10E3/uL", "10E3/uL", "x10(3)/uL", "THOU/uL", "10*3/mm3",
    "10*9/L", "x10*9/L", "X10 9/L", "10^9/L", "10E9/L", "/nl", "K/µL", "x10³/uL".replace("³", "^3"),
]  # fmt: skip
RED_CELL_COUNTS = ["10*6/uL", "M/uL", "MIL/uL", "10*12/L", "x10*12/L", "tril/L", "/pL"]
KNOWN = [
    "mg/dL",
    "g/L",
    "ug/mL",
    "mmol/L",
    "umol/L",
    "U/L",
    "m[IU]/L",
    "%",
    "L/L",
    "10*9/L",
    "K/uL",
]


@pytest.mark.parametrize("spelling", CELL_COUNTS)
def test_every_spelling_of_thousands_per_microlitre_is_one_unit(spelling: str) -> None:
    assert units.same_unit(spelling, "10*3/uL")


@pytest.mark.parametrize("spelling", RED_CELL_COUNTS)
def test_every_spelling_of_millions_per_microlitre_is_one_unit(spelling: str) -> None:
    assert units.same_unit(spelling, "10*6/uL")
    assert not units.same_unit(spelling, "10*3/uL")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("mg/dL", "mg/dl"),
        ("mg/dL", "MG/DL"),
        ("g/dL", "gm/dl"),
        ("ug/dL", "mcg/dL"),
        ("µmol/L", "umol/L"),
        ("μmol/L", "umol/L"),
        ("ng/mL", "ug/L"),
        ("pg/mL", "ng/L"),
        ("mIU/L", "uIU/mL"),
        ("m[IU]/L", "mIU/L"),
        ("mU/L", "MU/L"),
        ("IU/L", "[IU]/L"),
        ("mm/hr", "mm/h"),
        ("sec", "s"),
        ("mEq/L", "meq/L"),
        ("mL/min/1.73m2", "mL/min/{1.73_m2}"),
        ("mL/min/1.73 m2", "mL/min/1.73m2"),
        ("FL", "fL"),
        ("/HPF", "/[HPF]"),
        ("PERCENT", "%"),
        ("cells/uL", "/uL"),
    ],
)
def test_vendor_spellings_of_one_unit_are_the_same(a: str, b: str) -> None:
    assert units.same_unit(a, b)
    assert units.same_unit(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("mg/dL", "g/dL"),
        ("mg/dL", "mmol/L"),
        ("U/L", "[IU]/L"),
        ("mEq/L", "mmol/L"),
        ("mg/L FEU", "mg/L"),
        ("G/L", "g/L"),
        ("G/L", "10*9/L"),
        ("%", ""),
        ("mg/g", "mg/mmol"),
        ("mL/min", "mL/min/1.73m2"),
        ("pg", "pg/mL"),
    ],
)
def test_units_that_only_look_alike_are_not_the_same(a: str, b: str) -> None:
    assert not units.same_unit(a, b)
    assert units.converted(Decimal(1), a, b) in (None, Decimal("0.001"))


def test_an_unknown_unit_is_the_same_only_as_itself() -> None:
    assert units.same_unit("enzyme units", "enzyme  units")
    assert units.same_unit("G/L", "G/L")
    assert not units.same_unit("enzyme units", "ERU")
    assert units.converted(Decimal("5"), "ERU", "ERU") == Decimal("5")
    assert units.converted(Decimal("5"), "ERU", "U/L") is None


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("5.4", "g/dL", "g/L", "54"),
        ("0.41", "L/L", "%", "41"),
        ("250", "/nL", "10*9/L", "250"),
        ("4.50", "ng/mL", "ng/L", "4500"),
        ("98", "mg/L", "mg/dL", "9.8"),
        ("0.9", "U/mL", "U/L", "900"),
    ],
)
def test_a_conversion_moves_the_decimal_point(
    value: str, source: str, target: str, expected: str
) -> None:
    assert units.converted(Decimal(value), source, target) == Decimal(expected)


def test_mass_and_substance_are_not_converted_without_the_analyte() -> None:
    assert units.converted(Decimal("100"), "mg/dL", "mmol/L") is None


def test_what_is_read_is_named_in_ucum() -> None:
    spelled = ["THOU/uL", "gm/dl", "uIU/ML", "mm/hr", "MMOL/L", "/HPF"]
    named = [unit.ucum for unit in map(units.read, spelled) if unit]

    assert named == ["10*3/uL", "g/dL", "u[IU]/mL", "mm/h", "mmol/L", "/[HPF]"]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4), st.sampled_from(KNOWN))
def test_there_and_back_is_the_same_number(value: Decimal, unit: str) -> None:
    for other in KNOWN:
        there = units.converted(value, unit, other)
        if there is not None:
            assert units.converted(there, other, unit) == value


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_two_texts_can_be_compared_either_way_round(a: str, b: str) -> None:
    assert units.same_unit(a, a)
    assert units.same_unit(a, b) == units.same_unit(b, a)


def test_every_prefix_in_use_has_an_exponent() -> None:
    prefixes = {prefix for _, each in MEASURED.values() for prefix in each}

    assert prefixes <= set(PREFIX_EXPONENTS)
    assert all(spelling == spelling.lower() for spelling in WHOLE)
