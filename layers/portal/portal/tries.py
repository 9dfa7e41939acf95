"""Wrong codes in a row, of each factor whose codes are short enough to be guessed: after a hundred
it opens nothing any more, until it is removed and set up anew (NIST SP 800-63B-4, 3.2.2). Codes on
paper are too long for that (3.1.2.2): whoever reads the mail cannot close every way in.
"""

from collections.abc import Callable
from dataclasses import replace

from portal import factors, unusual
from portal.access import Visitor
from portal.audit import Event
from portal.factors import Factor
from portal.methods import Method
from portal.tables import SessionRow


def is_right(
    visitor: Visitor, patient_id: str, kind: Method, opens: Callable[[Factor], bool]
) -> bool:
    """Whether one of this kind opens. `opens` marks it as used, and so begins its count again.
    The last wrong one is told."""
    tried = _counted(patient_id, kind)
    right = next(filter(opens, tried), None)
    if right is not None:
        _take_back(patient_id, [each for each in tried if each is not right])
    elif not all(each.is_open for each in tried):
        unusual.tell(visitor, patient_id, Event.FACTOR_CLOSED)
    return right is not None


def _counted(patient_id: str, kind: Method) -> list[Factor]:
    """The open ones. A try is counted before anybody looks, so that guesses at the same moment
    cannot outrun the limit."""
    is_open = SessionRow.tries.does_not_exist() | (SessionRow.tries < factors.MOST_WRONG)
    found = []
    for each in factors.of(patient_id, kind):
        one_more, is_there = SessionRow.tries.add(1), SessionRow.pk.exists()
        if row := factors.updated(patient_id, each, [one_more], is_there & is_open):
            found.append(replace(each, wrong=int(row.tries or 0)))
    return found


def _take_back(patient_id: str, others: list[Factor]) -> None:
    """The code was another one's, and no guess at theirs."""
    for each in others:
        factors.updated(patient_id, each, [SessionRow.tries.add(-1)], SessionRow.tries > 0)
