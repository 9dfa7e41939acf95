from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lab_results import lab_results
from tests.portal.lab_messages import an_obx, an_oru

from portal import fhir, hl7
from portal.errors import Reason, Unusable
from portal.fhir import Resource
from portal.tracing import as_sent, traced


def observation_of(obx: str) -> Resource:
    found = lab_results(hl7.read(an_oru(obx)), "UTC").reports[0].resources[-1]
    fhir.validate(found)
    return found


def value_of(kind: str, value: str, unit: str = "") -> Any:
    found = observation_of(an_obx(value, kind=kind, unit=unit))
    names = [name for name in found if name.startswith("value")]
    assert len(names) <= 1
    return {name.removeprefix("value"): found[name] for name in names}


YES = {"code": "1", "display": "Yes"}


@pytest.mark.parametrize(
    ("kind", "sent", "value"),
    [
        ("NM", "5.40", {"Quantity": {"value": Decimal("5.40")}}),
        ("NM", "<15", {"Quantity": {"value": Decimal(15), "comparator": "<"}}),
        ("NM", "1,5", {"String": "1,5"}),
        ("NM", "1e5", {"String": "1e5"}),
        ("NM", "٥", {"String": "٥"}),
        ("NM", "1~2", {"String": "1\n2"}),
        ("SN", "^182", {"Quantity": {"value": Decimal(182)}}),
        ("SN", ">=^1.50", {"Quantity": {"value": Decimal("1.50"), "comparator": ">="}}),
        ("SN", "=^3", {"Quantity": {"value": Decimal(3)}}),
        ("SN", "^1^-^2", {"Range": {"low": {"value": Decimal(1)}, "high": {"value": Decimal(2)}}}),
        ("SN", "^2^-^1", {"String": "2-1"}),
        ("SN", "^2^+", {"String": "2+"}),
        ("SN", "<>^2", {"String": "<>2"}),
        ("ST", "5.4", {"String": "5.4"}),
        ("ST", "a^b & c", {"String": "a^b & c"}),
        ("TX", " kept ", {"String": " kept"}),
        ("FT", r"one\.br\two", {"String": "one\ntwo"}),
        ("CWE", "Isolated", {"CodeableConcept": {"text": "Isolated"}}),
        ("CE", "N^No^HL70136~Y^Yes^HL70136", {"String": "No\nYes"}),
        ("DT", "20240229", {"DateTime": "2024-02-29"}),
        ("TS", "20230229", {"String": "20230229"}),
        ("TM", "0930", {"Time": "09:30:00"}),
        ("TM", "morning", {"String": "morning"}),
        ("DTM", "202403011218-0500", {"DateTime": "2024-03-01T12:18:00-05:00"}),
        ("NR", "1^10", {"Range": {"low": {"value": Decimal(1)}, "high": {"value": Decimal(10)}}}),
        ("NR", "low^10", {"String": "low-10"}),
        ("NA", "12^123^24", {"String": "12 123 24"}),
        ("SI", "-1", {"String": "-1"}),
        ("IS", "ABC", {"String": "ABC"}),
        ("ID", "Y", {"String": "Y"}),
        ("CNE", "1^Yes", {"CodeableConcept": {"coding": [YES], "text": "Yes"}}),
        ("CF", "^Formatted", {"CodeableConcept": {"text": "Formatted"}}),
        ("CWE^^HL70125", "^Isolated", {"CodeableConcept": {"text": "Isolated"}}),
        ("CX", "321^^^CLIA", {"String": "321 CLIA"}),
        ("XAD", "5 Oak Rd^^Akron^OH^44301", {"String": "5 Oak Rd, Akron, OH, 44301"}),
        ("XTN", "^^PH^^^555^5551212", {"String": "PH 555 5551212"}),
        ("TN", "(555) 123-4567", {"String": "(555) 123-4567"}),
        ("PN", "Doe^Jane^Q", {"String": "Doe Jane Q"}),
        ("RP", "https://x.example/1^app", {"String": "https://x.example/1 app"}),
        ("VR", "First^Second", {"String": "First Second"}),
        ("TXT", "Other", {"String": "Other"}),
        ("NUM", "6.9", {"String": "6.9"}),
        ("MED", "20090505", {"String": "20090505"}),
        ("BAD", "anything^at all", {"String": "anything at all"}),
        ("?", "anything^at all", {"String": "anything at all"}),
        ("", "9", {"String": "9"}),
        ("", "a^b", {"String": "a^b"}),
        ("", "^^^^^^^^Not detected", {"CodeableConcept": {"text": "Not detected"}}),
        ("NM", "", {}),
        ("NM", '""', {}),
    ],
)
def test_each_type_becomes_its_fhir_value_or_the_text_sent(
    kind: str, sent: str, value: object
) -> None:
    assert value_of(kind, sent) == value


def test_a_ratio_is_a_ratio() -> None:
    ratio = value_of("SN", "^1^:^128")["Ratio"]

    assert (ratio["numerator"]["value"], ratio["denominator"]["value"]) == (1, 128)


def test_a_plain_number_with_a_unit_is_a_quantity_even_as_text() -> None:
    assert value_of("ST", "5.40", "mg/dL")["Quantity"]["unit"] == "mg/dL"


