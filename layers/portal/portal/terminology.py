"""A sender's own codes with the standard ones beside them, from its settings file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from portal import codings
from portal.entries import Entry
from portal.senders import Code, Sender


def translated(entry: Entry, sender: Sender) -> Entry:
    if not sender.codes:
        return entry
    found = with_standard_codes(entry.elements, sender.by_system)
    return replace(entry, elements=found)


def with_standard_codes(part: Any, known: Mapping[tuple[str, str], Code]) -> Any:
    """The standard coding comes first; the sender's own stays. What a result's value says is not
    touched: it is shown as the lab sent it (law 6)."""
    if isinstance(part, list):
        return [with_standard_codes(each, known) for each in part]
    if not isinstance(part, dict):
        return part
    made = {
        name: with_standard_codes(each, known)
        if isinstance(each, dict | list) and not name.startswith("value")
        else each
        for name, each in part.items()
    }
    if isinstance(made.get("coding"), list):
        made["coding"] = _coded(made["coding"], known)
    return made


def _coded(
    found: list[dict[str, Any]], known: Mapping[tuple[str, str], Code]
) -> list[dict[str, Any]]:
    has = {coding.get("system") for coding in found}
    extra = []
    for coding in found:
        standard = known.get((coding.get("system", ""), coding.get("code", "")))
        system = codings.system_of(standard.system) if standard else None
        if standard and system and system not in has:
            parts = {"system": system, "code": standard.code, "display": standard.text}
            extra.append({name: part for name, part in parts.items() if part})
    return [*extra, *found]
