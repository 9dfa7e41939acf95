"""Our FHIR beside that of other products, of the same messages: AGREEMENT.md explains the rest."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.pairs.agreement import ONLY_THEY, Agreement, agreement, matched
from tests.pairs.fields import FIELDS
from tests.pairs.pair_files import Pair, completed, pairs
from tests.pairs.sayings import coded_at, value

from portal import hl7
from portal.fhir import Resource
from portal.hl7_segments import Value

# Percent of the fields of which both say something. All others agree wholly.
FLOORS = {
    "Patient numbers": 54,
    "Patient family name": 60,
    "Patient given names": 58,
    "Patient city": 98,
    "Patient postal code": 98,
    "Patient phone and e-mail": 91,
    "Patient dead": 98,
    "Observation value": 99,
    "Observation status": 98,
    "Observation time": 99,
    "DiagnosticReport code": 99,
    "DiagnosticReport numbers": 94,
    "DiagnosticReport status": 99,
    "DiagnosticReport time": 99,
    "DiagnosticReport issued": 98,
    "ServiceRequest numbers": 92,
    "ServiceRequest status": 13,
    "Specimen collected": 97,
    "Encounter status": 70,
    "RelatedPerson family name": 69,
    "RelatedPerson relationship": 98,
    "RelatedPerson phone": 20,
    "MedicationDispense status": 0,
}
# What only they say, and AGREEMENT.md tells why.
EXPLAINED = {
    "Patient birth date": 1,
    "Patient phone and e-mail": 1,
    "Patient dead": 1,
    "DiagnosticReport time": 2,
    "ServiceRequest numbers": 2,
    "ServiceRequest ordered": 2,
    "Specimen collected": 1,
    "Encounter start": 2,
    "Encounter end": 7,
    "AllergyIntolerance severity": 1,
    "AllergyIntolerance reaction": 1,
    "Immunization dose": 2,
}


@pytest.fixture(scope="module")
def found(samples: Path) -> list[Pair]:
    return [each for each in pairs(samples) if isinstance(each, Pair)]


@pytest.fixture(scope="module")
def agreed(found: list[Pair]) -> Agreement:
    return agreement(found)


def test_no_field_agrees_less_than_it_did(
    agreed: Agreement, record_property: Callable[[str, object], None]
) -> None:
    record_property("figures", agreed.table)
    fallen = {
        place: agreed.percent(place)
        for place in agreed.compared
        if agreed.percent(place) < FLOORS.get(place, 100)
    }

    assert fallen == {}
    assert agreed.compared["Observation value"] > 1_500


def test_nothing_said_there_is_missing_here_without_an_explanation(agreed: Agreement) -> None:
    missing = {place: n for (place, kind), n in agreed.kinds().items() if kind == ONLY_THEY}

    assert {place: n for place, n in missing.items() if n > EXPLAINED.get(place, 0)} == {}
    assert not missing.keys() & {"Observation value", "Observation unit", "Observation range"}


def test_every_result_that_stands_in_a_message_is_here(found: list[Pair], samples: Path) -> None:
    for pair in found:
        message = hl7.read(completed((samples.parent / pair.file).read_bytes())[0])
        if message.first("MSH").text(9) == "ORU":
            names = {name.casefold() for obx in message.all("OBX") for name in _names(obx.value(3))}
            assert [one for one in _only_theirs(pair) if coded_at("code")(one) & names] == []


def _names(sent: Value) -> Iterator[str]:
    yield from filter(None, (sent.text(1), sent.text(4)))


def _only_theirs(pair: Pair) -> list[Resource]:
    theirs = pair.theirs.get("Observation", [])
    both = [id(other) for _, other in matched("Observation", pair.ours["Observation"], theirs)]
    return [one for one in theirs if id(one) not in both]


def test_the_same_value_is_known_in_every_way_to_store_it() -> None:
    ways = (
        {"valueString": "< 5.0"},
        {"valueQuantity": {"value": 5, "comparator": "<"}},
    )

    assert len({value(each) for each in ways}) == 1
    assert value({"valueQuantity": {"value": 6}}) != value({"valueQuantity": {"value": 5}})


def test_two_resources_agree_only_when_they_say_the_same() -> None:
    code = {"coding": [{"system": "http://loinc.org", "code": "2345-7"}]}
    ours = {"Observation": [{"code": code, "valueString": "98"}]}
    other = {"Observation": [{"code": code, "valueQuantity": {"value": 98.5, "unit": "mg/dL"}}]}
    one = agreement([Pair("a", "b", "fhir_expected", frozenset(), ours, other)])

    assert (one.compared["Observation value"], one.equal["Observation value"]) == (1, 0)
    assert one.kinds()["Observation unit", ONLY_THEY] == 1
    assert set(one.compared) <= {f"{kind} {name}" for kind in FIELDS for name in FIELDS[kind]}
