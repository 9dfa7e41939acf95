"""FHIR R4 resources as plain dicts: checked with fhir.resources, written with the lab's digits."""

import json
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from portal import fhir_shapes
from portal.errors import Reason, Unusable

REFILLS_REMAINING = "https://portal.example/fhir/StructureDefinition/refills-remaining"

type Resource = dict[str, Any]


def validate(resource: Resource) -> None:
    """Raises Unusable naming the elements that are wrong; what stands in them is PHI."""
    if str(resource.get("resourceType")) not in fhir_shapes.known():
        validate_with_models(resource)
    elif places := fhir_shapes.faults(resource):
        raise _invalid(places)


def validate_with_models(resource: Resource) -> None:
    """The same by fhir.resources, whose answer is law: all types, and a hundred times the time."""
    from fhir.resources.R4B import get_fhir_model_class
    from pydantic import ValidationError

    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as errors:
        places = [_path(resource["resourceType"], error["loc"]) for error in errors.errors()]
        raise _invalid(places) from None
    except (KeyError, TypeError, ValueError):
        raise Unusable(Reason.INVALID_FHIR, "The resource has no known type.") from None


def _invalid(places: list[str]) -> Unusable:
    named = ", ".join(sorted(set(places))[:5])
    return Unusable(Reason.INVALID_FHIR, f"The resource is not valid FHIR R4 at {named}.")


def _path(resource_type: str, place: tuple[int | str, ...]) -> str:
    return ".".join([resource_type, *(str(part) for part in place)])


def dumps(value: object) -> str:
    """JSON in which a Decimal keeps its digits: 5.40 is not 5.4 to a laboratory."""
    match value:
        case str():
            return encode_basestring(value)
        case dict():
            return (
                "{" + ",".join(f"{dumps(key)}:{dumps(item)}" for key, item in value.items()) + "}"
            )
        case list() | tuple():
            return "[" + ",".join(map(dumps, value)) + "]"
        case Decimal():
            return format(value, "f")
        case _:
            return json.dumps(value, ensure_ascii=False)


def loads(text: str | bytes) -> Any:
    return json.loads(text, parse_float=Decimal)


def nested(elements: dict[str, Any]) -> Resource:
    """Dotted names become objects, one level deep. In the order of names, so that the same
    elements are the same bytes."""
    made: Resource = {}
    for name in sorted(elements):
        outer, _, inner = name.partition(".")
        if inner:
            made.setdefault(outer, {})[inner] = elements[name]
        else:
            made[outer] = elements[name]
    return made


def listed(found: Any) -> list[Any]:
    """An element that may be one, several or none, as several."""
    return found if isinstance(found, list) else [] if found is None else [found]


def words(concept: Resource) -> str:
    """Of a CodeableConcept: its text, else the first name of its codes."""
    displays = (each.get("display") for each in concept.get("coding", ()))
    return str(concept.get("text") or next(filter(None, displays), "")).strip()
