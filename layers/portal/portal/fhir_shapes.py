"""Whether a resource has the shape of FHIR R4: its elements, their types, how many, one of each
choice, what is required. The shapes come from fhir.resources (`infra/fhir_shapes.py`), which takes
a hundred times as long over the same question (decision 0009); a test compares their answers.
"""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_FILE = Path(__file__).with_name("fhir_shapes.json")
_DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?"
_ZONE = r"(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))"
_TEXTS = {  # FHIR R4 datatypes, 2.24.0.1
    "string": r"[ \r\n\t\S]+",
    "markdown": r"[ \r\n\t\S]+",
    "code": r"[^\s]+( [^\s]+)*",
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "uri": r"\S*",
    "url": r"\S*",
    "canonical": r"\S*",
    "uuidVersion": r"urn:uuid:[0-9a-f-]{36}",
    "uuid": r"urn:uuid:[0-9a-f-]{36}",
    "oid": r"urn:oid:[0-2](\.(0|[1-9]\d*))+",
    "date": r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?",
    "dateTime": rf"\d{{4}}(-(0[1-9]|1[0-2]))?|{_DAY}(T{_CLOCK}{_ZONE})?",
    "instant": rf"{_DAY}T{_CLOCK}{_ZONE}",
    "time": _CLOCK,
    "encodedBytes": r"[A-Za-z0-9+/=\s]*",
}


class Element(NamedTuple):
    kind: str
    is_list: bool
    is_required: bool
    choice: str  # "value", or "value!" where one must be there


type Shape = dict[str, Element]


def faults(resource: dict[str, Any]) -> list[str]:
    """Paths of elements that are wrong: "Observation.valueQuantity.value". [] when all is well."""
    kind = resource.get("resourceType", "")
    if not isinstance(kind, str) or kind not in _shapes():
        return ["resourceType"]
    return [f"{kind}.{path}" for path in _faults(kind, resource)]


def _faults(kind: str, value: dict[str, Any]) -> list[str]:
    """Relative to this value. Paths are built of what is wrong only: nearly nothing is."""
    shape, found = _shapes()[kind], list[str]()
    for name, part in value.items():
        element = shape.get(name)
        if element is None:
            if name != "resourceType" and name[:1] != "_":
                found.append(name)
        elif element.is_list:
            found += _faults_of_list(element.kind, name, part)
        elif wrong := _faults_of(element.kind, part):
            found += _below(name, wrong)
    return found + _missing(kind, value)


def _faults_of_list(kind: str, name: str, part: Any) -> list[str]:
    if not isinstance(part, list) or not part:
        return [name]
    return [path for each in part for path in _below(name, _faults_of(kind, each))]


def _faults_of(kind: str, part: Any) -> list[str]:
    check = _CHECKS.get(kind)
    if check is not None:
        return [] if check(part) else [""]
    if not isinstance(part, dict) or not part:
        return [""]
    return faults(part) if kind == "Resource" else _faults(kind, part)


def _below(name: str, paths: list[str]) -> list[str]:
    return [f"{name}.{path}" if path else name for path in paths]


def _missing(kind: str, value: dict[str, Any]) -> list[str]:
    found = [name for name in _required(kind) if name not in value and f"_{name}" not in value]
    for choice, names in _choices(kind):
        there = len(names & value.keys())
        if there > 1 or (not there and choice.endswith("!")):
            found.append(choice.removesuffix("!"))
    return found


@cache
def _shapes() -> dict[str, Shape]:
    loaded = json.loads(_FILE.read_text())
    return {
        kind: {name: Element(*element) for name, element in shape.items()}
        for kind, shape in loaded.items()
    }


@cache
def known() -> frozenset[str]:
    """The types whose shapes are here."""
    return frozenset(_shapes())


@cache
def _required(kind: str) -> list[str]:
    return [name for name, element in _shapes()[kind].items() if element.is_required]


@cache
def _choices(kind: str) -> list[tuple[str, frozenset[str]]]:
    found: dict[str, set[str]] = {}
    for name, element in _shapes()[kind].items():
        if element.choice:
            found.setdefault(element.choice, set()).add(name)
    return [(choice, frozenset(names)) for choice, names in found.items()]


def _text(pattern: str) -> Callable[[Any], bool]:
    matches = re.compile(pattern, re.DOTALL | re.ASCII).fullmatch
    return lambda part: isinstance(part, str) and matches(part) is not None


def _integer(least: int) -> Callable[[Any], bool]:
    return lambda part: type(part) is int and least <= part <= 2**31 - 1


def _is_decimal(part: Any) -> bool:
    return type(part) is int or (isinstance(part, Decimal) and part.is_finite())


_CHECKS: dict[str, Callable[[Any], bool]] = {
    **{kind: _text(pattern) for kind, pattern in _TEXTS.items()},
    "xhtml": lambda part: isinstance(part, str),
    "bool": lambda part: isinstance(part, bool),
    "decimal": _is_decimal,
    "integer": _integer(-(2**31)),
    "positiveInt": _integer(1),
    "unsignedInt": _integer(0),
}