@pytest.mark.parametrize(
    ("sent", "unit", "ucum"),
    [
        ("mg/dL", "mg/dL", None),
        ("mg/dL^milligram^UCUM", "mg/dL", "mg/dL"),
        ("MGDL^^L^mg/dL^^UCUM", "MGDL", "mg/dL"),
        ("10^3/uL", "10^3/uL", None),
        ("x10^9/L", "x10^9/L", None),
        ("266016^MDC_DIM_MMHG^MDC", "MDC_DIM_MMHG", None),
    ],
)
def test_the_unit_is_the_labs_and_ucum_only_where_it_says_so(
    sent: str, unit: str, ucum: str | None
) -> None:
    quantity = value_of("NM", "5", sent)["Quantity"]

    assert quantity["unit"] == unit
    assert quantity.get("code") == ucum
    assert ("system" in quantity) == (ucum is not None)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("F", "final"),
        ("C", "corrected"),
        ("P", "preliminary"),
        ("R", "preliminary"),
        ("D", "entered-in-error"),
        ("W", "entered-in-error"),
        ("X", "cancelled"),
        ("N", "cancelled"),
        ("I", "registered"),
        ("?", "unknown"),
        ("", "final"),
    ],
)
def test_obx_11_is_the_status_and_an_empty_one_is_the_reports(sent: str, status: str) -> None:
    assert observation_of(an_obx(status=sent))["status"] == status


def test_a_missing_value_has_a_reason() -> None:
    reason = observation_of(an_obx("", status="X"))["dataAbsentReason"]

    assert reason["coding"][0]["code"] == "not-performed"


def test_codings_keep_both_triplets_and_only_known_systems_get_their_url() -> None:
    code = observation_of(an_obx(test="2345-7^Glucose^LN^GLU^Sugar^L^2.7"))["code"]

    assert [one["code"] for one in code["coding"]] == ["2345-7", "GLU"]
    assert code["coding"][0]["system"] == "http://loinc.org"
    assert code["coding"][0]["version"] == "2.7"


def test_a_test_without_a_name_is_not_given_one() -> None:
    found = observation_of(an_obx(test=""))

    assert "text" not in found["code"]
    assert as_sent(found).name == ""


def test_the_labs_own_name_is_not_loincs() -> None:
    assert (
        as_sent(observation_of(an_obx(test="2345-7^Glucose SerPl^LN^GLU^Sugar^L"))).name == "Sugar"
    )
    assert as_sent(observation_of(an_obx(test="GLU^Sugar^L^2345-7^Glucose^LN"))).name == "Sugar"
    assert as_sent(observation_of(an_obx(test="2345-7^Glucose^LN"))).name == "Glucose"


def test_a_suffix_is_no_part_of_the_code_in_its_code_system() -> None:
    impression = observation_of(an_obx("Clear.", kind="TX", test="18782-3&IMP^Chest^LN", unit=""))
    other = observation_of(an_obx(test="A&B^Odd^L"))

    assert impression["code"]["coding"][0]["code"] == "18782-3"
    assert as_sent(impression).code == "18782-3&IMP"
    assert other["code"]["coding"][0]["code"] == "A&B"


def test_what_the_lab_sent_is_kept_beside_the_fhir_value() -> None:
    sent = as_sent(observation_of(an_obx("^182", kind="SN", reference="70_105", flag="H~A")))

    assert (sent.value_type, sent.code, sent.value) == ("SN", "2345-7", "182")
    assert (sent.unit, sent.reference_range, sent.flag) == ("mg/dL", "70_105", "H~A")
    assert (sent.status, sent.source) == ("F", "OBX[1]")


@pytest.mark.parametrize(
    "changed",
    [
        an_obx("5.4"),
        an_obx(unit="mmol/L"),
        an_obx(reference="3.9-6.2"),
        an_obx(flag="H"),
        an_obx(status="C"),
        an_obx(kind="ST"),
    ],
)
def test_a_value_unit_range_or_flag_that_changed_is_not_traced(changed: str) -> None:
    found = observation_of(an_obx())

    assert traced(found, hl7.read(an_oru(an_obx())))
    assert traced(fhir.loads(fhir.dumps(found)), hl7.read(an_oru(an_obx())))
    assert not traced(found, hl7.read(an_oru(changed)))


@pytest.mark.parametrize(
    "tampered",
    [
        {"valueQuantity": {"value": Decimal("5.4"), "unit": "mg/dL"}},
        {"valueQuantity": {"value": Decimal("5.40"), "unit": "mg/L"}},
        {"referenceRange": [{"text": "3.9-9.9"}]},
        {"interpretation": [{"text": "H"}]},
        {"valueString": "fine"},
        {"extension": []},
    ],
)
def test_a_fhir_value_that_says_more_than_its_obx_is_not_traced(tampered: Resource) -> None:
    message = hl7.read(an_oru(an_obx()))

    assert not traced(observation_of(an_obx()) | tampered, message)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_json_keeps_every_digit(amount: Decimal) -> None:
    assert fhir.dumps(fhir.loads(fhir.dumps({"é\n": [amount, None, True]}))) == (
        f'{{"é\\n":[{amount:f},null,true]}}'
    )


def test_invalid_fhir_is_refused_by_its_path_and_never_by_its_value() -> None:
    found = observation_of(an_obx()) | {"effectiveDateTime": "secret", "status": ""}

    with pytest.raises(Unusable) as refused:
        fhir.validate(found)

    assert refused.value.reason is Reason.INVALID_FHIR
    assert "Observation.effectiveDateTime" in refused.value.detail
    assert "secret" not in refused.value.detail


@pytest.mark.parametrize("resource", [{}, {"resourceType": "Nonsense"}, {"resourceType": 7}])
def test_what_is_no_resource_is_refused(resource: Resource) -> None:
    with pytest.raises(Unusable):
        fhir.validate(resource)
