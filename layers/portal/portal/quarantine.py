"""What waits for somebody of the clinic to look at it, each with its reason."""

from portal import arrivals
from portal.arrivals import QUARANTINE, WAITING
from portal.tables import CareRow


def rows() -> list[CareRow]:
    """The oldest first."""
    found = [row for kind in (QUARANTINE, WAITING) for row in CareRow.due_work.query(kind)]
    whole = [arrivals.ledger_row(arrivals.raw_id_of(row)) for row in found]
    return sorted(whole, key=lambda row: row.received_at or "")


def dismiss(raw_id: str) -> None:
    """Seen, and nothing to do. It stays quarantined, and in the bucket."""
    row = arrivals.ledger_row(raw_id)
    row.update([CareRow.kind.remove(), CareRow.due_at.remove()])
