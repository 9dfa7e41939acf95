"""Earlier values of the same test: one small row per report and time, in the order of time.

A row only tells which tests of which report to look for. The value is taken from that report's card
as it is now, so that what a lab corrected or took back shows at once, whatever older rows say.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from portal import chart, keys
from portal.cards import Card, Reading
from portal.model import Frozen
from portal.moments import instant, parsed
from portal.tables import ChartRow


class Value(Frozen):
    report_id: str
    value: str
    unit: str
    observed_at: str


type Key = tuple[str, str]  # blind test, moment
type ValuesOf = Callable[[str], dict[Key, Value]]


@dataclass(frozen=True)
class Place:
    """What a row says: at this moment, these tests, in this report."""

    moment: str
    report_id: str
    tests: frozenset[str]


@dataclass(frozen=True)
class History:
    """Of one patient, for one page. `places` are the newest first; `values_of` a report, by its
    id, as its card is now."""

    places: Callable[[], list[Place]]
    values_of: ValuesOf


def history(patient_id: str, values_of: ValuesOf) -> History:
    return History(cache(lambda: _places(patient_id)), values_of)


def keep(patient_id: str, card: Card) -> None:
    """Other tests at the same moment make another row: no row is ever changed."""
    tests: dict[str, list[str]] = {}
    for test, moment in values(card):
        tests.setdefault(moment, []).append(test)
    for moment, found in tests.items():
        which = hashlib.sha256(" ".join(sorted(found)).encode()).hexdigest()[:16]
        chart.keep(patient_id, f"values#{moment}#{card.report_id}#{which}", sorted(found))


def before(told: History, reading: Reading, observed_at: str, limit: int) -> list[Value]:
    """Newest first, without those of the reading's own time and later."""
    return list(islice(_before(told, _blind_test(reading), _sortable(observed_at)), limit))


def _before(told: History, test: str, moment: str) -> Iterator[Value]:
    seen = set()
    for place in told.places():
        key = (test, place.moment)
        if place.moment < moment and test in place.tests and (key, place.report_id) not in seen:
            seen.add((key, place.report_id))
            if found := told.values_of(place.report_id).get(key):
                yield found


def _places(patient_id: str) -> list[Place]:
    is_values = ChartRow.sk.startswith("values#")
    rows = ChartRow.query(patient_id, is_values, scan_index_forward=False, consistent_read=True)
    return list(map(_place, rows))


def _place(row: ChartRow) -> Place:
    _, moment, report_id, _ = row.sk.split("#")
    return Place(moment, report_id, frozenset(chart.content(row)))


def values(card: Card) -> dict[Key, Value]:
    found: dict[Key, Value] = {}
    for reading in card.readings:
        observed_at = reading.observed_at or card.collected_at
        is_comparable = reading.value and not reading.is_narrative and not reading.parent
        if is_comparable and (moment := _sortable(observed_at)):
            found[_blind_test(reading), moment] = Value(
                report_id=card.report_id,
                value=reading.value,
                unit=reading.unit,
                observed_at=observed_at,
            )
    return found


def _blind_test(reading: Reading) -> str:
    """LOINC where the lab gave it, else the lab's own code; which test it was stays unreadable."""
    return keys.blind("test", reading.loinc or f"local:{reading.key.split('#')[0]}")[:32]


def _sortable(fhir_date: str) -> str:
    moment = parsed(fhir_date)
    return instant(moment) if moment else fhir_date
