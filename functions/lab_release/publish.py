"""Cards, the message owed to the patient, and the audit rows: all of them or none."""

from functions.lab_release import charts
from pynamodb.transactions import TransactWrite

from portal import audit, earlier_values, holder_notices, labels, outbox, patients, published
from portal.cards import Card, of_another_patient
from portal.folding import fold
from portal.moments import instant
from portal.patients import Patient
from portal.published import Published
from portal.tables import AuditRow, CareRow, connection

REPORTS_AT_ONCE = 20  # a transaction holds 100 rows and 4 MB


def publish(patient_id: str, raw_id: str, report_ids: list[str], *, is_told: bool) -> int:
    """Returns how many cards are news. Run twice, the second finds none. Somebody who published
    in between makes the transaction fail, and the step is tried again on the new state."""
    patient = patients.current(patient_id)
    if patient is None:
        raise LookupError("the matched patient is not there")
    found = _labelled(patient.patient_id, [card_of(patient, name) for name in report_ids])
    news = [(card, earlier) for card, earlier in found if is_news(card, earlier)]
    for start in range(0, len(news), REPORTS_AT_ONCE):
        some = news[start : start + REPORTS_AT_ONCE]
        _publish_together(patient.patient_id, f"{raw_id}#{start}", some, is_told=is_told)
    for card, earlier in found:
        if earlier and not is_news(card, earlier):
            _note_sources(patient.patient_id, card, earlier)
        earlier_values.keep(patient.patient_id, card)
    return len(news)


def _labelled(patient_id: str, cards: list[Card | None]) -> list[tuple[Card, Published | None]]:
    """Each with the card that it follows. What staff say of labels is read after that: who corrects
    them from here on changes it, and this publication fails."""
    found = [(card, published.find(patient_id, card.report_id)) for card in cards if card]
    corrections = labels.of_patient(patient_id)
    return [(labels.on(card, corrections), earlier) for card, earlier in found]


def _note_sources(patient_id: str, card: Card, earlier: Published) -> None:
    """The same words from one more message: the card names it, and stays as old as it was."""
    same = card.model_copy(update={"released_at": earlier.card.released_at})
    if same != earlier.card:
        row, condition = published.row_of(patient_id, same, earlier)
        row.save(condition)


def quietly(patient_id: str, raw_id: str, *, leaving_news: bool) -> None:
    """All cards of a chart again, after whose they are was decided anew. Nobody is told, so what
    is still on its way may be left to its own workflow, which tells."""
    names = charts.report_ids(patient_id)
    if leaving_news:
        names = [name for name in names if not charts.is_on_its_way(patient_id, name)]
    publish(patient_id, raw_id, names, is_told=False)


def card_of(patient: Patient, report_id: str) -> Card | None:
    """None for a report that is not the patient's and was never shown to them."""
    versions = charts.versions(patient, report_id)
    if versions:
        return fold(versions).model_copy(update={"released_at": instant()})
    earlier = published.find(patient.patient_id, report_id)
    if earlier is None:
        return None
    return of_another_patient(earlier.card).model_copy(update={"released_at": instant()})


def is_news(card: Card, earlier: Published | None) -> bool:
    return earlier is None or published.fingerprint(card) != earlier.fingerprint


def _publish_together(
    patient_id: str, key: str, news: list[tuple[Card, Published | None]], *, is_told: bool
) -> None:
    with TransactWrite(connection=connection()) as write:
        for card, earlier in news:
            row, condition = published.row_of(patient_id, card, earlier)
            write.save(row, condition=condition)
            write.save(_audit_row(patient_id, card), condition=AuditRow.pk.does_not_exist())
            if is_wrong_patient(card, earlier):
                _tell_privacy_officer(write, patient_id, key, card)
        if is_told:
            newest = f"{key}#{published.fingerprint(news[0][0])[:16]}"
            names = [card.report_id for card, _ in news]
            others = holder_notices.owed(patient_id, newest, names)
            for owed in (outbox.row(patient_id, newest), *others):
                write.save(owed, condition=CareRow.pk.does_not_exist())


def is_wrong_patient(card: Card, earlier: Published | None) -> bool:
    """OBX-11 = W has come: the first time that it has."""
    return card.is_wrong_patient and not (earlier and earlier.card.is_wrong_patient)


def _tell_privacy_officer(write: TransactWrite, patient_id: str, key: str, card: Card) -> None:
    """In the same transaction as the withdrawal. Who had seen it is in the audit trail."""
    news = f"{key}#wrong-patient#{card.report_id}"
    owed = outbox.row(patient_id, news, outbox.Audience.PRIVACY_OFFICER)
    write.save(owed, condition=CareRow.pk.does_not_exist())
    entry = audit.row(
        audit.Event.WRONG_PATIENT,
        actor=audit.PORTAL,
        patient_id=patient_id,
        about=card.report_id,
        why="lab-says",
        request_id=card.sources[-1],
    )
    write.save(entry, condition=AuditRow.pk.does_not_exist())


def _audit_row(patient_id: str, card: Card) -> AuditRow:
    return audit.row(
        audit.Event.RESULT_RELEASED,
        actor=audit.PORTAL,
        patient_id=patient_id,
        about=card.report_id,
        why="result-signed-off",
        request_id=card.sources[-1],
    )
