"""What of a record's results its reader may see: every page, count and cursor is made from this, so
that a hidden result and a missing one are the same everywhere (decision 0015).
"""

from collections.abc import Callable, Iterator
from datetime import date

from portal import published
from portal.cards import Card
from portal.granting import Item
from portal.published import Summary
from portal.sensitivity import Segment

AT_ONCE = 100

type Sees = Callable[[Item], bool]


def item_of(result: Card | Summary) -> Item:
    return Item(frozenset(map(Segment, result.segments)), day(result.collected_at))


def results(sees: Sees, patient_id: str, limit: int, before: str = "") -> tuple[list[Summary], str]:
    """Newest first, and the cursor of what comes next ("" when that is all)."""
    found: list[tuple[Summary, str]] = []
    for summary, place in _visible(sees, patient_id, limit, before):
        if len(found) == limit:
            return [each for each, _ in found], found[-1][1]
        found.append((summary, place))
    return [each for each, _ in found], ""


def every(sees: Sees, patient_id: str) -> Iterator[Summary]:
    """All of them, newest first, read as far as they are asked for."""
    return (summary for summary, _ in _visible(sees, patient_id, AT_ONCE, ""))


def card(sees: Sees, patient_id: str, report_id: str) -> Card | None:
    found = published.find(patient_id, report_id)
    return found.card if found and sees(item_of(found.card)) else None


def _visible(
    sees: Sees, patient_id: str, at_once: int, before: str
) -> Iterator[tuple[Summary, str]]:
    while True:
        page, before = published.listed(patient_id, at_once, before)
        yield from ((summary, place) for summary, place in page if sees(item_of(summary)))
        if not before:
            return


def day(fhir_date: str) -> date | None:
    """A year or a month alone is no day."""
    try:
        return date.fromisoformat(fhir_date[:10])
    except ValueError:
        return None
