"""What a resource says, in one form for two products: each saying is a set of words for it.

Harmless differences are gone: a moment is told in UTC, a code without its system's spelling,
numbers without zeros at their end, words without capitals and double spaces.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from portal.fhir import Resource
from portal.tracing import as_sent

type Said = frozenset[str]
type Saying = Callable[[Resource], Said]

NOTHING: Said = frozenset()
_DAY_LENGTH = len("2026-03-01")


def words(text: object) -> str:
    r"""Lines that one product breaks and the other leaves as \.br\ are the same."""
    return " ".join(str(text).replace("\\.br\\", " ").split()).casefold()


def number(value: object) -> str:
    try:
        return f"{Decimal(str(value)).normalize():f}"
    except InvalidOperation:
        return words(value)


def moment(text: str) -> str:
    """To the minute; days and years as they are."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    if len(text) <= _DAY_LENGTH or found.tzinfo is None:
        return text
    return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def at(path: str) -> Saying:
    """The words at `name.family`, through lists, whatever their order."""
    return lambda resource: frozenset(words(one) for one in parts(resource, path) if one != "")


def every(*sayings: Saying) -> Saying:
    return lambda resource: frozenset().union(*(saying(resource) for saying in sayings))


def moment_at(*paths: str) -> Saying:
    def said(resource: Resource) -> Said:
        found = (frozenset(moment(one) for one in parts(resource, path)) for path in paths)
        return next(filter(None, found), NOTHING)

    return said


def coded_at(*paths: str) -> Saying:
    """Codes, and words for them: two products that share one of them mean the same."""

    def said(resource: Resource) -> Said:
        concepts = [one for path in paths for one in parts(resource, path)]
        return frozenset(word for concept in concepts for word in _named(concept))

    return said


def _named(concept: Any) -> Iterator[str]:
    if isinstance(concept, str):
        yield words(concept)
        return
    for coding in [*concept.get("coding", ()), concept]:
        yield from (words(coding[name]) for name in ("code", "display", "text") if name in coding)


def parts(resource: Any, path: str) -> Iterator[Any]:
    if isinstance(resource, list):
        for each in resource:
            yield from parts(each, path)
    elif not path:
        yield resource
    elif isinstance(resource, dict):
        name, _, rest = path.partition(".")
        if name in resource:
            yield from parts(resource[name], rest)


def digits(path: str) -> Saying:
    """Phone numbers without their punctuation; addresses of e-mail as they are."""
    return lambda resource: (
        frozenset(
            found if "@" in (found := words(one)) else re.sub(r"\D", "", found)
            for one in parts(resource, path)
        )
        - {""}
    )


def value(observation: Resource) -> Said:
    """Whatever type it has: <5 is the same as text and as a quantity."""
    name = next((name for name in observation if name.startswith("value")), "")
    found: Any = observation.get(name)
    match name:
        case "valueQuantity":
            return frozenset({_quantity(found)})
        case "valueRatio":
            sides = (_quantity(found.get(side, {})) for side in ("numerator", "denominator"))
            return frozenset({":".join(filter(None, sides))})
        case "valueRange":
            return frozenset({f"{_plain(found.get('low', {}))}-{_plain(found.get('high', {}))}"})
        case "valueCodeableConcept":
            return frozenset(_named(found))
        case "valueDateTime":
            return frozenset({moment(str(found))})
        case "valueTime":
            return frozenset({_as_number(str(found).replace(":", ""))})
        case _:
            return frozenset({_as_number(words(found))}) if found else NOTHING


def _quantity(found: Resource) -> str:
    return f"{found.get('comparator', '')}{_plain(found)}"


def _plain(found: Resource) -> str:
    return number(found.get("value", ""))


def _as_number(text: str) -> str:
    sign = re.match(r"[<>=]*", text)
    start = sign[0] if sign else ""
    rest = text.removeprefix(start).strip()
    return f"{start.removeprefix('=')}{number(rest)}" if re.fullmatch(r"[\d.+-]+", rest) else text


def unit(observation: Resource) -> Said:
    """Ours stands beside the value where that is no quantity."""
    value = observation.get("valueQuantity") or {}
    ratio, limits = observation.get("valueRatio", {}), observation.get("valueRange", {})
    found = [value, ratio.get("numerator", {}), limits.get("low", {})]
    named = [each[name] for each in found for name in ("unit", "code") if each.get(name)]
    return frozenset(map(words, filter(None, [*named, as_sent(observation).unit])))


def reference_range(observation: Resource) -> Said:
    """As text, however it is stored."""
    return frozenset(_range(one) for one in observation.get("referenceRange", ())) - {""}


def _range(found: Resource) -> str:
    if text := found.get("text"):
        return re.sub(r"\s+", "", words(text))
    low, high = (_plain(found.get(side, {})) for side in ("low", "high"))
    return f"{low}-{high}" if low or high else ""
