"""Who may see what, said a second time, in strings and numbers alone.

Written from docs/decisions/0015-one-access-policy.md by somebody who had not read `portal.access`,
and it imports nothing of the portal: the first rule below that holds decides.
"""

from collections.abc import Callable
from typing import NamedTuple

NO, STEP_UP, YES = "no", "step-up", "yes"

ANY_SESSION = ("home.read", "session.step-up", "session.end", "person.switch")
OWN = ("security", "family", "consents", "trail", "settings", "contacts")
JUST_NOW = ("security.change", "family.change", "contacts.change")
CATEGORIES = (
    "results", "records", "appointments", "medications", "messages", "bills", "health",
)  # fmt: skip
EVERYTHING = tuple(f"{each}.{verb}" for each in CATEGORIES for verb in ("read", "change"))
CLOSED = {"psychotherapy-notes", "abuse"}  # to everybody but the patient and the clinic


class Paper(NamedTuple):
    """A grant. Moments are UTC, "2026-11-21T10:00"."""

    kind: str
    state: str
    record: str
    starts: str
    ends: str  # "": no end
    categories: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    may_change: bool = False
    part2: bool = False
    by_teen: bool = False


class Cell(NamedTuple):
    """One question to the policy."""

    relation: str
    scope: str
    at: str
    born: str  # "": the record is not told, as for a living adult
    dead: bool = False
    state: str = ""
    record: str = "p-1"
    paper: Paper | None = None
    factors: int = 2
    confidence: int = 2  # 0 claimed, 1 on file, 2 proofed
    fresh: bool = False
    begins: bool = False
    roles: tuple[str, ...] = ()
    preview: bool = False
    labels: tuple[str, ...] = ()
    day: str = ""


class Law(NamedTuple):
    """A state's minor-consent rule, from its first day to its last, both included."""

    state: str
    service: str
    minimum_age: int  # 0: a minor of any age may consent alone
    first: str
    last: str  # "": still valid
    conditions: str = ""  # a program cannot check them: they open nothing and close nothing


Laws = tuple[Law, ...]


def years(born: str, day: str) -> int:
    """ "02-29" sorts between "02-28" and "03-01", so a leap year's child waits for March."""
    return int(day[:4]) - int(born[:4]) - (day[5:10] < born[5:10])


def age(cell: Cell) -> int:
    return years(cell.born, cell.at) if cell.born else 99


def category(cell: Cell) -> str:
    return cell.scope.partition(".")[0]


def changes(cell: Cell) -> bool:
    return cell.scope.endswith(".change")


def reach(cell: Cell) -> str:
    """What a grant comes to with this record, a row of `REACHES`; "" where it is not in force."""
    paper = cell.paper
    if paper is None or not cell.born or paper.kind != cell.relation:
        return ""
    if paper.state != "active" or paper.record != cell.record or cell.at < paper.starts:
        return ""
    if paper.ends and cell.at >= paper.ends:
        return ""
    life = "dead" if cell.dead else ("child", "teen", "adult")[(age(cell) > 11) + (age(cell) > 17)]
    name = f"{paper.kind} {life}"
    return "" if name == "proxy teen" and not paper.by_teen else name if name in REACHES else ""


class Reach(NamedTuple):
    """Of the categories that the grant names, those it can give at all."""

    reads: tuple[str, ...]
    may: str  # change always, or when allowed
    changes: tuple[str, ...]
    items: str  # open, shared (by segment), or by-law (shared, or the state's rule)


AS_CHILDS = Reach(CATEGORIES, "always", CATEGORIES, "open")
AS_TEENS = Reach(CATEGORIES, "always", CATEGORIES, "by-law")
AS_PROXY = Reach(CATEGORIES, "allowed", CATEGORIES, "shared")
AS_ADULTS = Reach(CATEGORIES, "allowed", CATEGORIES, "open")
PAST = ("results", "records", "medications", "bills")
AS_ESTATE = Reach(PAST, "always", ("bills",), "open")
SILENT = tuple(each for each in CATEGORIES if each != "messages")
AS_APP = Reach(CATEGORIES, "allowed", SILENT, "shared")

REACHES = {
    "parent child": AS_CHILDS,
    "parent teen": AS_TEENS,
    "proxy teen": AS_PROXY,
    "proxy adult": AS_PROXY,
    "guardian child": AS_CHILDS,
    "guardian teen": AS_TEENS,
    "guardian adult": AS_ADULTS,
    "estate dead": AS_ESTATE,
    "app child": AS_APP,
    "app teen": AS_APP,
    "app adult": AS_APP,
}


def names(cell: Cell) -> bool:
    """The grant reaches the category, and with that operation."""
    assert cell.paper
    row, what = REACHES[reach(cell)], category(cell)
    if what not in cell.paper.categories:
        return False
    if changes(cell):
        return what in row.changes and (row.may == "always" or cell.paper.may_change)
    return what in row.reads


def shared(cell: Cell) -> set[str]:
    """42 CFR 2.31: what is shared of substance use counts with that consent only."""
    assert cell.paper
    without = set() if cell.paper.part2 else {"substance-use"}
    return set(cell.paper.segments) - without


