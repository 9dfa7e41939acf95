"""What a FHIR Observation says, in the texts a card shows: exactly as sent, digits and all."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from portal import codings
from portal.fhir import Resource
from portal.observations import AS_SENT, STATUS

# FHIR's statuses to HL7 table 0085, which cards are made by.
LETTERS = {status: code for code, status in reversed(STATUS.items())} | {
    "amended": "A",
    "cancelled": "X",
    "entered-in-error": "D",
    "final": "F",
    "preliminary": "P",
    "registered": "I",
    "unknown": "",
}
_TYPES = {
    "valueQuantity": "NM",
    "valueInteger": "NM",
    "valueCodeableConcept": "CWE",
    "valueDateTime": "DTM",
    "valueTime": "TM",
    "valueRange": "NR",
    "valueRatio": "SN",
}


def as_sent_extension(observation: Resource, status: str, place: str) -> Resource:
    """`status` is FHIR's, of the observation or of its report when that takes back all."""
    element = value_element(observation)
    code = observation.get("code", {})
    value = text_of(element, observation.get(element))
    sent = {
        "OBX-2": _TYPES.get(element, "TX" if "\n" in value else "ST"),
        "OBX-3": name_of(code),
        "OBX-3.1": code_of(code),
        "OBX-5": value,
        "OBX-6": unit_of(observation.get(element)),
        "OBX-7": reference_range(observation),
        "OBX-8": "~".join(filter(None, map(flag_of, observation.get("interpretation", ())))),
        "OBX-11": LETTERS.get(status, ""),
        "source": place,
    }
    return extension(sent)


def extension(sent: dict[str, str]) -> Resource:
    parts = [{"url": url, "valueString": text} for url, text in sent.items() if text.strip()]
    return {"url": AS_SENT, "extension": parts}


def value_element(observation: Resource) -> str:
    return next((name for name in observation if name.startswith("value")), "")


def text_of(element: str, value: Any) -> str:
    match element:
        case "valueQuantity":
            return quantity(value)
        case "valueCodeableConcept":
            return name_of(value)
        case "valueRange":
            return f"{quantity(value.get('low', {}))}-{quantity(value.get('high', {}))}"
        case "valueRatio":
            parts = (value.get("numerator", {}), value.get("denominator", {}))
            return ":".join(quantity(part) for part in parts)
        case "valuePeriod":
            return f"{value.get('start', '')} - {value.get('end', '')}"
        case "valueBoolean":
            return "true" if value else "false"
        case _:
            return number(value) if isinstance(value, int | Decimal) else _plain(value)


def _plain(value: Any) -> str:
    """A series of samples is no text for a card."""
    return value if isinstance(value, str) else ""


def quantity(value: Resource) -> str:
    return f"{value.get('comparator', '')}{number(value.get('value'))}"


def number(value: Any) -> str:
    return "" if value is None else format(Decimal(value), "f")


def unit_of(value: Any) -> str:
    """Of a Quantity, or of a Range by its bounds."""
    if not isinstance(value, dict):
        return ""
    bounds = (value, value.get("low", {}), value.get("high", {}))
    said = (str(each.get("unit", "") or each.get("code", "")) for each in bounds)
    return next(filter(None, said), "")


def reference_range(observation: Resource) -> str:
    """Several are shown with what each is for."""
    ranges = observation.get("referenceRange", ())
    unit = unit_of(observation.get(value_element(observation)))
    texts = [_range(each, unit) for each in ranges]
    if len(texts) < 2:
        return next(iter(texts), "")
    named = (f"{_population(each)}{text}" for each, text in zip(ranges, texts, strict=True))
    return "; ".join(named)


def _range(sent: Resource, unit: str) -> str:
    if sent.get("text"):
        return str(sent["text"])
    low, high = sent.get("low", {}), sent.get("high", {})
    own = unit_of({"low": low, "high": high})
    after = f" {own}" if own and own != unit else ""
    lowest, highest = number(low.get("value")), number(high.get("value"))
    if lowest and highest:
        return f"{lowest}-{highest}{after}"
    return f">={lowest}{after}" if lowest else f"<={highest}{after}" if highest else ""


def _population(sent: Resource) -> str:
    names = [name_of(each) for each in (sent.get("type", {}), *sent.get("appliesTo", ()))]
    said = ", ".join(name for name in names if name)
    return f"{said}: " if said else ""


def flag_of(concept: Resource) -> str:
    coded = (str(each.get("code", "")) for each in concept.get("coding", ()))
    return next(filter(None, coded), "") or str(concept.get("text", ""))


def name_of(concept: Resource) -> str:
    """The sender's own words; LOINC's name only when there are no others."""
    return str(concept.get("text", "")) or next(_displays(concept), "")


def _displays(concept: Resource) -> Iterator[str]:
    found = list(concept.get("coding", ()))
    own = [each for each in found if each.get("system") != codings.LOINC]
    yield from (str(each["display"]) for each in (*own, *found) if each.get("display"))
    yield from (str(each["code"]) for each in found if each.get("code"))


def code_of(concept: Resource) -> str:
    found = list(concept.get("coding", ()))
    loinc = [each for each in found if each.get("system") == codings.LOINC]
    return next((str(each["code"]) for each in (*loinc, *found) if each.get("code")), "")


def security(resource: Resource) -> Resource:
    """Of its meta, what decides who may see it."""
    labels = resource.get("meta", {}).get("security")
    return {"security": labels} if labels else {}
