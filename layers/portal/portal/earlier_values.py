"""Earlier values of the same test: one small row per reading, in the order of time.

A row only tells which report to look into. The value is taken from that report's card as it is now,
so that what a lab corrected or took back shows at once, whatever older rows say.
"""

from collections.abc import Callable
from itertools import islice

from pydantic import BaseModel, ConfigDict

from portal import chart, keys
from portal.cards import Card, Reading
from portal.moments import instant, parsed
from portal.tables import ChartRow


class Value(BaseModel):
    model_config = ConfigDict(frozen=True)

    report_id: str
    value: str
    unit: str
    observed_at: str


type ValuesOf = Callable[[str], dict[str, Value]]


def keep(patient_id: str, card: Card) -> None:
    """One by one: a batch would need a permission that also deletes."""
    for sk, value in values(card).items():
        chart.keep(patient_id, sk, value.model_dump())


def before(
    patient_id: str, reading: Reading, observed_at: str, limit: int, values_of: ValuesOf
) -> list[Value]:
    """Newest first, without those of the reading's own time and later. `values_of` are the values
    of a report as its card is now, by its id."""
    prefix = f"value#{_blind_test(reading)}#"
    rows = ChartRow.query(
        patient_id,
        ChartRow.sk.between(prefix, f"{prefix}{_sortable(observed_at)}"),
        scan_index_forward=False,
        page_size=limit,
        consistent_read=True,
    )
    found = (values_of(row.sk.rpartition("#")[2]).get(row.sk) for row in rows)
    return list(islice(filter(None, found), limit))


def values(card: Card) -> dict[str, Value]:
    """By the sort key of the row."""
    found: dict[str, Value] = {}
    for reading in card.readings:
        observed_at = reading.observed_at or card.collected_at
        is_comparable = reading.value and not reading.is_narrative and not reading.parent
        if is_comparable and (moment := _sortable(observed_at)):
            sk = f"value#{_blind_test(reading)}#{moment}#{card.report_id}"
            found[sk] = Value(
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
