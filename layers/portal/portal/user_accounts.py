"""A patient's account: what holds for all their sessions. It is made at the first write.

account#<patient id>
    account              generation, confidence, number of factors, newest link, display
    session#<hash>       a live session, for the list of them
    device#<hash>        a remembered device
    factor#<kind>#<id>   a second factor (portal.factors)
"""

from dataclasses import dataclass

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from portal import display
from portal.display import NOTHING_CHOSEN, Display
from portal.methods import Confidence
from portal.tables import SessionRow

SK = "account"


@dataclass(frozen=True)
class Account:
    patient_id: str
    generation: int = 0
    confidence: Confidence = Confidence.ON_FILE
    factors: int = 0
    display: Display = NOTHING_CHOSEN


def pk(patient_id: str) -> str:
    return f"account#{patient_id}"


def row(patient_id: str) -> SessionRow:
    return SessionRow(pk(patient_id), SK)


def of(patient_id: str) -> Account:
    """Whoever has no row yet: enrolled by the clinic, never signed in."""
    found = SessionRow.find(pk(patient_id), SK)
    if found is None:
        return Account(patient_id)
    said = found.confidence
    confidence = Confidence.ON_FILE if said is None else Confidence(int(said))
    generation, factors = int(found.generation or 0), int(found.factors or 0)
    return Account(
        patient_id, generation, confidence, factors, display.unpacked(found.display or "")
    )


def show(write: TransactWrite, patient_id: str, chosen: Display) -> None:
    """How its pages look from now on, in a transaction of the caller's."""
    write.update(row(patient_id), [SessionRow.display.set(chosen.packed)])


def drop_link(patient_id: str) -> None:
    """The newest sign-in link opens nothing any more."""
    row(patient_id).update([SessionRow.newest.remove()])


def raise_confidence(patient_id: str, confidence: Confidence) -> None:
    """Never lowers it: see `set_confidence`."""
    if of(patient_id).confidence < confidence:
        set_confidence(patient_id, confidence)


def set_confidence(patient_id: str, confidence: Confidence) -> None:
    row(patient_id).update([SessionRow.confidence.set(int(confidence))])


def is_same(account: Account) -> Condition:
    """Nobody signed out everywhere since it was read."""
    if account.generation:
        return SessionRow.generation == account.generation
    return SessionRow.generation.does_not_exist()


def rows(patient_id: str, prefix: str) -> list[SessionRow]:
    """Strongly consistent: what was revoked is gone from the list at once."""
    found = SessionRow.query(pk(patient_id), SessionRow.sk.startswith(prefix), consistent_read=True)
    return list(found)


def begin_again(patient_id: str) -> None:
    """Ends every session. The newest link dies too: it may be open on the phone that was stolen."""
    row(patient_id).update([SessionRow.generation.add(1), SessionRow.newest.remove()])
