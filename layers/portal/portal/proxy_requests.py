"""What a parent, guardian or personal representative asks for, until staff saw the proof.

Nothing is looked up when they ask: whether the record exists is learnt by staff alone, so the asker
gets the same answer in the same time either way. Each state is one more row, never changed.

<asker's id> / request#<id>#<version>    the consents table; sealed
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from portal import keys
from portal.conditions import is_cancelled
from portal.errors import Conflict
from portal.granting import GrantKind
from portal.tables import AuditRow, CareRow, ConsentRow, connection

PREFIX = "request#"


class State(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True)
class Request:
    request_id: str
    holder_id: str
    kind: GrantKind
    given: str = field(repr=False)
    family: str = field(repr=False)
    born_on: date = field(repr=False)
    identifier: str = field(repr=False)
    relationship: str = field(repr=False)
    statement: str = field(repr=False)
    asked_at: datetime
    state: State = State.WAITING
    reason: str = field(default="", repr=False)  # of a no, for the asker to read
    version: int = 0


def of_holder(holder_id: str) -> list[Request]:
    """As they are now, oldest first."""
    rows = ConsentRow.query(holder_id, ConsentRow.sk.startswith(PREFIX), consistent_read=True)
    newest = {row.sk.split("#")[1]: row for row in rows}
    return sorted(map(_request, newest.values()), key=lambda each: each.asked_at)


def find(holder_id: str, request_id: str) -> Request | None:
    found = (each for each in of_holder(holder_id) if each.request_id == request_id)
    return next(found, None)


def keep(request: Request, entry: AuditRow, owed: CareRow | None) -> Request:
    """One more version, with its audit row and what it owes. Raises Conflict."""
    kept = replace(request, version=request.version + 1)
    sk = f"{PREFIX}{kept.request_id}#{kept.version:06d}"
    content = _shape().dump_python(kept, mode="json")
    sealed = keys.seal(kept.holder_id, _address(sk), content)
    try:
        with TransactWrite(connection=connection()) as write:
            row = ConsentRow(kept.holder_id, sk, sealed=sealed)
            write.save(row, condition=ConsentRow.pk.does_not_exist())
            write.save(entry, condition=AuditRow.pk.does_not_exist())
            if owed:
                write.save(owed, condition=CareRow.pk.does_not_exist())
    except TransactWriteError as error:
        if not is_cancelled(error):
            raise
        raise Conflict from error
    return kept


def _request(row: ConsentRow) -> Request:
    content = keys.unseal(row.pk, _address(row.sk), row.sealed or b"")
    found: Request = _shape().validate_python(content)
    return found


def _address(sk: str) -> str:
    return f"consents#{sk}"


@cache
def _shape() -> TypeAdapter[Any]:
    return TypeAdapter(Request)
