"""Sequence numbers of senders that count their messages in MSH-13 (HL7 v2.5.1 chapter 2, 2.10.1).

sequence#<sender> / series#<MSH-7>            a count began: with 0 or 1, or with the first seen
sequence#<sender> / <MSH-7 of it>#<number>    a number that was seen

A number waits for the one before it from the moment it is noted; whichever of the two is noted
last ends that, so order does not matter. One that waits for five minutes is a gap; after a day the
missing message is given up. 0 starts a count anew, and so does 1, for senders that count by the
day or wrap around; -1 asks for what we expect next, and is no message's number.
"""

import re
from datetime import datetime, timedelta

from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.update import Action

from portal import timestamps
from portal.conditions import is_unmet
from portal.envelopes import sender as name_of
from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.moments import instant, now
from portal.secrets_kept import hashed
from portal.senders import Sender
from portal.tables import CareRow

KIND = "sequence"
GAP_SECONDS = 300
GIVEN_UP_SECONDS = 86_400
SEEN, BEGAN = "seen", "began"
_NUMBER = re.compile(r"\d{1,15}", re.ASCII)


def note(message: Message, sender: Sender) -> None:
    """Costs nothing where MSH-13 is empty. Noting again changes nothing."""
    header = message.first("MSH")
    number = header.text(13).strip()
    if not _NUMBER.fullmatch(number):
        return
    sent_at = timestamps.instant(header.text(7), sender.zone) or now()
    pk = f"sequence#{hashed(name_of(header))[:32]}"
    series, begins = _series(pk, int(number), sent_at)
    if int(number) == 0:
        return
    _note(pk, series, int(number), begins, header)


def gaps() -> list[str]:
    """Names (MSH-3 and MSH-4) of senders of whom a message is missing for five minutes."""
    due = CareRow.due_work.query(KIND, CareRow.due_at < instant(), limit=200)
    rows = [row for each in due if (row := CareRow.find(each.pk, each.sk)) is not None]
    oldest = instant(now() - timedelta(seconds=GIVEN_UP_SECONDS))
    for row in rows:
        if (row.due_at or "") < oldest:
            _leave_index(row)
    return sorted({row.sender or "" for row in rows if row.kind == KIND})


def _series(pk: str, number: int, sent_at: datetime) -> tuple[str, bool]:
    """When the count began that this number belongs to, and whether nothing comes before it."""
    at = instant(sent_at)
    known = _latest(pk, at) if number > 1 else None
    if known is None:
        _put(CareRow(pk, f"series#{at}", state=BEGAN, detail=str(number)))
        return at, True
    return known.sk.removeprefix("series#"), number <= int(known.detail or 0)


def _latest(pk: str, at: str) -> CareRow | None:
    rows = CareRow.query(
        pk,
        CareRow.sk.between("series#", f"series#{at}"),
        scan_index_forward=False,
        limit=1,
        consistent_read=True,
    )
    return next(iter(rows), None)


def _note(pk: str, series: str, number: int, begins: bool, header: Segment) -> None:
    row = CareRow(pk, _key(series, number), state=SEEN, sender=name_of(header))
    if not begins:
        row.kind, row.due_at = KIND, instant(now() + timedelta(seconds=GAP_SECONDS))
    _put(row)
    if begins or CareRow.find(pk, _key(series, number - 1)):
        _leave_index(row)
    _leave_index(CareRow(pk, _key(series, number + 1)))


def _key(series: str, number: int) -> str:
    return f"{series}#{number:015d}"


def _put(row: CareRow) -> None:
    try:
        row.save(CareRow.pk.does_not_exist())
    except PutError as error:
        if not is_unmet(error):
            raise


def _leave_index(row: CareRow) -> None:
    """What it waited for is here, or given up. No row, nothing to do."""
    leave: list[Action] = [CareRow.kind.remove(), CareRow.due_at.remove()]
    try:
        row.update(leave, condition=CareRow.pk.exists())
    except UpdateError as error:
        if not is_unmet(error):
            raise
