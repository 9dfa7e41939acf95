"""Writes layers/portal/portal/fhir_shapes.json: the elements of the FHIR R4 types we store, taken
from fhir.resources, as `portal.fhir_shapes` checks them.

    PYTHONPATH=layers/portal python -m infra.fhir_shapes
"""

import json
import typing
from pathlib import Path
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

FILE = Path(__file__).resolve().parents[1] / "layers" / "portal" / "portal" / "fhir_shapes.json"
RESOURCES = (
    "Account",
    "AllergyIntolerance",
    "Appointment",
    "ChargeItem",
    "Condition",
    "Coverage",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "Immunization",
    "Location",
    "Medication",
    "MedicationDispense",
    "MedicationRequest",
    "Observation",
    "Organization",
    "Patient",
    "Practitioner",
    "Procedure",
    "RelatedPerson",
    "ServiceRequest",
    "Specimen",
)
ANY_RESOURCE = "Resource"


def rendered() -> str:
    shapes: dict[str, dict[str, list[Any]]] = {}
    waiting = list(RESOURCES)
    while waiting:
        name = waiting.pop()
        if name in shapes or name == ANY_RESOURCE:
            continue
        shapes[name] = _elements(name)
        waiting += [each[0] for each in shapes[name].values() if each[0][0].isupper()]
    lines = (f" {json.dumps(name)}: {json.dumps(shapes[name])}" for name in sorted(shapes))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _elements(name: str) -> dict[str, list[Any]]:
    """element -> [type, is a list, is required, choice it belongs to]"""
    found = {}
    for key, field in get_fhir_model_class(name).model_fields.items():
        extra = field.json_schema_extra
        if not isinstance(extra, dict) or not extra.get("element_property"):
            continue
        kind, is_list = _kind(field.annotation)
        choice = str(extra.get("one_of_many") or "")
        if choice and extra.get("one_of_many_required"):
            choice += "!"
        is_required = field.is_required() or bool(extra.get("element_required"))
        found[field.alias or key] = [kind, is_list, is_required, choice]
    return found


def _kind(annotation: Any) -> tuple[str, bool]:
    """ "code" of a primitive, "HumanName" of a type of elements."""
    if typing.get_origin(annotation) is typing.Annotated:
        name = type(annotation.__metadata__[0]).__name__
        return name[0].lower() + name[1:], False
    if typing.get_origin(annotation) is list:
        return _kind(typing.get_args(annotation)[0])[0], True
    parts = [each for each in typing.get_args(annotation) if each is not type(None)]
    if parts:
        return _kind(parts[0])
    return annotation.__name__.removesuffix("Type"), False


if __name__ == "__main__":
    FILE.write_text(rendered())
