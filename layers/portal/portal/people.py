"""The people and laboratories of a message: PID, XCN, XON and XAD."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from portal import contacts, timestamps, us_states
from portal.hl7_segments import Segment, Value


@dataclass(frozen=True)
class Identifier:
    authority: str
    value: str
    type_code: str


@dataclass(frozen=True)
class PatientClaim:
    """Who the sender says the patient is. Ours to match, not to believe."""

    identifiers: tuple[Identifier, ...]
    family: str
    given: str
    birth_on: date | None
    sex: str
    name: str
    state: str = ""  # postal code of a US state

    def with_identifiers(self, identifiers: tuple[Identifier, ...]) -> "PatientClaim":
        return replace(self, identifiers=identifiers)


def claim(pid: Segment) -> PatientClaim:
    name = pid.value(5)
    return PatientClaim(
        identifiers=identifiers(pid),
        family=name.text(1, 1).strip(),
        given=name.text(2).strip(),
        birth_on=timestamps.day(pid.text(7)),
        sex=pid.text(8).strip(),
        name=_whole_name(name),
        state=us_states.home(contacts.addresses(pid, 11, "UTC")),
    )


def identifiers(pid: Segment) -> tuple[Identifier, ...]:
    """PID-3; the first versions of HL7 put the number in PID-2 or PID-4."""
    for field in (3, 2, 4):
        if found := identifiers_of(pid, field):
            return tuple(found)
    return ()


def identifiers_of(segment: Segment, field: int) -> list[Identifier]:
    found = [_identifier(sent) for sent in segment.repetitions(field)]
    return [identifier for identifier in found if identifier.value]


def identifiers_from(known: Iterable[tuple[str, str]]) -> tuple[Identifier, ...]:
    return tuple(Identifier(authority, value, "") for authority, value in known)


def _identifier(sent: Value) -> Identifier:
    authority = sent.text(4, 1).strip() or sent.text(4, 2).strip()
    return Identifier(authority, sent.text(1).strip(), sent.text(5).strip())


def _whole_name(name: Value) -> str:
    """Prefix, given, middle, family, suffix, as XPN orders them for a reader."""
    parts = [name.text(5), name.text(2), name.text(3), name.text(1, 1), name.text(4)]
    return " ".join(part.strip() for part in parts if part.strip())


def practitioner(sent: Value) -> dict[str, Any]:
    """XCN, or CNN in subcomponents as in OBR-32 (NDL); {} when nobody is named."""
    number, family, given, middle, suffix, prefix = _name_parts(sent)
    if not (number or family or given):
        return {}
    shown = " ".join(part for part in (prefix, given, middle, family, suffix) if part)
    given_names = [part for part in (given, middle) if part]
    name = {"text": shown, "family": family, "given": given_names}
    named = [{key: part for key, part in name.items() if part}] if shown else []
    numbered = [{"value": number}] if number else []
    return {"name": named, "identifier": numbered}


def _name_parts(sent: Value) -> list[str]:
    is_cnn = sent.text(1, 2) != ""
    parts = [sent.text(1, n) if is_cnn else sent.text(n, 1) for n in range(1, 7)]
    return [part.strip() for part in parts]


def contained_practitioner(sent: Value, local_id: str) -> dict[str, Any]:
    parts = {key: part for key, part in practitioner(sent).items() if part}
    return {"resourceType": "Practitioner", "id": local_id} | parts if parts else {}


def display(person: dict[str, Any]) -> str:
    names = person.get("name") or [{}]
    return str(names[0].get("text", "")) or str(person["identifier"][0]["value"])


def contained_laboratory(obx: Segment) -> dict[str, Any]:
    """OBX-23 with OBX-24, or the producer named in OBX-15 (42 CFR 493.1291(c)(2))."""
    producer = obx.text(15, 2).strip() or obx.text(15).strip()
    name = obx.text(23).strip() or producer
    if not name:
        return {}
    found = _address(obx.value(24))
    return {"resourceType": "Organization", "id": "lab", "name": name} | (
        {"address": [found]} if found else {}
    )


def _address(sent: Value) -> dict[str, Any]:
    lines = [line for line in (sent.text(1, 1).strip(), sent.text(2).strip()) if line]
    parts = {"line": lines, "city": sent.text(3), "state": sent.text(4)}
    parts |= {"postalCode": sent.text(5), "country": sent.text(6)}
    stripped = {key: part.strip() if isinstance(part, str) else part for key, part in parts.items()}
    return {key: part for key, part in stripped.items() if part}
