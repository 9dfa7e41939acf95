"""Who may do what: the one policy every face asks.

So far a caller is a patient at their own record. Proxies, teens and staff become further relations
here, not checks in pages. Records are looked up under `caller.patient_id`, which comes from the
session: another patient's record is not refused, it does not exist.
"""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Assurance(IntEnum):
    """How sure we are of who it is, after NIST SP 800-63B's levels."""

    LINK = 1  # holds the e-mail account or phone a link was sent to
    TWO_FACTOR = 2


class Scope(StrEnum):
    READ_HOME = "home.read"
    READ_RESULTS = "results.read"
    END_SESSION = "session.end"


class Relation(StrEnum):
    SELF = "self"
    NONE = "none"


NEEDED: dict[Scope, Assurance] = {
    Scope.READ_HOME: Assurance.LINK,
    Scope.READ_RESULTS: Assurance.LINK,
    Scope.END_SESSION: Assurance.LINK,
}


@dataclass(frozen=True)
class Visitor:
    """Whoever sent this request. Ids mean nothing outside; `browser` is a hash or ""."""

    request_id: str
    source: str  # hash of the network address
    language: str
    browser: str = field(default="", repr=False)
    session_cookie: str = field(default="", repr=False)
    path: str = "/"


@dataclass(frozen=True)
class Caller(Visitor):
    """A visitor with a live session, acting for `patient_id`."""

    patient_id: str = ""
    subject_id: str = ""  # the person; differs from patient_id for a proxy
    assurance: Assurance = Assurance.LINK

    @property
    def relation(self) -> Relation:
        is_self = self.patient_id and self.subject_id == self.patient_id
        return Relation.SELF if is_self else Relation.NONE


def allows(relation: Relation, assurance: Assurance, scope: Scope) -> bool:
    return relation is Relation.SELF and assurance >= NEEDED[scope]
