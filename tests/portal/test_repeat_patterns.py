from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import fhir
from portal.repeat_patterns import PATTERNS, pattern


def daily(times: int, *when: str) -> dict[str, Any]:
    made: dict[str, Any] = {"frequency": times, "period": 1, "periodUnit": "d"}
    return made | ({"when": list(when)} if when else {})


def every(period: int, unit: str, most: int = 0) -> dict[str, Any]:
    made = {"frequency": 1, "period": period, "periodUnit": unit}
    return made | ({"periodMax": most} if most else {})


@pytest.mark.parametrize(
    ("sent", "repeat"),
    [
        ("BID", daily(2)),
        ("bid", daily(2)),
        ("TID", daily(3)),
        ("QID", daily(4)),
        ("5ID", daily(5)),
        ("24ID", daily(24)),
        ("QSHIFT", daily(3)),
        ("DAILY", daily(1)),
        ("QD", every(1, "d")),
        ("QAM", daily(1, "MORN")),
        ("QPM", daily(1, "EVE")),
        ("QHS", daily(1, "HS")),
        ("HS", {"when": ["HS"]}),
        ("QOD", every(2, "d")),
        ("Q30S", every(30, "s")),
        ("Q15M", every(15, "min")),
        ("QH", every(1, "h")),
        ("Q6H", every(6, "h")),
        ("Q 6 H", every(6, "h")),
        ("Q4-6H", every(4, "h", 6)),
        ("Q3D", every(3, "d")),
        ("QW", every(1, "wk")),
        ("Q2W", every(2, "wk")),
        ("Q1L", every(1, "mo")),
        ("Q1J6", {"dayOfWeek": ["sat"], "period": 1, "periodUnit": "wk"}),
        ("Q2J2", {"dayOfWeek": ["tue"], "period": 2, "periodUnit": "wk"}),
        ("QJ531", {"dayOfWeek": ["mon", "wed", "fri"], "period": 1, "periodUnit": "wk"}),
        ("ACM", {"when": ["ACM"]}),
        ("PC", {"when": ["PC"]}),
        ("CV", {"when": ["CV"]}),
        ("Once", {"count": 1}),
    ],
)
def test_each_pattern_of_table_0335_is_a_timing(sent: str, repeat: dict[str, Any]) -> None:
    assert pattern(sent) == (repeat, False)


@pytest.mark.parametrize("row", PATTERNS)
def test_each_named_pattern_is_read(row: str) -> None:
    assert pattern(row).repeat == PATTERNS[row]


@pytest.mark.parametrize(
    ("sent", "repeat"),
    [("PRN", {}), ("PRNQ6H", every(6, "h")), ("Q6H PRN", every(6, "h")), ("PRNpain", {})],
)
def test_prn_is_as_needed_and_keeps_its_pattern(sent: str, repeat: dict[str, Any]) -> None:
    assert pattern(sent) == (repeat, True)


@pytest.mark.parametrize(
    "sent",
    ["", "C", "3 times daily", "twice a day", "Q0H", "QM", "QS", "1ID", "25ID", "QJ8", "U x"],
)
def test_what_is_not_certain_is_no_timing(sent: str) -> None:
    """QM is a month to some and a minute to others; a lone C is "continuously"."""
    assert pattern(sent) == ({}, False)


@given(st.one_of(st.text(max_size=12), st.from_regex(r"(PRN)?Q?\d{0,4}-?\d{0,4}[A-Z]{0,5}")))
def test_any_pattern_is_valid_fhir_or_left_alone(sent: str) -> None:
    repeat = pattern(sent).repeat
    request: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": {"display": "x"},
        "medicationCodeableConcept": {"text": "x"},
    }
    dosage = [{"text": "x", "timing": {"repeat": repeat}}] if repeat else [{"text": "x"}]

    fhir.validate(request | {"dosageInstruction": dosage})
