"""Grants as they are kept: each change is one more row, and the newest says what holds.

<patient id> / grant#<grant id>#<version>    sealed; never changed, so who allowed what, when, stays
holder#<person> / grant#<patient>#<id>       where to look for what a person holds

A grant is read for each request that stands on it, strongly consistent: what was revoked opens
nothing any more.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from portal import keys
from portal.conditions import is_cancelled
from portal.errors import Conflict
from portal.granting import Grant, GrantState
from portal.moments import now
from portal.tables import AuditRow, CareRow, ConsentRow, connection

PREFIX = "grant#"
OVER = frozenset({GrantState.REVOKED})


def find(patient_id: str, grant_id: str) -> Grant | None:
    newest = ConsentRow.query(
        patient_id,
        ConsentRow.sk.startswith(f"{PREFIX}{grant_id}#"),
        scan_index_forward=False,
        consistent_read=True,
        limit=1,
    )
    return next(map(_grant, newest), None)


def of_patient(patient_id: str) -> list[Grant]:
    """On this record, as they are now, in the order they were begun; revoked ones too."""
    rows = ConsentRow.query(patient_id, ConsentRow.sk.startswith(PREFIX), consistent_read=True)
    newest = {row.sk.split("#")[1]: row for row in rows}
    return sorted(map(_grant, newest.values()), key=lambda each: each.starts_at)


def versions(patient_id: str) -> dict[str, list[Grant]]:
    """Every version of each grant on this record, oldest first."""
    rows = ConsentRow.query(patient_id, ConsentRow.sk.startswith(PREFIX), consistent_read=True)
    found: dict[str, list[Grant]] = {}
    for grant in map(_grant, rows):
        found.setdefault(grant.grant_id, []).append(grant)
    return found


def of_holder(holder_id: str) -> list[Grant]:
    """What a person holds, as it is now; not what was revoked."""
    pointers = ConsentRow.query(
        _holder_pk(holder_id), ConsentRow.sk.startswith(PREFIX), consistent_read=True
    )
    found = (find(*row.sk.split("#")[1:3]) for row in pointers)
    return [each for each in found if each and each.holder_id == holder_id and not _is_over(each)]


def keep(
    grant: Grant,
    *entries: AuditRow,
    owed: Iterable[CareRow] = (),
    also: Callable[[TransactWrite], None] | None = None,
) -> Grant:
    """One more version, with its audit rows, what it owes and what else belongs to it: all or none.
    Raises Conflict when somebody changed it since it was read."""
    kept = replace(grant, version=grant.version + 1, written_at=now())
    try:
        with TransactWrite(connection=connection()) as write:
            write.save(_row(kept), condition=ConsentRow.pk.does_not_exist())
            if kept.holder_id:
                write.save(_pointer(kept))
            for entry in entries:
                write.save(entry, condition=AuditRow.pk.does_not_exist())
            for row in owed:
                write.save(row, condition=CareRow.pk.does_not_exist())
            if also:
                also(write)
    except TransactWriteError as error:
        if not is_cancelled(error):
            raise
        raise Conflict from error
    return kept


def _is_over(grant: Grant) -> bool:
    return grant.state in OVER


def _row(grant: Grant) -> ConsentRow:
    sk = f"{PREFIX}{grant.grant_id}#{grant.version:06d}"
    content = _shape().dump_python(grant, mode="json")
    sealed = keys.seal(grant.patient_id, _address(sk), content)
    return ConsentRow(grant.patient_id, sk, sealed=sealed)


def _pointer(grant: Grant) -> ConsentRow:
    sk = f"{PREFIX}{grant.patient_id}#{grant.grant_id}"
    return ConsentRow(_holder_pk(grant.holder_id), sk)


def _grant(row: ConsentRow) -> Grant:
    content = keys.unseal(row.pk, _address(row.sk), row.sealed or b"")
    found: Grant = _shape().validate_python(content)
    return found


def _holder_pk(holder_id: str) -> str:
    return f"holder#{holder_id}"


def _address(sk: str) -> str:
    return f"consents#{sk}"


@cache
def _shape() -> TypeAdapter[Any]:
    return TypeAdapter(Grant)
