"""How the entries of one message are made to fit together before the store folds messages."""

from collections.abc import Iterable
from dataclasses import replace

from portal.entries import Entry


def merged(entries: Iterable[Entry]) -> list[Entry]:
    """One entry for each resource: two segments about one thing fold as two messages would."""
    found: dict[str, Entry] = {}
    for entry in entries:
        first = found.get(entry.entry_id)
        found[entry.entry_id] = _after(first, entry) if first else entry
    return list(found.values())


def _after(first: Entry, second: Entry) -> Entry:
    elements = {
        name: value for name, value in first.elements.items() if name not in second.cleared
    } | second.elements
    cleared = {*first.cleared, *second.cleared} - set(second.elements)
    sources = first.sources | second.sources
    return replace(
        second,
        elements=elements,
        cleared=tuple(sorted(cleared)),
        sources={name: sources[name] for name in elements},
    )


def clearing(entry: Entry, *names: str) -> Entry:
    """What this message says puts these elements out, whatever an earlier one said."""
    kept = {name: value for name, value in entry.elements.items() if name not in names}
    sources = {name: place for name, place in entry.sources.items() if name not in names}
    cleared = tuple(sorted({*entry.cleared, *names}))
    return replace(entry, elements=kept, cleared=cleared, sources=sources)


def one_of(entry: Entry, *choice: str) -> Entry:
    """FHIR's choice of types, as deceased[x]: the one stated puts out the others."""
    stated = next((name for name in choice if name in entry.elements), None)
    others = [name for name in choice if name != stated]
    return clearing(entry, *others) if stated else entry


def is_silent(entry: Entry) -> bool:
    return not entry.elements and not entry.cleared
