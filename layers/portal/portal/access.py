"""Who may do what: the one policy every face asks (decision 0015).

A route names a scope. The policy looks at who asks (relation, grant), whose record it is, what the
thing is (its sensitive segments) and how the session stands. Records are looked up under
`caller.patient_id`, which comes from the session: another record is not refused, it does not exist.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from portal import moments, record_rules
from portal.display import USUAL, Look
from portal.granting import Grant, Item, Record, Relation
from portal.methods import Assurance, Confidence, Method
from portal.record_rules import NOT_THEIR_OWN, TEEN, Asked
from portal.roles import Role
from portal.scopes import GENERAL, NEEDED, TO_BEGIN, Need, Scope


class Verdict(StrEnum):
    YES = "yes"
    STEP_UP = "step-up"  # as soon as they show more of who they are
    NO = "no"


@dataclass(frozen=True)
class Standing:
    """How a session stands. `may_begin`: identity shown just now, and no second factor yet."""

    assurance: Assurance = Assurance.LINK
    confidence: Confidence = Confidence.CLAIMED
    is_fresh: bool = False
    may_begin: bool = False


NOTHING = Item()  # what is asked for is no one thing in the record


@dataclass(frozen=True)
class Subject:
    """Who asks. `record` may be missing for SELF only: then it is a living adult's. A preview is
    the patient looking through one of their grants."""

    relation: Relation
    record: Record | None
    patient_id: str
    grant: Grant | None = None
    standing: Standing = Standing()
    roles: frozenset[Role] = frozenset()
    is_preview: bool = False


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
    """A visitor with a live session, at the record of `patient_id`: their own, or by a grant."""

    patient_id: str = ""
    subject_id: str = ""  # the person; differs from patient_id when acting for another
    standing: Standing = Standing()
    methods: frozenset[Method] = frozenset()  # how they showed who they are
    acting: Grant | None = None
    record: Record | None = field(default=None, repr=False)  # of whom they act for
    person_name: str = field(default="", repr=False)  # of whom they act for, for the banner
    is_preview: bool = False
    at: datetime = field(default_factory=moments.now)
    time_zone: str = ""  # the person's; "" for the clinic's
    look: Look = USUAL

    @property
    def relation(self) -> Relation:
        if self.acting:
            return Relation(self.acting.kind.value)
        is_self = self.patient_id and self.subject_id == self.patient_id
        return Relation.SELF if is_self else Relation.NONE

    @property
    def subject(self) -> Subject:
        return Subject(
            self.relation,
            self.record,
            self.patient_id,
            self.acting,
            self.standing,
            is_preview=self.is_preview,
        )

    def verdict(self, scope: Scope, item: Item = NOTHING) -> Verdict:
        return decided(self.subject, scope, item, at=self.at)

    def may(self, scope: Scope) -> bool:
        return self.verdict(scope) is Verdict.YES

    def may_see(self, scope: Scope, item: Item) -> bool:
        return self.verdict(scope, item) is Verdict.YES


def decided(subject: Subject, scope: Scope, item: Item = NOTHING, *, at: datetime) -> Verdict:
    if subject.is_preview and not _is_previewed(subject, scope):
        return Verdict.NO
    if not _is_theirs(subject, scope, item, at):
        return Verdict.NO
    return _as_it_stands(subject, NEEDED[scope], scope)


def _is_previewed(subject: Subject, scope: Scope) -> bool:
    """What a holder would read, and the way out."""
    is_look = scope.category is not None and not scope.is_change
    by_grant = subject.relation not in {Relation.SELF, Relation.STAFF}
    return by_grant and (is_look or scope in GENERAL - {Scope.STEP_UP})


def _is_theirs(subject: Subject, scope: Scope, item: Item, at: datetime) -> bool:
    if subject.relation is Relation.SELF:
        return _is_their_own(subject.record, scope, item, at)
    if subject.relation is Relation.STAFF:
        if scope.category is None:
            return scope is Scope.END_SESSION
        return record_rules.staff_see(subject.roles, scope.category, item)
    grant, record = subject.grant, subject.record
    if grant is None or record is None or grant.kind.value != subject.relation.value:
        return False
    if not record_rules.in_force(grant, record, subject.patient_id, at):
        return False
    if scope.category is None:
        return scope in GENERAL
    return record_rules.opens(Asked(record, grant, scope.category, scope.is_change, item, at))


def _is_their_own(record: Record | None, scope: Scope, item: Item, at: datetime) -> bool:
    is_grown = record is None or record_rules.age_at(record, at) >= TEEN
    if not is_grown or (record and record.is_deceased):
        return scope is Scope.END_SESSION
    return NOT_THEIR_OWN.isdisjoint(item.segments)


def _as_it_stands(subject: Subject, need: Need, scope: Scope) -> Verdict:
    if subject.relation is Relation.STAFF:
        return Verdict.YES
    standing, is_self = subject.standing, subject.relation is Relation.SELF
    is_app = subject.relation is Relation.APP  # which shows an access token, and no factors
    is_met = (
        (standing.assurance >= need.assurance or is_app)
        and (standing.confidence >= need.confidence or not is_self)
        and (standing.is_fresh or not need.is_fresh)
    )
    begins = is_self and standing.may_begin and scope in TO_BEGIN
    return Verdict.YES if is_met or begins else Verdict.STEP_UP
