"""The quick check of a resource's shape gives the answers of fhir.resources."""

from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra import fhir_shapes as generator
from portal import fhir, fhir_shapes
from portal.errors import Unusable

GOOD: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "a-1",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7"}], "text": "Glucose"},
    "subject": {"reference": "Patient/1"},
    "effectiveDateTime": "2026-11-01T08:00:00-05:00",
    "issued": "2026-11-01T09:00:00Z",
    "valueQuantity": {"value": Decimal("5.40"), "unit": "mmol/L"},
    "referenceRange": [{"text": "3.9-5.5"}],
    "note": [{"text": "Fasting."}],
    "contained": [{"resourceType": "Organization", "id": "lab", "name": "Main"}],
}


def by_models(resource: Any) -> bool:
    try:
        fhir.validate_with_models(resource)
    except Unusable:
        return False
    return True


def test_the_shapes_are_those_of_the_library() -> None:
    assert generator.FILE.read_text() == generator.rendered(), "run: python -m infra.fhir_shapes"


def test_a_good_resource_has_no_fault() -> None:
    assert fhir_shapes.faults(GOOD) == []


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "Observation.status": lambda r: r.pop("status"),
    "Observation.code": lambda r: r.pop("code"),
    "Observation.colour": lambda r: r.update(colour="red"),
    "Observation.value": lambda r: r.update(valueString="5.4"),
    "Observation.note": lambda r: r.update(note={"text": "no list"}),
    "Observation.note.text": lambda r: r.update(note=[{"time": "2026-11-01"}]),
    "Observation.issued": lambda r: r.update(issued="2026-11-01"),
    "Observation.effectiveDateTime": lambda r: r.update(effectiveDateTime="2026-11-01T08:00"),
    "Observation.id": lambda r: r.update(id="a b"),
    "Observation.subject": lambda r: r.update(subject="Patient/1"),
    "Observation.contained.Organization.name": lambda r: r["contained"][0].update(name=7),
    "resourceType": lambda r: r.update(resourceType="Nonsense"),
}


@pytest.mark.parametrize("path", CHANGES)
def test_a_fault_is_named_by_its_path(path: str) -> None:
    resource = deepcopy(GOOD)
    CHANGES[path](resource)

    assert fhir_shapes.faults(resource) == [path]
    assert not by_models(resource)


def test_it_is_stricter_where_the_library_is_lenient() -> None:
    number_as_text = GOOD | {"valueQuantity": {"value": "5.40"}}
    empty_list = GOOD | {"code": {"coding": []}}

    assert by_models(number_as_text)
    assert fhir_shapes.faults(number_as_text) == ["Observation.valueQuantity.value"]
    assert fhir_shapes.faults(empty_list) == ["Observation.code.coding"]


def test_a_missing_required_element_may_be_explained_by_an_extension() -> None:
    resource = deepcopy(GOOD)
    del resource["status"]
    resource["_status"] = {
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                "valueCode": "unknown",
            }
        ]
    }

    assert fhir_shapes.faults(resource) == []
    assert by_models(resource)


JUNK = st.sampled_from(
    ["", " ", "x", "2026", "2026-13", "2026-11-01T08:00:00Z", 0, -1, 7, Decimal("1.5"), True]
) | st.sampled_from([[], {}, ["x"], {"text": "x"}, [{"text": "x"}], None, {"reference": "#x"}])


@settings(max_examples=400, deadline=None)
@given(place=st.sampled_from(sorted(GOOD)), junk=JUNK)
def test_what_the_library_refuses_is_refused(place: str, junk: Any) -> None:
    """It may be stricter: the library takes numbers for texts, and texts for numbers."""
    resource = deepcopy(GOOD) | {place: junk}

    if not by_models(resource):
        assert fhir_shapes.faults(resource)
