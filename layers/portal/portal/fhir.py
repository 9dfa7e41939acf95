"""FHIR R4 resources as plain dicts: checked with fhir.resources, written with the lab's digits."""

import json
from decimal import Decimal
from typing import Any

from portal.errors import Reason, Unusable

type Resource = dict[str, Any]


def validate(resource: Resource) -> None:
    """Raises Unusable naming the elements that are wrong; what stands in them is PHI."""
    from fhir.resources.R4B import get_fhir_model_class
    from pydantic import ValidationError

    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as errors:
        places = {_path(resource["resourceType"], error["loc"]) for error in errors.errors()}
        detail = f"The converted result is not valid FHIR R4 at {', '.join(sorted(places)[:5])}."
        raise Unusable(Reason.INVALID_FHIR, detail) from None
    except (KeyError, TypeError, ValueError):
        raise Unusable(Reason.INVALID_FHIR, "The converted result has no known type.") from None


def _path(resource_type: str, place: tuple[int | str, ...]) -> str:
    return ".".join([resource_type, *(str(part) for part in place)])


def dumps(value: object) -> str:
    """JSON in which a Decimal keeps its digits: 5.40 is not 5.4 to a laboratory."""
    match value:
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
