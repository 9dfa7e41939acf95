"""Which results somebody has opened, as they are now: what was corrected since is new again.

<reader's id> / seen#<patient id>#<report id>    the care table; `detail`: the version that was read

It is each reader's own: what the patient read is still new to who helps them.
"""

from collections.abc import Sequence

from portal.cards import Card
from portal.published import Summary
from portal.tables import CareRow

PREFIX = "seen#"
SEEN = "seen"


def mark(reader_id: str, patient_id: str, card: Card) -> None:
    row = CareRow(reader_id, _sk(patient_id, card.report_id), state=SEEN, steps={})
    row.detail = card.released_at or None
    row.save()


def unseen(reader_id: str, patient_id: str, summaries: Sequence[Summary]) -> set[str]:
    """Ids of those reports that this reader has not opened. At most 100 are asked about."""
    places = [(reader_id, _sk(patient_id, each.report_id)) for each in summaries]
    rows = CareRow.batch_get(places) if places else []
    read = {row.sk: row.detail or "" for row in rows}
    return {each.report_id for each in summaries if not _is_read(read, patient_id, each)}


def _is_read(read: dict[str, str], patient_id: str, summary: Summary) -> bool:
    found = read.get(_sk(patient_id, summary.report_id))
    return found is not None and found >= summary.released_at


def _sk(patient_id: str, report_id: str) -> str:
    return f"{PREFIX}{patient_id}#{report_id}"
