"""The questions of the access matrix, in an order that never changes.

Each block is the whole product of what matters together; a sample of everything with everything
comes last. PORTAL_CELLS asks for more of the sample, PORTAL_CELLS_SEED for another one.
"""

import os
import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain, combinations, product

from tests.access.oracle import CATEGORIES, EVERYTHING, ROLES, Cell, Law, Laws, Paper

AT = "2026-11-21T10:00"
SAMPLE = int(os.environ.get("PORTAL_CELLS", "60000"))
SEED = os.environ.get("PORTAL_CELLS_SEED", "2026")

SEGMENTS = (
    "reproductive", "sexual-health", "mental-health", "substance-use", "genetic",
    "psychotherapy-notes", "abuse",
)  # fmt: skip
PAIRS = (
    ("reproductive", "sexual-health"),
    ("sexual-health", "mental-health"),
    ("mental-health", "substance-use"),
    ("substance-use", "genetic"),
    ("genetic", "reproductive"),
    ("mental-health", "psychotherapy-notes"),
    ("sexual-health", "abuse"),
    ("psychotherapy-notes", "abuse"),
)
SETS: tuple[tuple[str, ...], ...] = ((), *((each,) for each in SEGMENTS), *PAIRS, SEGMENTS)
OWN = (
    "security.read", "security.change", "family.read", "family.change", "consents.read",
    "consents.change", "trail.read", "settings.read", "settings.change", "contacts.change",
)  # fmt: skip
PLAIN = ("home.read", "session.step-up", "session.end", "person.switch")
SCOPES = (*PLAIN, *OWN, *EVERYTHING)
KINDS = ("parent", "proxy", "guardian", "estate", "app")

# who the record is of, and when the question is asked
PEOPLE = {
    "adult": Cell("", "", AT, "1980-02-03"),
    "teen": Cell("", "", AT, "2011-05-05"),
    "child": Cell("", "", AT, "2019-05-05"),
    "born today": Cell("", "", AT, "2026-11-21"),
    "dead adult": Cell("", "", AT, "1980-02-03", dead=True),
    "dead teen": Cell("", "", AT, "2011-05-05", dead=True),
    "dead child": Cell("", "", AT, "2019-05-05", dead=True),
    "day before 12": Cell("", "", "2026-11-20T23:59", "2014-11-21"),
    "12 today": Cell("", "", "2026-11-21T00:00", "2014-11-21"),
    "day after 12": Cell("", "", "2026-11-22T00:00", "2014-11-21"),
    "day before 18": Cell("", "", "2026-11-20T23:59", "2008-11-21"),
    "18 today": Cell("", "", "2026-11-21T00:00", "2008-11-21"),
    "day after 18": Cell("", "", "2026-11-22T12:00", "2008-11-21"),
    "29 February, 18 tomorrow": Cell("", "", "2026-02-28T23:59", "2008-02-29"),
    "29 February, 18 today": Cell("", "", "2026-03-01T00:00", "2008-02-29"),
    "29 February, 12 tomorrow": Cell("", "", "2024-02-28T23:59", "2012-02-29"),
    "29 February, 12 today": Cell("", "", "2024-02-29T00:00", "2012-02-29"),
}
AGES = tuple(PEOPLE.values())
STAGES = tuple(PEOPLE[name] for name in ("adult", "teen", "child", "dead adult"))

SHAPES = (
    Paper("", "active", "p-1", "2020-01-01T00:00", "", CATEGORIES, (), may_change=True),
    Paper("", "active", "p-1", "2020-01-01T00:00", "", CATEGORIES, ()),
    Paper("", "active", "p-1", "2020-01-01T00:00", "", ("results", "records"), (), True),
    Paper("", "active", "p-1", "2020-01-01T00:00", "", ("appointments", "bills"), (), True),
    Paper("", "active", "p-1", "2020-01-01T00:00", "", ("messages", "health"), ()),
    Paper("", "active", "p-1", "2020-01-01T00:00", "", (), (), may_change=True),
)
FULL = SHAPES[0]
STATES_OF_GRANT = ("active", "invited", "waiting-for-proof", "suspended", "revoked")
TERMS = (  # from, and until, as seen at AT
    ("2020-01-01T00:00", ""),
    ("2020-01-01T00:00", "2027-01-01T00:00"),
    ("2020-01-01T00:00", "2026-11-21T10:01"),
    ("2020-01-01T00:00", AT),
    ("2020-01-01T00:00", "2026-11-21T09:59"),
    (AT, ""),
    ("2026-11-21T10:01", ""),
)

