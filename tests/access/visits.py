"""What is asked over HTTP: whose record, who opens it by what, and the cards in it.

Plans only, in strings and numbers; `tests.access.scene` makes people, grants and cards of them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.access.cells import KINDS, LAWS, PAIRS, SEGMENTS, SETS, STATES_OF_GRANT
from tests.access.oracle import CATEGORIES, YES, Cell, Paper, reach, ruling

WHOLE = ("an adult", "a teen, rules", "a child")  # the others by the shorter list of grants
SEEN_PER_VISIT = 3  # cards opened one by one; the list asks for all of them
OWN_PAGES = {
    "/settings/security": "security.read",
    "/settings/security/totp": "security.change",
    "/family": "family.read",
    "/privacy": "consents.read",
    "/settings": "settings.read",
}


type Card = tuple[tuple[str, ...], str]  # labels, and the day it belongs to


class Plan(NamedTuple):
    """One record, and how it is asked for."""

    name: str
    person: Cell
    cards: tuple[Card, ...]  # newest first
    visits: tuple[Cell, ...]


def plans(now: datetime) -> tuple[Plan, ...]:
    return tuple(plan_of(name, person) for name, person in people(now).items())


def people(now: datetime) -> dict[str, Cell]:
    """Birthdays are as near as they can be."""
    at = f"{now:%Y-%m-%dT%H:%M}"

    def born(years: int, days: int = 0) -> str:
        day = now + timedelta(days=days)
        leap = day.replace(day=28) if (day.month, day.day) == (2, 29) else day
        return f"{leap.replace(year=leap.year - years):%Y-%m-%d}"

    return {
        "an adult": Cell("", "", at, born(40, 90), state="XA"),
        "a teen, rules": Cell("", "", at, born(15, -90), state="XA"),
        "a teen, conditions": Cell("", "", at, born(13, -90), state="XB"),
        "a teen, lapsed rules": Cell("", "", at, born(15, -90), state="XC"),
        "a teen, no rules": Cell("", "", at, born(16, -90), state="XE"),
        "a child": Cell("", "", at, born(7, -90), state="XA"),
        "12 today": Cell("", "", at, born(12), state="XA"),
        "12 tomorrow": Cell("", "", at, born(12, 1), state="XA"),
        "18 today": Cell("", "", at, born(18), state="XA"),
        "18 tomorrow": Cell("", "", at, born(18, 1), state="XA"),
        "a dead adult": Cell("", "", at, born(70, 90), dead=True),
    }


def plan_of(name: str, person: Cell) -> Plan:
    visits = (*_own(person), *_acting(person, name not in WHOLE))
    return Plan(name, person, tuple(_cards(person)), visits)


def _cards(person: Cell) -> Iterator[Card]:
    today = person.at[:10]
    for labels in SETS:
        yield labels, today
    for labels in ((), *((each,) for each in SEGMENTS[:5])):
        yield labels, ""
    days = {f"{int(person.born[:4]) + years}-{person.born[5:8]}28" for years in (11, 13, 15)}
    for day in sorted(each for each in days if each < today):
        yield from (((each,), day) for each in SEGMENTS[1:4])


def signs_in(person: Cell) -> bool:
    return not person.dead and datetime.fromisoformat(person.born).replace(
        year=int(person.born[:4]) + 12
    ) <= datetime.fromisoformat(person.at)


def _own(person: Cell) -> Iterator[Cell]:
    if signs_in(person):
        own = person._replace(relation="self", scope="results.read", fresh=True)
        yield own
        yield own._replace(fresh=False)
        yield own._replace(confidence=1)
        yield own._replace(confidence=0)
        yield own._replace(factors=1)
        yield own._replace(factors=1, begins=True, fresh=False)


def _acting(person: Cell, is_brief: bool) -> Iterator[Cell]:
    """A holder at the record, with two factors and with one, and the patient's preview of it."""
    for kind in KINDS:
        for turn, paper in enumerate(_papers(kind, person, is_brief)):
            acting = person._replace(relation=kind, scope="results.read", paper=paper)
            is_shown = bool(reach(acting)) and signs_in(person) and turn < (1 if is_brief else 2)
            if kind != "app":  # which has no session
                yield acting._replace(fresh=True)
            if kind != "app" and turn == 1:
                yield acting._replace(factors=1)
            if is_shown:
                yield acting._replace(preview=True, fresh=True)


def _papers(kind: str, person: Cell, is_brief: bool) -> Iterator[Paper]:
    """Those that fit the record; of a kind that does not, one."""
    full = Paper(kind, "active", "p-1", "2020-01-01T00:00", "", CATEGORIES, (), by_teen=True)
    yield full
    if not reach(person._replace(relation=kind, paper=full)):
        return
    yield full._replace(segments=SEGMENTS, part2=True, may_change=True)
    yield full._replace(segments=SEGMENTS)
    yield full._replace(segments=PAIRS[1], categories=("results", "records"))
    if is_brief:
        return
    yield full._replace(segments=SEGMENTS, categories=("appointments", "bills"))
    yield full._replace(by_teen=False)
    yield from (full._replace(state=state) for state in STATES_OF_GRANT[1:])
    yield full._replace(ends=person.at)
    yield full._replace(ends=_minutes(person.at, 1), segments=SEGMENTS[:3])
    yield full._replace(starts=_minutes(person.at, 1))


def _minutes(at: str, minutes: int) -> str:
    return f"{datetime.fromisoformat(at) + timedelta(minutes=minutes):%Y-%m-%dT%H:%M}"


def opened(plan: Plan, turn: int) -> list[int]:
    """Which cards this visit opens one by one: others each time."""
    return [(turn * SEEN_PER_VISIT + each) % len(plan.cards) for each in range(SEEN_PER_VISIT)]


def of_card(visit: Cell, card: Card) -> Cell:
    return visit._replace(labels=card[0], day=card[1])


def is_open(visit: Cell) -> bool:
    """The list of results is, whatever is on it."""
    return ruling(visit, LAWS).verdict == YES


def asked(plan: Plan, turn: int) -> Iterator[Cell]:
    """Every question this visit puts: the list answers for all cards where it is open at all."""
    visit = plan.visits[turn]
    yield visit._replace(scope="home.read")
    yield visit
    cards = plan.cards if is_open(visit) else [plan.cards[each] for each in opened(plan, turn)]
    yield from (of_card(visit, card) for card in cards)
    if opens_own_pages(plan, turn):
        yield from (visit._replace(scope=scope) for scope in OWN_PAGES.values())


def opens_own_pages(plan: Plan, turn: int) -> bool:
    visit = plan.visits[turn]
    return not is_ended(visit) and (visit.relation == "self" or turn % 3 == 0)


def is_ended(visit: Cell) -> bool:
    """By a grant that is not in force: the session goes back to its own record."""
    return visit.relation != "self" and not reach(visit)


NOW = datetime.now(UTC).replace(second=0, microsecond=0)
PLANS = {plan.name: plan for plan in plans(NOW)}
