"""A drug and its amounts: RXO, RXE, RXD and RXC as FHIR medication[x], Medication and Quantity."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from portal import codings
from portal.entries import Draft, Entry
from portal.fhir import Resource
from portal.hl7_segments import Segment, Value
from portal.quantities import parse_number
from portal.rx_orders import number

_ID = "medication"


def put_medication(draft: Draft, head: Segment, components: list[Segment]) -> None:
    """A code is enough for a drug as such; a form, a strength or components need a Medication."""
    place, named = number(head, "code"), _named(components)
    code, form = codings.concept(head.value(place)), _form(head)
    ingredients = [_component(rxc) for rxc in named] or _strength(head, code)
    if not (form or ingredients):
        draft.put("medicationCodeableConcept", code, head, place)
        return
    name = codings.shown(head.value(place)) or _names(named)
    made = {"resourceType": "Medication", "id": _ID, "code": code, "form": form}
    made = {key: part for key, part in made.items() if part}
    contained = made | ({"ingredient": ingredients} if ingredients else {})
    where = (head, place) if code else (named[0], 2)
    draft.put("contained", [contained], *where)
    draft.put("medicationReference", {"reference": f"#{_ID}", "display": name}, *where)


def is_named(head: Segment, components: Iterable[Segment]) -> bool:
    return bool(codings.concept(head.value(number(head, "code"))) or _named(components))


def settled(entry: Entry) -> Entry:
    """FHIR has one medication[x]: the one said takes the place of the other."""
    has_code = "medicationCodeableConcept" in entry.elements
    others = ("contained", "medicationReference") if has_code else ("medicationCodeableConcept",)
    return replace(entry, cleared=tuple(sorted({*entry.cleared, *others})))


def _named(components: Iterable[Segment]) -> list[Segment]:
    return [rxc for rxc in components if codings.concept(rxc.value(2))]


def _names(named: Iterable[Segment]) -> str:
    return ", ".join(codings.shown(rxc.value(2)) for rxc in named)


def _form(head: Segment) -> Resource:
    return codings.concept(head.value(number(head, "form")))


def _component(rxc: Segment) -> dict[str, Any]:
    amount = quantity(rxc.text(3), rxc.value(4)) or quantity(rxc.text(5), rxc.value(6))
    item = {"itemCodeableConcept": codings.concept(rxc.value(2))}
    return item | ({"strength": _ratio(amount, {})} if amount else {})


def _strength(head: Segment, code: Resource) -> list[dict[str, Any]]:
    amount = _amount(head, "strength")
    if not amount or not code:
        return []
    return [{"itemCodeableConcept": code, "strength": _ratio(amount, _amount(head, "volume"))}]


def _ratio(amount: Resource, per: Resource) -> Resource:
    """FHIR wants both parts: what is per nothing else is per one of the drug."""
    return {"numerator": amount, "denominator": per or {"value": Decimal(1)}}


def _amount(head: Segment, what: str) -> Resource:
    return quantity(head.text(number(head, what)), head.value(number(head, f"{what} unit")))


def quantity(said: str, unit: Value) -> Resource:
    return measured(said, [unit.text(part) for part in (1, 2, 3)])


def measured(said: str, unit: list[str]) -> Resource:
    """`unit`: code, text and system of a CE. The text is what a patient can read."""
    found = parse_number(said)
    if not found or found.comparator or found.value < 0:
        return {}
    code, text, name = (codings.code(part) for part in unit)
    shown, system = text or code, codings.system_of(name)
    coded = {"system": system, "code": code} if code and system else {}
    return {"value": found.value} | ({"unit": shown} if shown else {}) | coded
