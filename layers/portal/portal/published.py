"""Cards as patients see them: the current one of each report, listed newest first.

A card row's `revision` counts its publications; whoever publishes must name the one it builds on.
`fingerprint` tells news from a repetition.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from pynamodb.expressions.condition import Condition

from portal import chart, keys
from portal.cards import Card, CardStatus
from portal.model import Frozen
from portal.moments import instant, parsed
from portal.placing import placed
from portal.sensitivity import UNLABELLED
from portal.tables import ChartRow

NOT_NEWS = {"raw_id", "source", "sources", "released_at", "resulted_at", "sender", "segments"}


class Summary(Frozen):
    """What a list shows of a card."""

    report_id: str
    panel_code: str
    lab_title: str
    status: CardStatus
    collected_at: str
    resulted_at: str
    released_at: str
    ordered_by: str
    readings: int
    outside: int
    segments: tuple[str, ...] = UNLABELLED
    tests: tuple[str, ...] | None = None  # "<LOINC>|<lab's name>"; None: from before it was kept


@dataclass(frozen=True)
class Published:
    card: Card
    revision: int
    fingerprint: str


def find(patient_id: str, report_id: str) -> Published | None:
    row = ChartRow.find(patient_id, f"card#{report_id}")
    if row is None:
        return None
    card = Card.model_validate(chart.content(row))
    return Published(card, int(row.revision or 0), row.fingerprint or "")


def listed(patient_id: str, limit: int, before: str) -> tuple[list[tuple[Summary, str]], str]:
    """Every one, newest first, each with its place, and the cursor of what comes next ("" when
    that is all). Who may see which: `portal.seen`."""
    older = ChartRow.listed_at < before if before else None
    rows = list(
        ChartRow.cards_by_time.query(
            patient_id,
            older,
            scan_index_forward=False,
            limit=limit + 1,
            consistent_read=True,
        )
    )
    shown = [(_summary(row), row.listed_at or "") for row in rows[:limit]]
    return shown, shown[-1][1] if len(rows) > limit else ""


def document(patient_id: str, report_id: str, document_id: str) -> tuple[str, bytes] | None:
    """Content type and bytes of a document that came with a report."""
    found = chart.find(patient_id, f"document#{report_id}#{document_id}")
    return (found["content_type"], base64.b64decode(found["data"])) if found else None


def row_of(patient_id: str, card: Card, earlier: Published | None) -> tuple[ChartRow, Condition]:
    """The row to save, and the condition that nobody published in between."""
    sk = f"card#{card.report_id}"
    summary = keys.seal(patient_id, f"{sk}#summary", _summary_of(card).model_dump(mode="json"))
    row = chart.sealed_row(
        patient_id,
        sk,
        card.model_dump(mode="json"),
        listed_at=_listed_at(card),
        summary=summary,
        revision=earlier.revision + 1 if earlier else 1,
        fingerprint=fingerprint(card),
    )
    if earlier is None:
        return row, ChartRow.pk.does_not_exist()
    return row, ChartRow.revision == earlier.revision


def fingerprint(card: Card) -> str:
    """The same for cards that say the same to a patient, whatever message said it."""
    return hashlib.sha256(repr(_news(card.model_dump(mode="json"))).encode()).hexdigest()


def _news(content: Any) -> Any:
    if isinstance(content, dict):
        return [(key, _news(part)) for key, part in content.items() if key not in NOT_NEWS]
    if isinstance(content, list):
        return [_news(part) for part in content]
    return content


def _summary(row: ChartRow) -> Summary:
    return Summary.model_validate(keys.unseal(row.pk, f"{row.sk}#summary", row.summary or b""))


def _summary_of(card: Card) -> Summary:
    return Summary(
        report_id=card.report_id,
        panel_code=card.panel_code,
        lab_title=card.lab_title,
        status=card.status,
        collected_at=card.collected_at,
        resulted_at=card.resulted_at,
        released_at=card.released_at,
        ordered_by=card.ordered_by,
        readings=len(card.readings) + len(card.documents),
        outside=sum(placed(reading).is_outside for reading in card.readings),
        segments=card.segments,
        tests=tests_of(card),
    )


def tests_of(card: Card) -> tuple[str, ...]:
    """What a report is searched by."""
    return tuple(dict.fromkeys(f"{each.loinc}|{each.lab_name}" for each in card.readings))


def _listed_at(card: Card) -> str:
    """By sign-off, then by collection; unique by the report's id."""
    moment = parsed(card.resulted_at) or parsed(card.collected_at) or parsed(card.released_at)
    return f"{instant(moment)}#{card.report_id}"
