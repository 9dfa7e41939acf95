"""Would the matrix notice? Each bug is planted in the policy, and some cell must then differ.

A bug is a question asked wrongly (a fact of it lost or changed) or an answer changed on the way.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from tests.access import cells
from tests.access.asking import answer, enact
from tests.access.oracle import Cell, ruling

from portal import access
from portal.access import Subject, Verdict
from portal.granting import GrantKind, GrantState, Item, Relation
from portal.methods import Assurance, Confidence
from portal.roles import Role
from portal.scopes import Scope
from portal.sensitivity import Segment

type Asked = tuple[Subject, Scope, Item, datetime]
type Bug = Callable[[Subject, Scope, Item, datetime], Asked]

NOTES, ABUSE = Segment.PSYCHOTHERAPY, Segment.ABUSE
LONG_AGO = datetime.fromisoformat("2000-01-01T00:00Z")


def of_grant(**lost: Any) -> Bug:
    """The policy forgets these facts of the grant."""

    def ask(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
        grant = subject.grant and replace(subject.grant, **lost)
        return replace(subject, grant=grant), scope, item, at

    return ask


def of_standing(**lost: Any) -> Bug:
    def ask(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
        return replace(subject, standing=replace(subject.standing, **lost)), scope, item, at

    return ask


def of_record(change: Callable[[date], date] = lambda born: born, **lost: Any) -> Bug:
    def ask(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
        old = subject.record
        record = old and replace(old, birth_on=change(old.birth_on), **lost)
        return replace(subject, record=record), scope, item, at

    return ask


def of_labels(*lost: Segment) -> Bug:
    def ask(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
        return subject, scope, replace(item, segments=item.segments - set(lost)), at

    return ask


def any_label_is_enough(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
    shared = subject.grant.segments if subject.grant else frozenset()
    return subject, scope, replace(item, segments=item.segments & shared or item.segments), at


def staff_labels_are_nothing(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
    return subject, scope, Item() if Role.FRONT_DESK in subject.roles else item, at


def any_role_is_a_nurse(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
    roles = subject.roles | ({Role.NURSE} if subject.roles else set())
    return replace(subject, roles=roles), scope, item, at


def every_grant_names_this_record(
    subject: Subject, scope: Scope, item: Item, at: datetime
) -> Asked:
    grant = subject.grant and replace(subject.grant, patient_id=subject.patient_id)
    return replace(subject, grant=grant), scope, item, at


def any_state_is_active_but_revoked(
    subject: Subject, scope: Scope, item: Item, at: datetime
) -> Asked:
    grant = subject.grant
    if grant and grant.state is GrantState.SUSPENDED:
        grant = replace(grant, state=GrantState.ACTIVE)
    return replace(subject, grant=grant), scope, item, at


def the_last_minute_counts(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
    grant = subject.grant
    if grant and grant.ends_at == at:
        grant = replace(grant, ends_at=at + timedelta(minutes=1))
    return replace(subject, grant=grant), scope, item, at


def an_estate_is_a_guardian(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
    if subject.relation is not Relation.ESTATE or not subject.grant or not subject.record:
        return subject, scope, item, at
    grant = replace(subject.grant, kind=GrantKind.GUARDIAN)
    record = replace(subject.record, is_deceased=False)
    guardian = replace(subject, relation=Relation.GUARDIAN, grant=grant, record=record)
    return guardian, scope, item, at


def nobody_is_the_patient(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
    is_nobody = subject.relation is Relation.NONE
    return replace(subject, relation=Relation.SELF) if is_nobody else subject, scope, item, at


def the_day_of_the_item_is_lost(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
    return subject, scope, replace(item, on=None), at


def days_are_the_clocks(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
    """Not UTC's."""
    return subject, scope, item, datetime.fromisoformat(at.replace(tzinfo=None).isoformat() + "Z")