LAWS = (
    Law("XA", "mental-health", 14, "2000-01-01", ""),
    Law("XA", "sexual-health", 12, "2000-01-01", ""),
    Law("XA", "reproductive", 0, "2000-01-01", ""),
    Law("XA", "substance-use", 16, "2000-01-01", ""),
    Law("XB", "mental-health", 14, "2000-01-01", "", "mature enough in the clinician's eyes"),
    Law("XB", "sexual-health", 18, "2000-01-01", "", "unless pregnant"),
    Law("XB", "substance-use", 0, "2000-01-01", "", "at most three visits"),
    Law("XC", "mental-health", 14, "2000-01-01", "2025-06-01"),  # lapsed
    Law("XC", "sexual-health", 18, "2000-01-01", "2026-11-21"),  # whose last day is that of AT
    Law("XC", "reproductive", 18, "2000-01-01", "2026-11-20"),  # lapsed the day before
    Law("XC", "genetic", 18, "2026-11-21", ""),  # begins on it
    Law("XD", "mental-health", 16, "2000-01-01", "2025-06-01"),  # replaced by the next
    Law("XD", "mental-health", 12, "2025-06-02", ""),
)
STATES = ("XA", "XB", "XC", "XD", "XE", "")  # XE has no rule at all


def everything(size: int = SAMPLE) -> Iterator[Cell]:
    """With so many of the sample."""
    return chain(
        patients(), operations(), items(), terms(), laws(), staff(), strangers(), sample(size)
    )


def _standings(cell: Cell) -> Iterator[Cell]:
    for factors, confidence, fresh, begins in product((1, 2), (0, 1, 2), (0, 1), (0, 1)):
        yield cell._replace(
            factors=factors, confidence=confidence, fresh=bool(fresh), begins=bool(begins)
        )


def patients() -> Iterator[Cell]:
    unknown = Cell("", "", AT, "")  # a living adult
    for person, scope in product((unknown, *AGES), SCOPES):
        asked = person._replace(relation="self", scope=scope)
        yield from _standings(asked)
        for labels, factors, confidence in product(_labels(scope), (1, 2), (0, 1, 2)):
            yield asked._replace(labels=labels, factors=factors, confidence=confidence)


def _labels(scope: str) -> tuple[tuple[str, ...], ...]:
    return SETS if scope in EVERYTHING else ((),)


def operations() -> Iterator[Cell]:
    """What each grant names, for everybody at every age, before and behind the preview."""
    for kind, person, shape, scope in product(KINDS, AGES, SHAPES, SCOPES):
        paper = shape._replace(kind=kind, by_teen=True)
        asked = person._replace(relation=kind, scope=scope, paper=paper)
        for factors, fresh, preview in ((1, 0, 0), (2, 0, 0), (2, 1, 0), (2, 0, 1)):
            yield asked._replace(factors=factors, fresh=bool(fresh), preview=bool(preview))


def items() -> Iterator[Cell]:
    """Labels against what is shared, with the Part 2 consent and without."""
    shares = ((), *((each,) for each in SEGMENTS), *PAIRS[1:4], SEGMENTS)
    scopes = ("results.read", "bills.change")
    sides = product(KINDS, STAGES, SETS, shares, (True, False), scopes, ("", "XA"))
    for kind, person, labels, share, part2, scope, state in sides:
        paper = FULL._replace(kind=kind, segments=share, part2=part2, by_teen=True)
        yield person._replace(relation=kind, scope=scope, paper=paper, labels=labels, state=state)


def terms() -> Iterator[Cell]:
    """Grants in every state, before and after their days, in both of a teen's hands."""
    scopes = ("home.read", "person.switch", "session.end", "results.read", "bills.change")
    sides = product(KINDS, AGES, STATES_OF_GRANT, TERMS, (True, False), scopes)
    for kind, person, state, (starts, ends), by_teen, scope in sides:
        paper = FULL._replace(kind=kind, state=state, starts=starts, ends=ends, by_teen=by_teen)
        yield person._replace(relation=kind, scope=scope, paper=paper)


def laws() -> Iterator[Cell]:
    """Parents and guardians of teens, by the day of the item and the state's rule of that day."""
    teens = [each for each in AGES if not each.dead and "2008" <= each.born < "2015"]
    labels = (*SETS[1:8], *PAIRS[:5])
    shares = ((), ("mental-health", "genetic"), ("substance-use",))
    for kind, person, state, label, share in product(
        ("parent", "guardian"), teens, STATES, labels, shares
    ):
        paper = FULL._replace(kind=kind, segments=share, part2=person.at == AT)
        asked = person._replace(relation=kind, scope="records.read", paper=paper, labels=label)
        for day in _days(person):
            yield asked._replace(state=state, day=day)


