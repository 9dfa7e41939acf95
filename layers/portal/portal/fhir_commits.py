"""The point from which a push counts: one transaction, all of it or nothing.

push#<raw id> / push                     care table: what was decided of each entry
successor#<blind Type/id>#<version id>   chart: somebody's ifMatch has replaced this version
only#<blind type and condition>          chart: somebody's ifNoneExist has created this one

Whoever commits second under the same condition fails, reads again, and finds the first one's row.
"""

from collections.abc import Mapping

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from portal import keys
from portal.fhir_outcomes import Outcome
from portal.model import Frozen
from portal.tables import CareRow, ChartRow, connection

COMMITTED = "committed"
_BEATEN = {"ConditionalCheckFailed", "TransactionConflict"}


class Beaten(Exception):
    """Somebody else committed under the same condition: plan again."""


class Commit(Frozen):
    patient_id: str
    outcomes: tuple[Outcome, ...]

    @property
    def good(self) -> frozenset[int]:
        """Numbers of the entries that were taken."""
        return frozenset(each.number for each in self.outcomes if not each.issues)


def find(raw_id: str) -> Commit | None:
    row = CareRow.find(f"push#{raw_id}", "push")
    if row is None or row.sealed is None:
        return None
    return Commit.model_validate(keys.unseal(keys.PORTAL, row.pk, row.sealed))


def keep(raw_id: str, commit: Commit, claims: Mapping[str, str]) -> None:
    """`claims`: key in the chart -> the id it is for. Raises Beaten."""
    pk = f"push#{raw_id}"
    sealed = keys.seal(keys.PORTAL, pk, commit.model_dump(mode="json"))
    try:
        with TransactWrite(connection=connection()) as write:
            row = CareRow(pk, "push", state=COMMITTED, sealed=sealed)
            write.save(row, condition=CareRow.pk.does_not_exist())
            for sk, entry_id in claims.items():
                claim = ChartRow(commit.patient_id, sk, fingerprint=entry_id)
                write.save(claim, condition=ChartRow.pk.does_not_exist())
    except TransactWriteError as error:
        codes = {reason.code for reason in error.cancellation_reasons if reason}
        if not codes & _BEATEN:
            raise
        raise Beaten from error


def claimed_by(patient_id: str, sk: str) -> str:
    """The id of what was claimed; "" when nobody has."""
    row = ChartRow.find(patient_id, sk)
    return (row.fingerprint or "") if row else ""


def successor(kind: str, entry_id: str, version_id: str) -> str:
    return f"successor#{keys.blind('successor', f'{kind}/{entry_id}')[:32]}#{version_id}"


def only(kind: str, condition: str) -> str:
    return f"only#{keys.blind('only', f'{kind}?{condition}')[:32]}"