def a_preview_is_the_holder(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
    return replace(subject, is_preview=False), scope, item, at


def reads_may_change(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
    is_apps = subject.relation is Relation.APP and scope is Scope.CHANGE_MESSAGES
    return subject, Scope.READ_MESSAGES if is_apps else scope, item, at


def own_pages_are_the_home(subject: Subject, scope: Scope, item: Item, at: datetime) -> Asked:
    """Whoever acts sees the patient's trail."""
    return subject, Scope.READ_HOME if scope is Scope.READ_TRAIL else scope, item, at


def a_beginner_may_do_all_of_their_own(
    subject: Subject, scope: Scope, item: Item, at: datetime
) -> Asked:
    begins = subject.standing.may_begin and scope is Scope.CHANGE_FAMILY
    return subject, Scope.CHANGE_SECURITY if begins else scope, item, at


def one_day_older(born: date) -> date:
    return born - timedelta(days=1)


def one_day_younger(born: date) -> date:
    return born + timedelta(days=1)


def never_on_29_february(born: date) -> date:
    """Birthday on the 28th in other years."""
    return born.replace(day=28) if (born.month, born.day) == (2, 29) else born


BUGS: dict[str, Bug] = {
    "a grant never ends": of_grant(ends_at=None),
    "a grant has always begun": of_grant(starts_at=LONG_AGO),
    "a grant ends a minute late": the_last_minute_counts,
    "any state of a grant counts": of_grant(state=GrantState.ACTIVE),
    "a suspended grant counts": any_state_is_active_but_revoked,
    "any record is meant": every_grant_names_this_record,
    "a read-only proxy changes": of_grant(may_change=True),
    "Part 2 consent is not asked for": of_grant(has_part2_consent=True),
    "a parent's proxy for a teen counts": of_grant(by_teen=True),
    "nothing is shared": of_grant(segments=frozenset()),
    "everything is shared": of_grant(segments=frozenset(Segment)),
    "one shared label is enough": any_label_is_enough,
    "a birthday comes a day early": of_record(one_day_older),
    "a birthday comes a day late": of_record(one_day_younger),
    "29 February is the 28th": of_record(never_on_29_february),
    "the dead are alive": of_record(is_deceased=False),
    "every state is one": of_record(state="XA"),
    "abuse is shown": of_labels(ABUSE),
    "psychotherapy notes are shown": of_labels(NOTES),
    "genetic results are as any": of_labels(Segment.GENETIC),
    "the front desk sees labelled visits": staff_labels_are_nothing,
    "any role is a nurse's": any_role_is_a_nurse,
    "an estate is a guardian": an_estate_is_a_guardian,
    "nobody is the patient": nobody_is_the_patient,
    "the item's day is lost": the_day_of_the_item_is_lost,
    "days are the clock's": days_are_the_clocks,
    "a preview changes things": a_preview_is_the_holder,
    "an app writes messages": reads_may_change,
    "a carer reads the trail": own_pages_are_the_home,
    "a beginner changes the family": a_beginner_may_do_all_of_their_own,
    "a link is enough": of_standing(assurance=Assurance.TWO_FACTOR),
    "a claim is enough": of_standing(confidence=Confidence.PROOFED),
    "two factors last for ever": of_standing(is_fresh=True),
    "nobody begins": of_standing(may_begin=False),
}


@cache
def mixed() -> list[Cell]:
    """In an order in which the few cells that show a bug are not all at the end."""
    every = list(cells.everything(size=20_000))
    random.Random(0).shuffle(every)  # noqa: S311
    return every


def noticed(decided: Callable[..., Verdict], patch: pytest.MonkeyPatch) -> bool:
    enact(cells.LAWS, patch)
    patch.setattr(access, "decided", decided)
    return any(answer(cell) != ruling(cell, cells.LAWS).verdict for cell in mixed())


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_question_asked_wrongly_is_noticed(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    decided = access.decided

    def wrongly(subject: Subject, scope: Scope, item: Item, *, at: datetime) -> Verdict:
        subject, scope, item, at = bug(subject, scope, item, at)
        return decided(subject, scope, item, at=at)

    assert noticed(wrongly, monkeypatch)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Verdict.NO, Verdict.STEP_UP),
        (Verdict.STEP_UP, Verdict.YES),
        (Verdict.STEP_UP, Verdict.NO),
    ],
)
def test_an_answer_changed_on_the_way_is_noticed(
    one: Verdict, other: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = access.decided

    def wrongly(*asked: Any, **facts: Any) -> Verdict:
        verdict = decided(*asked, **facts)
        return other if verdict is one else verdict

    assert noticed(wrongly, monkeypatch)
