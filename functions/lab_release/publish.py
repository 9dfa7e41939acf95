"""Cards, the message owed to the patient, and the audit rows: all of them or none."""

from pynamodb.connection import Connection
from pynamodb.transactions import TransactWrite

from portal import audit, earlier_values, outbox, published, reports
from portal.cards import Card
from portal.folding import fold
from portal.moments import instant
from portal.published import Published
from portal.settings import settings
from portal.tables import AuditRow, CareRow

REPORTS_AT_ONCE = 20  # a transaction holds 100 rows and 4 MB


def publish(patient_id: str, raw_id: str, report_ids: list[str], *, is_told: bool) -> int:
    """Returns how many cards are news. Run twice, the second finds none. Somebody who published
    in between makes the transaction fail, and the step is tried again on the new state."""
    found = [(card_of(patient_id, name), published.find(patient_id, name)) for name in report_ids]
    news = [(card, earlier) for card, earlier in found if is_news(card, earlier)]
    for start in range(0, len(news), REPORTS_AT_ONCE):
        some = news[start : start + REPORTS_AT_ONCE]
        _publish_together(patient_id, f"{raw_id}#{start}", some, is_told=is_told)
    for card, _ in found:
        earlier_values.keep(patient_id, card)
    return len(news)


def card_of(patient_id: str, report_id: str) -> Card:
    card = fold(reports.versions(patient_id, report_id))
    return card.model_copy(update={"released_at": instant()})


def is_news(card: Card, earlier: Published | None) -> bool:
    return earlier is None or published.fingerprint(card) != earlier.fingerprint


def _publish_together(
    patient_id: str, key: str, news: list[tuple[Card, Published | None]], *, is_told: bool
) -> None:
    with TransactWrite(connection=Connection(region=settings().region)) as write:
        for card, earlier in news:
            row, condition = published.row_of(patient_id, card, earlier)
            write.save(row, condition=condition)
            write.save(_audit_row(patient_id, card), condition=AuditRow.pk.does_not_exist())
        if is_told:
            newest = f"{key}#{published.fingerprint(news[0][0])[:16]}"
            owed = outbox.row(patient_id, newest)
            write.save(owed, condition=CareRow.pk.does_not_exist())


def _audit_row(patient_id: str, card: Card) -> AuditRow:
    return audit.row(
        audit.Event.RESULT_RELEASED,
        actor=audit.PORTAL,
        patient_id=patient_id,
        about=card.report_id,
        why="result-signed-off",
        request_id=card.sources[-1],
    )
