"""Labels of a lab card as staff correct them: facts of their own, so that no message undoes them.

labels#<report id>#<correction id>   what was put on or taken off, by whom, when, why; never changed

The newest word of staff on a segment wins over what the codes say, whatever message comes before or
after it: any order of messages and corrections ends in the same labels. A label taken off stays off
when a later version of the report brings more; who takes one off judges the report, not a version.
"""

from collections.abc import Iterable, Mapping

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from portal import chart, published
from portal.cards import Card
from portal.conditions import is_cancelled
from portal.model import Frozen
from portal.moments import fresh_id, instant
from portal.published import Published
from portal.sensitivity import Segment, ordered
from portal.tables import AuditRow, ChartRow, connection

PREFIX = "labels#"


class Correction(Frozen):
    """`by` is a member of staff, `at` a FHIR instant. `about`: the identifiers that the report's
    messages named, so that it goes along when records are merged or separated."""

    correction_id: str
    report_id: str
    added: tuple[Segment, ...]
    removed: tuple[Segment, ...]
    by: str
    at: str
    why: str
    about: tuple[tuple[str, str], ...] = ()

    @property
    def order(self) -> tuple[str, str]:
        return (self.at, self.correction_id)


def corrected(computed: Iterable[str], corrections: Iterable[Correction]) -> tuple[Segment, ...]:
    found = set(map(Segment, computed))
    for each in sorted(corrections, key=lambda each: each.order):
        found = (found | set(each.added)) - set(each.removed)
    return ordered(found)


def on(card: Card, corrections: Mapping[str, list[Correction]]) -> Card:
    """A card of which nothing is left has no labels either: they would tell what it was."""
    ours = corrections.get(card.report_id)
    if not ours or card.is_wrong_patient:
        return card
    return card.model_copy(update={"segments": corrected(card.segments, ours)})


def of_patient(patient_id: str) -> dict[str, list[Correction]]:
    """By report, oldest first."""
    return _by_report(patient_id, PREFIX)


def of_report(patient_id: str, report_id: str) -> list[Correction]:
    """Oldest first."""
    return _by_report(patient_id, f"{PREFIX}{report_id}#").get(report_id, [])


def _by_report(patient_id: str, prefix: str) -> dict[str, list[Correction]]:
    found: dict[str, list[Correction]] = {}
    rows = map(Correction.model_validate, chart.starting_with(patient_id, prefix))
    for each in sorted(rows, key=lambda each: each.order):
        found.setdefault(each.report_id, []).append(each)
    return found


def correction(
    patient_id: str, card: Card, wanted: Iterable[Segment], by: str, why: str
) -> Correction:
    """What has to change for the card to have exactly these labels."""
    from portal import reports

    there, wanted = frozenset(map(Segment, card.segments)), frozenset(wanted)
    versions = reports.versions(patient_id, card.report_id)
    return Correction(
        correction_id=fresh_id(),
        report_id=card.report_id,
        added=ordered(wanted - there),
        removed=ordered(there - wanted),
        by=by,
        at=instant(),
        why=why,
        about=tuple(sorted({named for each in versions for named in each.about})),
    )


def correct(patient_id: str, found: Published, made: Correction, entry: AuditRow) -> bool:
    """The correction, the card and the audit row: all or none. It counts from the next request on.
    False when the card was published, or corrected, in between."""
    sk = f"{PREFIX}{made.report_id}#{made.correction_id}"
    fact = chart.sealed_row(patient_id, sk, made.model_dump(mode="json"))
    labelled = {"segments": corrected(found.card.segments, [made])}
    row, unchanged = published.row_of(patient_id, found.card.model_copy(update=labelled), found)
    try:
        with TransactWrite(connection=connection()) as write:
            write.save(fact, condition=ChartRow.pk.does_not_exist())
            write.save(row, condition=unchanged)
            write.save(entry, condition=AuditRow.pk.does_not_exist())
    except TransactWriteError as error:
        if not is_cancelled(error):
            raise
        return False
    return True
