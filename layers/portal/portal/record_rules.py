"""What a relation opens in a record: decision 0015, rule by rule. Pure; `portal.access` asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from portal.ages import age_on
from portal.granting import EVERYTHING, Category, Grant, GrantKind, GrantState, Item, Record
from portal.roles import Role
from portal.sensitivity import Segment

TEEN, ADULT = 12, 18
CLOSED = frozenset({Segment.PSYCHOTHERAPY, Segment.ABUSE})  # to all who are not the patient
NOT_THEIR_OWN = frozenset({Segment.PSYCHOTHERAPY})  # 45 CFR 164.524(a)(1)(i)
OF_AN_ESTATE = frozenset({Category.RESULTS, Category.RECORDS, Category.MEDICATIONS, Category.BILLS})
STAFF_SEE: dict[Role, tuple[frozenset[Category], frozenset[Segment]]] = {
    Role.CLINICIAN: (EVERYTHING, frozenset()),
    Role.NURSE: (EVERYTHING, frozenset({Segment.PSYCHOTHERAPY})),
    Role.FRONT_DESK: (frozenset({Category.APPOINTMENTS}), frozenset(Segment)),
    Role.BILLER: (frozenset({Category.BILLS}), frozenset({Segment.PSYCHOTHERAPY})),
}


@dataclass(frozen=True)
class Asked:
    record: Record
    grant: Grant
    category: Category
    is_change: bool
    item: Item
    at: datetime

    @property
    def age(self) -> int:
        return age_at(self.record, self.at)

    @property
    def is_named(self) -> bool:
        return self.category in self.grant.categories

    @property
    def is_allowed_change(self) -> bool:
        return self.grant.may_change or not self.is_change

    @property
    def is_open(self) -> bool:
        return CLOSED.isdisjoint(self.item.segments)


def age_at(record: Record, at: datetime) -> int:
    """Days are UTC's, whatever the clock that tells the moment."""
    return age_on(record.birth_on, at.astimezone(UTC).date())


def in_force(grant: Grant, record: Record, patient_id: str, at: datetime) -> bool:
    """Active, now, of this record, and of a kind that fits its subject's age and state."""
    is_now = grant.starts_at <= at and (grant.ends_at is None or at < grant.ends_at)
    is_theirs = grant.patient_id == patient_id and grant.state is GrantState.ACTIVE
    return is_now and is_theirs and _fits(grant, record, age_at(record, at))


def _fits(grant: Grant, record: Record, age: int) -> bool:
    if grant.kind is GrantKind.ESTATE:
        return record.is_deceased
    if record.is_deceased:
        return False
    if grant.kind is GrantKind.PARENT:
        return age < ADULT
    if grant.kind is GrantKind.PROXY:
        return age >= ADULT or (age >= TEEN and grant.by_teen)
    return True


def opens(asked: Asked) -> bool:
    """Whether a grant in force opens it."""
    return RULES[asked.grant.kind](asked)


def staff_see(roles: frozenset[Role], category: Category, item: Item) -> bool:
    """Any one of the roles is enough."""
    rules = [STAFF_SEE[role] for role in roles if role in STAFF_SEE]
    return any(category in named and hidden.isdisjoint(item.segments) for named, hidden in rules)


def shared(grant: Grant) -> frozenset[Segment]:
    if grant.has_part2_consent:
        return grant.segments
    return grant.segments - {Segment.SUBSTANCE_USE}


def _parent(asked: Asked) -> bool:
    if asked.age < TEEN:
        return asked.is_named and asked.is_open
    is_known = all(_is_known_to_parents(each, asked) for each in asked.item.segments)
    return asked.is_named and asked.is_open and is_known


def _is_known_to_parents(segment: Segment, asked: Asked) -> bool:
    """The teen shares it, or could not have consented to it alone. No rule says nothing."""
    if segment in shared(asked.grant):
        return True
    on = asked.item.on
    if on is None or on < asked.record.birth_on:  # not known, or not true
        on = asked.at.astimezone(UTC).date()
    from portal.minor_consent import rule_for  # few requests ask

    rule = rule_for(asked.record.state, segment, on)
    return rule is not None and age_on(asked.record.birth_on, on) < (rule.minimum_age or 0)


def _guardian(asked: Asked) -> bool:
    if asked.age < ADULT:
        return _parent(asked)
    return asked.is_named and asked.is_allowed_change and asked.is_open


def _proxy(asked: Asked) -> bool:
    is_shared = asked.item.segments <= shared(asked.grant)
    return asked.is_named and asked.is_allowed_change and asked.is_open and is_shared


def _app(asked: Asked) -> bool:
    is_message = asked.is_change and asked.category is Category.MESSAGES
    return _proxy(asked) and not is_message


def _estate(asked: Asked) -> bool:
    is_theirs = asked.category in OF_AN_ESTATE
    is_payment = asked.category is Category.BILLS
    return asked.is_named and is_theirs and (is_payment or not asked.is_change) and asked.is_open


RULES: dict[GrantKind, Callable[[Asked], bool]] = {
    GrantKind.PARENT: _parent,
    GrantKind.GUARDIAN: _guardian,
    GrantKind.PROXY: _proxy,
    GrantKind.APP: _app,
    GrantKind.ESTATE: _estate,
}
