"""Real ADT, BAR and DFT messages of many senders: each becomes valid, traced resources."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.portal.adt_messages import ZONE, Converter, about, converted

from portal import charges, coverages, demographics, diagnoses, hl7, visits
from portal.envelopes import type_of
from portal.errors import Unusable
from portal.hl7 import Message

_VISIT: tuple[Converter, ...] = (visits.entries, coverages.entries, diagnoses.entries)
_CONVERTERS: dict[str, tuple[Converter, ...]] = {
    "ADT": (demographics.entries, *_VISIT),
    "BAR": (*_VISIT, charges.entries),
    "DFT": (*_VISIT, charges.entries),
}


def messages_in(samples: Path) -> Iterator[Message]:
    with (samples / "manifest.csv").open(newline="") as rows:
        files = [row["file"] for row in csv.DictReader(rows)]
    for file in files:
        for part in hl7.split((samples.parent / file).read_bytes()):
            message = hl7.read(part)
            if type_of(message)[0] in _CONVERTERS:
                yield message


def test_each_sample_becomes_resources(
    samples: Path, record_property: Callable[[str, object], None]
) -> None:
    counts = Counter[str]()
    for message in messages_in(samples):
        counts["messages"] += 1
        for convert in _CONVERTERS[type_of(message)[0]]:
            try:
                found = converted(convert, message)
            except Unusable as refused:
                counts[refused.detail] += 1
                continue
            assert found == convert(message, about(message))
            counts.update(entry.resource_type for entry in found)

    record_property("figures", f"ADT, BAR and DFT samples, {ZONE}: {dict(counts)}")
    assert counts["messages"] > 700
    assert counts["Patient"] > 600
    assert counts["Encounter"] > 400
