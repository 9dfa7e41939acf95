"""A form or call that may arrive twice is carried out once.

Whoever sends it names it by a key of their own: the field `once` of a form, or the header
`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header). The same key with the same content
gets the same answer; with other content it is refused. A key may begin with the mark of the record
it was filled in for ("<mark>.<random>"): then it counts for that record only.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException, UpdateError

from portal import failures, keys, offline, requests
from portal.access import Caller
from portal.answers import Answer, Bytes
from portal.conditions import is_unmet
from portal.errors import BadInput, Conflict, PortalError, SentBefore, Unavailable, Unsure
from portal.model import Model
from portal.moments import now
from portal.requests import Request
from portal.secrets_kept import hashed
from portal.tables import SessionRow

FIELD, WORDS = "once", "keep"  # of a form: its key, and what the browser calls it
HEADER = "idempotency-key"
LIFE = timedelta(days=2)
SK = "once"
_KEY = re.compile(r"([A-Za-z0-9_-]{22}\.)?[A-Za-z0-9-]{16,64}")


@dataclass(frozen=True)
class Sending:
    """One sending of something: its key, and the hash of what it says."""

    key: str
    content: str


def sending(request: Request, route: str) -> Sending | None:
    """None for what named no key. Raises BadInput for a key that is none."""
    if request.method == "GET":
        return None
    fields = requests.fields_of(request)
    key = request.headers.get(HEADER) or str(fields.get(FIELD) or "")
    if not key:
        return None
    if not _KEY.fullmatch(key):
        raise BadInput({FIELD: "Send a key of 16 to 64 letters, digits and hyphens."})
    said = {name: value for name, value in fields.items() if name not in (FIELD, WORDS)}
    content = json.dumps([request.method, route, said], sort_keys=True, default=str)
    return Sending(key, hashed(content))


def answered(
    caller: Caller, sent: Sending, view: type[Model], act: Callable[[], Answer | Bytes]
) -> Answer | Bytes:
    """What `act` answers, or answered. Raises SentBefore, Unsure, or Conflict for another record
    than the one it was filled in for."""
    mark, dot, _ = sent.key.rpartition(".")
    if dot and mark != offline.mark(caller.patient_id):
        raise Conflict
    row = SessionRow(f"once#{hashed(f'{caller.subject_id}\0{sent.key}')}", SK)
    if not _claimed(row, sent):
        return _earlier(caller, row, sent, view)
    try:
        answer = act()
    except PortalError as error:
        if not isinstance(error, Unavailable):
            _free(row)
        raise
    if isinstance(answer, Answer):
        _keep(caller, row, answer)
    return answer


def _claimed(row: SessionRow, sent: Sending) -> bool:
    free = SessionRow.pk.does_not_exist() | (SessionRow.ends_at <= now())
    ends_at, content = SessionRow.ends_at.set(now() + LIFE), SessionRow.code.set(sent.content)
    try:
        row.update([content, ends_at, SessionRow.sealed.remove()], free)
    except UpdateError as error:
        if not is_unmet(error):
            raise
        return False
    return True


def _free(row: SessionRow) -> None:
    """It was refused, so nothing was done: it may be sent again."""
    row.update([SessionRow.ends_at.set(now() - timedelta(seconds=1))])


def _earlier(caller: Caller, row: SessionRow, sent: Sending, view: type[Model]) -> Answer:
    """Where no answer was kept, it may or may not have been carried out: that is never tried
    again, but said."""
    found = SessionRow.find(row.pk, row.sk)
    if found is None or found.code != sent.content:
        raise SentBefore
    if found.sealed is None:
        raise Unsure
    said = keys.unseal(caller.subject_id, row.pk, found.sealed)
    return Answer(view.model_validate(said.pop("view")), **said)


def _keep(caller: Caller, row: SessionRow, answer: Answer) -> None:
    """Without the cookies: they are the first answer's. It was carried out, so a failure to keep
    the answer is nobody's but ours."""
    view = answer.view.model_dump(mode="json")
    said = {"page": answer.page, "location": answer.location, "status": answer.status}
    sealed = keys.seal(caller.subject_id, row.pk, {**said, "view": view})
    try:
        row.update([SessionRow.sealed.set(sealed)])
    except (PynamoDBException, BotoCoreError, ClientError) as error:
        failures.log("answer-not-kept", error, caller.request_id)
