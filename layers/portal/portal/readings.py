"""One reading of a card, from all that the lab said of it."""

from portal import corrections, cultures
from portal.cards import Reading, Role
from portal.fhir import Resource
from portal.observations import SUFFIXES
from portal.statements import Said

LOINC = "http://loinc.org"
LONG = 120  # characters of a text that is read and not looked at


def reading(history: list[Said]) -> Reading:
    """`history` is oldest first."""
    said = corrections.current(history)
    sent, has_result = said.sent, said.has_result
    return Reading(
        key=said.key,
        role=_role(said),
        parent=next((one.parent for one in reversed(history) if one.parent), ""),
        panel=sent.panel,
        loinc=loinc_of(said.resource),
        suffix=suffix(sent.code),
        lab_name=sent.name or sent.code,
        value=sent.value if has_result else "",
        unit=sent.unit,
        reference_range=sent.reference_range,
        flag=sent.flag if has_result else "",
        status=said.status or said.resource.get("status", ""),
        observed_at=said.resource.get("effectiveDateTime", ""),
        moment=said.resource.get("valueDateTime", "") if has_result else "",
        is_narrative=has_result and _is_narrative(said),
        is_unreadable=has_result and sent.value_type.upper() == "ED" and not sent.value,
        notes=corrections.notes(history[-1]),
        reported_at=corrections.reported_at(history),
        earlier=corrections.earlier(history) if has_result else (),
        reasons=corrections.reasons(history),
        raw_id=said.told.version.raw_id,
        source=sent.source,
    )


def suffix(code: str) -> str:
    """`71020&IMP` is an impression; "" for a code without a suffix of HL7's."""
    found = code.partition("&")[2]
    return found if found in SUFFIXES else ""


def loinc_of(resource: Resource) -> str:
    codings = resource.get("code", {}).get("coding", ())
    return next((c.get("code", "") for c in codings if c.get("system") == LOINC), "")


def _is_narrative(said: Said) -> bool:
    sent = said.sent
    is_text = sent.value_type.upper() in {"TX", "FT", "ED"}
    is_section = is_text and bool(suffix(sent.code))
    has_lines = is_text and "\n" in sent.value.strip()
    return is_section or has_lines or len(sent.value) > LONG


def _role(said: Said) -> Role:
    code = said.resource.get("code", {})
    codings = code.get("coding", ())
    codes = [coding.get("code", "") for coding in codings]
    called = [code.get("text", ""), *(coding.get("display", "") for coding in codings)]
    if cultures.is_organism(codes, called):
        return Role.GERM
    if said.parent and cultures.is_susceptibility(
        [*called, said.sent.panel], said.sent.flag, said.sent.value
    ):
        return Role.SUSCEPTIBILITY
    return Role.COUNT if said.parent and cultures.is_count(codes, called) else Role.NONE
