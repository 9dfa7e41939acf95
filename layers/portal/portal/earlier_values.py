"""Earlier values of the same test: one small row per reading, in the order of time.

Rows follow from the card that wrote them, so writing them again changes nothing.
"""

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


def keep(patient_id: str, card: Card) -> None:
    """One by one: a batch would need a permission that also deletes."""
    for sk, reading in _keyed(card):
        value = Value(
            report_id=card.report_id,
            value=reading.value,
            unit=reading.unit,
            observed_at=reading.observed_at or card.collected_at,
        )
        chart.keep(patient_id, sk, value.model_dump())


def before(patient_id: str, reading: Reading, observed_at: str, limit: int) -> list[Value]:
    """Newest first, without those of the reading's own time and later."""
    prefix = f"value#{_blind_test(reading)}#"
    own = f"{prefix}{_sortable(observed_at)}"
    rows = ChartRow.query(
        patient_id,
        ChartRow.sk.between(prefix, own),
        scan_index_forward=False,
        limit=limit,
        consistent_read=True,
    )
    return [Value.model_validate(chart.content(row)) for row in rows]


def _blind_test(reading: Reading) -> str:
    """LOINC where the lab gave it, else the lab's own code; which test it was stays unreadable."""
    return keys.blind("test", reading.loinc or f"local:{reading.key.split('#')[0]}")[:32]


def _keyed(card: Card) -> list[tuple[str, Reading]]:
    found: dict[str, Reading] = {}
    for reading in card.readings:
        moment = _sortable(reading.observed_at or card.collected_at)
        if moment and reading.value and not reading.is_narrative:
            found[f"value#{_blind_test(reading)}#{moment}#{card.report_id}"] = reading
    return list(found.items())


def _sortable(fhir_date: str) -> str:
    moment = parsed(fhir_date)
    return instant(moment) if moment else fhir_date
