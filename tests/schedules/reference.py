"""What a chart must hold after a set of messages, in the simplest words: no order, no stores."""

from dataclasses import dataclass

RANKS = {"P": 1, "F": 2, "C": 3, "D": 4, "X": 5, "W": 6}
NO_VALUE = {"X"}
GONE = {"D", "W"}


@dataclass(frozen=True)
class Result:
    """One ORU with one OBX."""

    patient: int
    filler: int
    test: int
    status: str
    value: int
    minute: int

    @property
    def order(self) -> tuple[int, int]:
        return RANKS[self.status], self.minute


@dataclass(frozen=True)
class Update:
    """One A08 of the patient's name."""

    patient: int
    name: str
    minute: int


type Said = Result | Update


def shown(said: set[Said], patient: int) -> dict[tuple[int, int], tuple[str, str]]:
    """(filler, test) -> status and value of the newest word; what was taken back is missing."""
    newest: dict[tuple[int, int], Result] = {}
    for one in sorted((s for s in said if isinstance(s, Result)), key=lambda r: r.order):
        if one.patient == patient:
            newest[one.filler, one.test] = one
    return {
        place: (one.status, "" if one.status in NO_VALUE else str(one.value))
        for place, one in newest.items()
        if one.status not in GONE
    }


def named(said: set[Said], patient: int) -> str:
    """The name of the newest update; "" when there was none."""
    updates = [one for one in said if isinstance(one, Update) and one.patient == patient]
    return max(updates, key=lambda one: one.minute).name if updates else ""
