"""What a FHIR Observation says, as the texts of a card."""

import json
from decimal import Decimal
from typing import Any

import pytest

from portal import fhir, fhir_values, tracing
from portal.fhir_values import flag_of, name_of, reference_range, text_of, unit_of
from portal.observations import STATUS

LOINC = "http://loinc.org"


@pytest.mark.parametrize(
    ("element", "sent", "shown"),
    [
        ("valueQuantity", '{"value": 5.40, "unit": "mmol/L"}', "5.40"),
        ("valueQuantity", '{"value": 0.50, "comparator": "<"}', "<0.50"),
        ("valueQuantity", '{"value": 100}', "100"),
        ("valueQuantity", '{"value": 1.0E2}', "100"),
        ("valueQuantity", '{"value": 0}', "0"),
        ("valueQuantity", '{"unit": "mg"}', ""),
        ("valueInteger", "7", "7"),
        ("valueBoolean", "false", "false"),
        ("valueString", '"trace"', "trace"),
        ("valueDateTime", '"2026-03"', "2026-03"),
        ("valueTime", '"08:30:00"', "08:30:00"),
        ("valueRange", '{"low": {"value": 1.0}, "high": {"value": 2.50}}', "1.0-2.50"),
        ("valueRatio", '{"numerator": {"value": 1}, "denominator": {"value": 40}}', "1:40"),
        ("valuePeriod", '{"start": "2026", "end": "2027"}', "2026 - 2027"),
        ("valueCodeableConcept", '{"coding": [{"code": "260373001"}]}', "260373001"),
        ("valueCodeableConcept", '{"text": "Detected", "coding": [{"display": "x"}]}', "Detected"),
        ("valueSampledData", '{"origin": {"value": 1}, "period": 1, "dimensions": 1}', ""),
    ],
)
def test_a_value_is_shown_with_its_digits(element: str, sent: str, shown: str) -> None:
    assert text_of(element, fhir.loads(sent)) == shown


@pytest.mark.parametrize(
    ("ranges", "shown"),
    [
        ([], ""),
        ([{"text": "Negative"}], "Negative"),
        ([{"low": {"value": Decimal("3.50")}, "high": {"value": Decimal("5.0")}}], "3.50-5.0"),
        ([{"low": {"value": 60}}], ">=60"),
        ([{"high": {"value": 5, "unit": "mmol/L"}}], "<=5"),
        ([{"low": {"value": 70, "unit": "mg/dL"}, "high": {"value": 99}}], "70-99 mg/dL"),
        (
            [
                {"low": {"value": 1}, "appliesTo": [{"text": "women"}]},
                {"low": {"value": 2}, "appliesTo": [{"text": "men"}]},
            ],
            "women: >=1; men: >=2",
        ),
    ],
)
def test_a_range_is_shown_as_a_lab_writes_it(ranges: list[dict[str, Any]], shown: str) -> None:
    observation = {"valueQuantity": {"value": 4, "unit": "mmol/L"}, "referenceRange": ranges}

    assert reference_range(observation) == shown


def test_the_senders_own_words_go_before_loincs() -> None:
    own, standard = {"system": "urn:lab", "display": "Zucker"}, {"system": LOINC, "display": "Glu"}

    assert name_of({"text": "Sugar", "coding": [standard, own]}) == "Sugar"
    assert name_of({"coding": [standard, own]}) == "Zucker"
    assert name_of({"coding": [standard]}) == "Glu"
    assert name_of({"coding": [{"code": "X1"}]}) == "X1"
    assert name_of({}) == ""


def test_a_unit_is_the_senders_word_and_else_its_code() -> None:
    assert unit_of({"value": 1, "unit": "mmol/l", "code": "mmol/L"}) == "mmol/l"
    assert unit_of({"value": 1, "code": "mmol/L"}) == "mmol/L"
    assert unit_of({"low": {"unit": "cm"}}) == "cm"
    assert unit_of("text") == ""


def test_a_flag_is_its_code_and_else_its_words() -> None:
    assert flag_of({"coding": [{"code": "HH"}], "text": "critical"}) == "HH"
    assert flag_of({"text": "critical"}) == "critical"


def test_every_status_of_fhir_has_its_letter_of_table_0085() -> None:
    for status, letter in fhir_values.LETTERS.items():
        assert STATUS.get(letter, "unknown") == status


def test_the_texts_can_be_read_back() -> None:
    observation = {
        "code": {"coding": [{"system": LOINC, "code": "2345-7"}], "text": "Glucose"},
        "valueQuantity": fhir.loads('{"value": 5.40, "unit": "mmol/L"}'),
        "referenceRange": [{"text": "4-6"}],
        "interpretation": [{"coding": [{"code": "N"}]}],
    }
    made = {"extension": [fhir_values.as_sent_extension(observation, "final", "Bundle.entry[3]")]}

    sent = tracing.as_sent(json.loads(json.dumps(made)))

    assert (sent.name, sent.code, sent.value, sent.unit) == ("Glucose", "2345-7", "5.40", "mmol/L")
    assert (sent.reference_range, sent.flag, sent.status) == ("4-6", "N", "F")
    assert (sent.value_type, sent.source) == ("NM", "Bundle.entry[3]")
