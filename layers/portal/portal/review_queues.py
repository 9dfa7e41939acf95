"""The queues of reviews, the most urgent first, page by page.

Only the queues of the caller's roles are read, and a page's rows all at once. The index orders by
deadline alone: what is due at one moment is put in order here, so that none is lost between pages.
"""

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import batched, groupby, islice

from portal.reviews import CLOSED, WORKED_BY, Review, of_row
from portal.roles import Role
from portal.tables import CareRow


def waiting(
    subject_id: str, roles: frozenset[Role], limit: int, after: str = ""
) -> tuple[list[Review], str]:
    """Theirs to look at, and the place to go on after ("" when that is all)."""
    due = batched(_due(roles, limit + 1, after), limit + 1, strict=False)
    found = (each for rows in due for each in _read(rows))
    theirs = (each for each in found if each.is_for(subject_id, roles))
    page = list(islice(theirs, limit + 1))
    return page[:limit], page[limit - 1].place if len(page) > limit else ""


def _due(roles: frozenset[Role], page_size: int, after: str) -> Iterator[CareRow]:
    """Keys and deadlines, as the index knows them: it may be behind."""
    later = CareRow.due_at >= after.partition("~")[0] if after else None
    queues = (kind for kind, workers in WORKED_BY.items() if not workers.isdisjoint(roles))
    rows = (CareRow.due_work.query(kind, later, page_size=page_size) for kind in queues)
    for _, together in groupby(merge(*rows, key=_due_at), _due_at):
        yield from (row for row in sorted(together, key=_place) if _place(row) > after)


def _due_at(row: CareRow) -> str:
    return row.due_at or ""


def _place(row: CareRow) -> str:
    return of_row(row).place


def _read(due: Sequence[CareRow]) -> Iterator[Review]:
    places = [(row.pk, row.sk) for row in due]
    rows = {(row.pk, row.sk): row for row in CareRow.batch_get(places, consistent_read=True)}
    found = (rows[each] for each in places if each in rows)
    return (of_row(row) for row in found if row.state != CLOSED)
