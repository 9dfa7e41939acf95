"""Puts a cell to `portal.access`: strings and numbers become the policy's own words."""

from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache

import pytest
from tests.access.oracle import Cell, Law, Laws, Paper

from portal import access, minor_consent
from portal.access import Standing, Subject
from portal.granting import Category, Grant, GrantKind, GrantState, Item, Record, Relation
from portal.methods import Assurance, Confidence
from portal.minor_consent import Rule
from portal.roles import Role
from portal.scopes import Scope
from portal.sensitivity import Segment

type Question = tuple[Subject, Scope, Item, datetime]

FAR = {"T00:00": -5, "T23:59": 9}  # whole hours from UTC: there it is another day already


@cache
def moment(text: str) -> datetime:
    """Midnights are told by clocks far away: days are UTC's, whatever the clock."""
    zone = timezone(timedelta(hours=FAR.get(text[10:], 0)))
    return datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(zone)


@cache
def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def segments(names: tuple[str, ...]) -> frozenset[Segment]:
    return frozenset(map(Segment, names))


@cache
def record(born: str, dead: bool, state: str) -> Record | None:
    return Record(date.fromisoformat(born), dead, state) if born else None


@cache
def grant(paper: Paper | None) -> Grant | None:
    return paper and Grant(
        grant_id="g-1",
        patient_id=paper.record,
        holder_id="p-9",
        kind=GrantKind(paper.kind),
        state=GrantState(paper.state),
        categories=frozenset(map(Category, paper.categories)),
        segments=segments(paper.segments),
        may_change=paper.may_change,
        has_part2_consent=paper.part2,
        by_teen=paper.by_teen,
        starts_at=moment(paper.starts),
        ends_at=moment(paper.ends) if paper.ends else None,
    )


@cache
def standing(factors: int, confidence: int, fresh: bool, begins: bool) -> Standing:
    return Standing(Assurance(factors), Confidence(confidence), is_fresh=fresh, may_begin=begins)


@cache
def item(labels: tuple[str, ...], on: str) -> Item:
    return Item(segments(labels), day(on))


def question(cell: Cell) -> Question:
    subject = Subject(
        relation=Relation[cell.relation.upper()],
        record=record(cell.born, cell.dead, cell.state),
        patient_id=cell.record,
        grant=grant(cell.paper),
        standing=standing(cell.factors, cell.confidence, cell.fresh, cell.begins),
        roles=frozenset(map(Role, cell.roles)),
        is_preview=cell.preview,
    )
    return subject, Scope(cell.scope), item(cell.labels, cell.day), moment(cell.at)


def answer(cell: Cell) -> str:
    subject, scope, about, at = question(cell)
    return access.decided(subject, scope, about, at=at).name.lower().replace("_", "-")


def rule(law: Law) -> Rule:
    return Rule(
        state=law.state,
        service=Segment(law.service),
        minimum_age=law.minimum_age or None,
        conditions=law.conditions,
        cite="",
        valid_from=date.fromisoformat(law.first),
        valid_to=day(law.last),
        source="",
        read_on=date(2026, 11, 21),
    )


def enact(laws: Laws, patch: pytest.MonkeyPatch) -> None:
    """These rules and no others are the states'."""
    found: dict[tuple[str, Segment], list[Rule]] = {}
    for law in laws:
        found.setdefault((law.state, Segment(law.service)), []).append(rule(law))
    patch.setattr(minor_consent, "rules", lambda: found)


def delivered() -> Laws:
    """The rules the portal comes with, in the oracle's words."""
    return tuple(_law(each) for found in minor_consent.rules().values() for each in found)


def _law(rule: Rule) -> Law:
    first, last = str(rule.valid_from), str(rule.valid_to or "")
    return Law(rule.state, rule.service.value, rule.minimum_age or 0, first, last, rule.conditions)


def told(cell: Cell) -> str:
    """What of it is not the default, in one line."""
    usual = Cell._field_defaults
    facts = {k: v for k, v in cell._asdict().items() if k == "relation" or v != usual.get(k)}
    paper = facts.pop("paper", None)
    words = " ".join(f"{name}={value}" for name, value in facts.items())
    return f"{words}\n      grant: {' '.join(_paper(paper))}" if paper else words


def _paper(paper: Paper) -> list[str]:
    return [f"{name}={value}" for name, value in paper._asdict().items() if value]
