"""Birthdays that change who sees what of a record, and the notices due a month before.

On the 12th a child's own account opens and parents see less of sensitive care; on the 18th a
parent's right ends. The policy turns by itself (portal.record_rules); here is who is told when.

<patient id> / birthday#<age>#<grant id>    the holder of a parent's or guardian's grant is told
<patient id> / birthday#<age>#self          and so is the one whose birthday it is

`pending -> sent | over`. Due work of kind "birthday", at which `functions/upkeep` looks again.
`detail` is the blind index of the birthday it was planned for: another one is planned anew.
"""

from datetime import UTC, date, datetime, time, timedelta

from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition

from portal import ages, keys
from portal.conditions import is_unmet
from portal.granting import Grant, GrantKind
from portal.moments import instant, now
from portal.tables import CareRow

KIND = "birthday"
PREFIX = "birthday#"
AGES = (ages.TEEN, ages.ADULT)
SELF = "self"
NOTICE = timedelta(days=30)
PENDING, SENT, OVER = "pending", "sent", "over"
TURNING = frozenset({GrantKind.PARENT, GrantKind.GUARDIAN})  # their rights change with age


def plan(grant: Grant, birth_on: date) -> None:
    """Every notice that is still ahead. Doing it again changes nothing. To be called before a grant
    is kept as active, and before a corrected birth date is kept: a notice whose grant or birthday
    did not come about falls away when it is due."""
    if grant.kind not in TURNING:
        return
    for age in AGES:
        if ages.birthday(birth_on, age) > now().date():
            for whose in (grant.grant_id, SELF):
                _plan_one(grant.patient_id, age, whose, ages.birthday(birth_on, age))


def due_at(birthday_on: date) -> str:
    return instant(datetime.combine(birthday_on - NOTICE, time(), UTC))


def planned_for(birthday_on: date) -> str:
    return keys.blind("birthday", birthday_on.isoformat())


def _plan_one(patient_id: str, age: int, whose: str, birthday_on: date) -> None:
    row = CareRow(
        patient_id,
        f"{PREFIX}{age}#{whose}",
        state=PENDING,
        kind=KIND,
        due_at=due_at(birthday_on),
        detail=planned_for(birthday_on),
        steps={},
    )
    try:
        row.save(_is_news(row))
    except PutError as error:
        if not is_unmet(error):
            raise


def _is_news(row: CareRow) -> Condition:
    is_new = CareRow.pk.does_not_exist() | (CareRow.detail != row.detail)
    is_news: Condition = is_new | (CareRow.state == OVER)  # suspended when it was due
    return is_news
