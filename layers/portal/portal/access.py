"""Who may do what: the one policy every face asks.

So far a caller is a patient at their own record. Proxies, teens and staff become further relations
here, not checks in pages. Records are looked up under `caller.patient_id`, which comes from the
session: another patient's record is not refused, it does not exist.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from portal.methods import Assurance, Confidence, Method


class Scope(StrEnum):
    READ_HOME = "home.read"
    READ_RESULTS = "results.read"
    STEP_UP = "session.step-up"
    END_SESSION = "session.end"
    READ_SECURITY = "security.read"
    CHANGE_SECURITY = "security.change"


class Relation(StrEnum):
    SELF = "self"
    NONE = "none"


class Verdict(StrEnum):
    YES = "yes"
    STEP_UP = "step-up"  # as soon as they show more of who they are
    NO = "no"


@dataclass(frozen=True)
class Need:
    """What a scope asks of a session."""

    assurance: Assurance = Assurance.LINK
    confidence: Confidence = Confidence.CLAIMED
    is_fresh: bool = False  # shown again a few minutes ago


@dataclass(frozen=True)
class Standing:
    """How a session stands. `may_begin`: identity shown just now, and no second factor yet."""

    assurance: Assurance = Assurance.LINK
    confidence: Confidence = Confidence.CLAIMED
    is_fresh: bool = False
    may_begin: bool = False


CLINICAL = Need(Assurance.TWO_FACTOR, Confidence.PROOFED)
NEEDED: dict[Scope, Need] = {
    Scope.READ_HOME: Need(),
    Scope.READ_RESULTS: CLINICAL,
    Scope.STEP_UP: Need(),
    Scope.END_SESSION: Need(),
    Scope.READ_SECURITY: Need(Assurance.TWO_FACTOR),
    Scope.CHANGE_SECURITY: Need(Assurance.TWO_FACTOR, is_fresh=True),
}
TO_BEGIN = frozenset({Scope.READ_SECURITY, Scope.CHANGE_SECURITY})  # to set up the first factor


@dataclass(frozen=True)
class Visitor:
    """Whoever sent this request. Ids mean nothing outside; `browser` is a hash or ""."""

    request_id: str
    source: str  # hash of the network address
    language: str
    browser: str = field(default="", repr=False)
    session_cookie: str = field(default="", repr=False)
    device_cookie: str = field(default="", repr=False)
    staff_cookie: str = field(default="", repr=False)
    path: str = "/"
    agent: str = ""  # "Firefox, Android"
    country: str = ""  # ISO 3166, where the edge knows it
    place: str = field(default="", repr=False)  # "40.7,-74.0", where the edge knows it


@dataclass(frozen=True)
class Caller(Visitor):
    """A visitor with a live session, acting for `patient_id`."""

    patient_id: str = ""
    subject_id: str = ""  # the person; differs from patient_id for a proxy
    standing: Standing = Standing()
    methods: frozenset[Method] = frozenset()  # how they showed who they are

    @property
    def relation(self) -> Relation:
        is_self = self.patient_id and self.subject_id == self.patient_id
        return Relation.SELF if is_self else Relation.NONE

    def may(self, scope: Scope) -> bool:
        return decided(self.relation, self.standing, scope) is Verdict.YES


def decided(relation: Relation, standing: Standing, scope: Scope) -> Verdict:
    if relation is not Relation.SELF:
        return Verdict.NO
    need = NEEDED[scope]
    is_met = (
        standing.assurance >= need.assurance
        and standing.confidence >= need.confidence
        and standing.is_fresh >= need.is_fresh
    )
    begins = standing.may_begin and scope in TO_BEGIN
    return Verdict.YES if is_met or begins else Verdict.STEP_UP