def under(laws: Laws) -> Iterator[Cell]:
    """Teens of every age under each of these rules, on its first and last days and around them."""
    for law, years, kind in product(laws, range(10, 19), ("parent", "guardian")):
        born = f"{int(AT[:4]) - years}{AT[4:10]}"
        paper = FULL._replace(kind=kind)
        asked = Cell(kind, "results.read", AT, born, state=law.state, paper=paper)
        for day in ("", before(law.first), law.first, law.last, after(law.last)):
            yield asked._replace(labels=(law.service,), day=day)


def before(day: str) -> str:
    return _shifted(day, -1)


def after(day: str) -> str:
    return _shifted(day, 1)


def _shifted(day: str, days: int) -> str:
    return day and str(date.fromisoformat(day) + timedelta(days=days))


def _days(person: Cell) -> tuple[str, ...]:
    """None, before birth, around the 12th, 14th and 16th birthday, and where rules end or begin."""
    year, birthday = int(person.born[:4]), person.born[4:].replace("-02-29", "-03-01")
    ages = (
        f"{year - 1}-01-01",
        before(person.born),
        person.born,
        f"{year + 12}-01-01",
        *(f"{year + each}{birthday}" for each in (12, 14, 16)),
    )
    eves = (f"{year + 14}-02-28", f"{year + 16}-02-28", f"{year + 14}-11-20")
    return ("", *ages, *eves, "2025-05-31", "2025-06-01", "2025-06-02", "2026-11-21", "2026-11-22")


def staff() -> Iterator[Cell]:
    teams = [team for size in range(len(ROLES) + 1) for team in combinations(ROLES, size)]
    for roles, scope, person in product(teams, SCOPES, STAGES[1:]):
        asked = person._replace(relation="staff", scope=scope, roles=roles)
        for labels in _labels(scope) if len(roles) < 3 else ((), ("abuse",), PAIRS[5]):
            yield asked._replace(labels=labels)
        yield from (asked._replace(factors=1, confidence=0), asked._replace(preview=True))


def strangers() -> Iterator[Cell]:
    """Nobody, and grants of another record, of another kind, or not there."""
    relations = ("self", *KINDS, "staff", "none")
    for relation, kind, person, scope in product(relations, ("", *KINDS), STAGES, SCOPES):
        paper = FULL._replace(kind=kind) if kind else None
        asked = person._replace(relation=relation, scope=scope, paper=paper, fresh=True)
        yield from (asked, asked._replace(record="p-2"), asked._replace(preview=True))
        if kind == relation:
            yield asked._replace(born="")


def sample(size: int) -> Iterator[Cell]:
    """Of everything with everything; likely values come up more often."""
    dice = random.Random(SEED)  # noqa: S311 - the same questions for the same seed
    relations = ("self", *KINDS, *KINDS, "guardian", "parent", "staff", "none")
    for _ in range(size):
        relation = dice.choice(relations)
        person = dice.choice(AGES)
        scope = dice.choice((*EVERYTHING, *EVERYTHING, *SCOPES))
        asked = person._replace(
            relation=relation,
            scope=scope,
            state=dice.choice(STATES),
            paper=_any_paper(dice, relation) if relation in KINDS else None,
            factors=dice.choice((1, 2, 2, 2)),
            confidence=dice.choice((0, 1, 2, 2)),
            fresh=dice.random() < 0.5,
            begins=dice.random() < 0.2,
            roles=tuple(dice.sample(list(ROLES), dice.choice((1, 1, 2, 3)))),
            labels=dice.choice(_labels(scope)),
            day=dice.choice(("", *_days(person))) if person.born < "2026" else "",
        )
        is_preview = relation in KINDS and dice.random() < 0.2  # always two factors
        yield asked._replace(preview=True, factors=2) if is_preview else asked


def _any_paper(dice: random.Random, kind: str) -> Paper:
    starts, ends = dice.choice((TERMS[0], TERMS[0], TERMS[0], *TERMS))
    return Paper(
        kind,
        dice.choice(("active",) * 8 + STATES_OF_GRANT),
        dice.choice(("p-1",) * 12 + ("p-2",)),
        starts,
        ends,
        tuple(dice.sample(CATEGORIES, dice.choice((0, 2, 4, 7, 7)))),
        dice.choice((*SETS, SEGMENTS, SEGMENTS)),
        may_change=dice.random() < 0.6,
        part2=dice.random() < 0.5,
        by_teen=dice.random() < 0.5,
    )