def too_young_to_consent(cell: Cell, segment: str, laws: Laws) -> bool:
    """By every rule of the state valid on that day, and there is one."""
    day = cell.day if cell.day >= cell.born else cell.at[:10]
    ages = [
        law.minimum_age
        for law in laws
        if cell.state and (law.state, law.service) == (cell.state, segment)
        if law.first <= day and (not law.last or day <= law.last)
    ]
    return bool(ages) and years(cell.born, day) < min(ages)


def hidden(cell: Cell, laws: Laws) -> bool:
    """From the holder of a grant."""
    kind = REACHES[reach(cell)].items
    left = set() if kind == "open" else set(cell.labels) - shared(cell)
    if kind == "by-law":
        left = {each for each in left if not too_young_to_consent(cell, each, laws)}
    return bool(left or CLOSED & set(cell.labels))


ROLES: dict[str, tuple[tuple[str, ...], Callable[[tuple[str, ...]], bool]]] = {
    "clinician": (CATEGORIES, lambda _: True),
    "nurse": (CATEGORIES, lambda labels: "psychotherapy-notes" not in labels),
    "front-desk": (("appointments",), lambda labels: not labels),
    "biller": (("bills",), lambda labels: "psychotherapy-notes" not in labels),
    "privacy-officer": ((), lambda _: False),
    "operator": ((), lambda _: False),
}


def has_role_for(cell: Cell) -> bool:
    given = (ROLES[role] for role in cell.roles)
    return any(category(cell) in reached and sees(cell.labels) for reached, sees in given)


def is_own_record(cell: Cell) -> bool:
    return cell.relation == "self"


def holds_grant(cell: Cell) -> bool:
    return cell.relation in ("parent", "proxy", "guardian", "estate", "app")


class Rule(NamedTuple):
    name: str
    holds: Callable[[Cell, Laws], bool]
    verdict: str


RULES = (
    Rule("nobody", lambda c, _: c.relation == "none", NO),
    Rule("a preview through no grant", lambda c, _: c.preview and not holds_grant(c), NO),
    # the clinic
    Rule("staff leave", lambda c, _: c.relation == "staff" and c.scope == "session.end", YES),
    Rule("staff have no home here", lambda c, _: c.relation == "staff" and _is_plain(c), NO),
    Rule("a role gives it", lambda c, _: c.relation == "staff" and has_role_for(c), YES),
    Rule("no role gives it", lambda c, _: c.relation == "staff", NO),
    # the patient
    Rule("anybody leaves", lambda c, _: is_own_record(c) and c.scope == "session.end", YES),
    Rule("the dead", lambda c, _: is_own_record(c) and c.dead, NO),
    Rule("the under twelve", lambda c, _: is_own_record(c) and age(c) < 12, NO),
    Rule("own home", lambda c, _: is_own_record(c) and c.scope in ANY_SESSION, YES),
    Rule("a beginner's security", lambda c, _: is_own_record(c) and _begins(c), YES),
    Rule(
        "own, one factor", lambda c, _: is_own_record(c) and _is_own(c) and c.factors < 2, STEP_UP
    ),
    Rule("own, not just now", lambda c, _: is_own_record(c) and _is_stale(c), STEP_UP),
    Rule("own", lambda c, _: is_own_record(c) and _is_own(c), YES),
    Rule(
        "own psychotherapy notes",  # 45 CFR 164.524(a)(1)(i)
        lambda c, _: is_own_record(c) and "psychotherapy-notes" in c.labels,
        NO,
    ),
    Rule("record, one factor", lambda c, _: is_own_record(c) and c.factors < 2, STEP_UP),
    Rule("record, not proofed", lambda c, _: is_own_record(c) and c.confidence < 2, STEP_UP),
    Rule("own record", lambda c, _: is_own_record(c), YES),
    # whoever stands on a grant
    Rule("no grant in force", lambda c, _: not reach(c), NO),
    Rule("another's account", lambda c, _: _is_own(c), NO),
    Rule("a preview steps nowhere", lambda c, _: c.preview and c.scope == "session.step-up", NO),
    Rule("acting home", lambda c, _: c.scope in ANY_SESSION, YES),
    Rule("a preview changes nothing", lambda c, _: c.preview and changes(c), NO),
    Rule("beyond the grant", lambda c, _: not names(c), NO),
    Rule("hidden", hidden, NO),
    Rule("an app's token", lambda c, _: c.relation == "app", YES),
    Rule("acting, one factor", lambda c, _: c.factors < 2, STEP_UP),
    Rule("acting", lambda *_: True, YES),
)


def _is_own(cell: Cell) -> bool:
    return category(cell) in OWN


def _is_plain(cell: Cell) -> bool:
    return cell.scope not in EVERYTHING


def _begins(cell: Cell) -> bool:
    return cell.begins and category(cell) == "security"


def _is_stale(cell: Cell) -> bool:
    return cell.scope in JUST_NOW and not cell.fresh


def ruling(cell: Cell, laws: Laws) -> Rule:
    return next(rule for rule in RULES if rule.holds(cell, laws))
