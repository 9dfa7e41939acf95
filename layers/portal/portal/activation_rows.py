"""The rows of an activation: see portal.activations for their keys.

The two that lead to the newest one carry its token's hash, so an earlier one's lead nowhere.
"""

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from portal import typed_codes, user_accounts
from portal.conditions import is_cancelled
from portal.errors import Unavailable
from portal.secrets_kept import hashed
from portal.tables import SessionRow, connection

SK = "activation"
MAX_TRIES = 5


def key(patient_id: str) -> tuple[str, str]:
    return user_accounts.pk(patient_id), SK


def owner(row: SessionRow) -> str:
    return row.pk.removeprefix(user_accounts.pk(""))


def keep(row: SessionRow, patient_id: str, link_token: str, code: str) -> None:
    """In place of any earlier one. Raises Unavailable for a code whose first group is another
    one's, which happens to one in many millions."""
    row.newest, row.code = hashed(link_token), typed_codes.kept(code)
    try:
        with TransactWrite(connection=connection()) as write:
            write.save(row)
            for pk in (_link_pk(link_token), _code_pk(code)):
                lead = SessionRow(
                    pk, SK, patient_id=patient_id, newest=row.newest, ends_at=row.ends_at
                )
                write.save(lead, condition=SessionRow.pk.does_not_exist())
    except TransactWriteError as error:
        if not is_cancelled(error):
            raise
        raise Unavailable from error


def by_link(link_token: str) -> SessionRow | None:
    return _led_to(_link_pk(link_token))


def by_code(code: str) -> SessionRow | None:
    return _led_to(_code_pk(code))


def _link_pk(link_token: str) -> str:
    return f"activation#{hashed(link_token)}"


def _code_pk(code: str) -> str:
    return f"activation-code#{typed_codes.finder(code)}"


def _led_to(pk: str) -> SessionRow | None:
    lead = SessionRow.find(pk, SK)
    row = SessionRow.find(*key(lead.patient_id or "")) if lead else None
    return row if lead and row and lead.newest == row.newest else None
