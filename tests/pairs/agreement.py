"""Two products' resources of the same message, matched and compared field by field."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.pairs.fields import FIELDS, SAME, Agree, Field
from tests.pairs.pair_files import Pair
from tests.pairs.sayings import Said

from portal.fhir import Resource


@dataclass(frozen=True)
class Difference:
    """Of one field of one resource. `kind` is in words, without what stands there."""

    file: str
    source: str
    place: str  # "Observation value"
    kind: str
    ours: Said
    theirs: Said


@dataclass
class Agreement:
    """`compared`: fields of which both say something."""

    compared: Counter[str] = field(default_factory=Counter)
    equal: Counter[str] = field(default_factory=Counter)
    resources: Counter[str] = field(default_factory=Counter)
    ours_alone: Counter[str] = field(default_factory=Counter)
    theirs_alone: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    def percent(self, place: str) -> float:
        return 100 * self.equal[place] / self.compared[place]

    def kinds(self) -> Counter[tuple[str, str]]:
        return Counter((each.place, each.kind) for each in self.differences)

    @property
    def table(self) -> str:
        rows = [
            "| field | compared | equal | % | only we say it | only they |",
            "|---|--:|--:|--:|--:|--:|",
        ]
        kinds = self.kinds()
        for place in places():
            alone = [kinds[place, ONLY_WE], kinds[place, ONLY_THEY]]
            if self.compared[place] or any(alone):
                percent = f"{self.percent(place):.1f}" if self.compared[place] else ""
                cells = [place, self.compared[place], self.equal[place], percent, *alone]
                rows.append(f"| {' | '.join(map(str, cells))} |")
        return "\n".join(rows)


ONLY_WE, ONLY_THEY = "only we say it", "only they say it"


def places() -> Iterator[str]:
    for kind, named in FIELDS.items():
        yield from (f"{kind} {name}" for name in named)


def agreement(pairs: Iterable[Pair]) -> Agreement:
    found = Agreement()
    for pair in pairs:
        for kind, named in FIELDS.items():
            ours, theirs = pair.ours.get(kind, []), pair.theirs.get(kind, [])
            both = list(matched(kind, ours, theirs))
            found.resources[kind] += len(both)
            found.ours_alone[kind] += len(ours) - len(both)
            found.theirs_alone[kind] += len(theirs) - len(both)
            for one, other in both:
                for name, each in named.items():
                    _compare(found, pair, f"{kind} {name}", each, one, other)
    return found


def _compare(
    found: Agreement, pair: Pair, place: str, each: Field, ours: Resource, theirs: Resource
) -> None:
    we, they = each.saying(ours), each.saying(theirs)
    if we and they:
        found.compared[place] += 1
        found.equal[place] += agrees(each, we, they)
    if (we or they) and not agrees(each, we, they):
        what = kind_of(we, they)
        found.differences.append(Difference(pair.file, pair.source, place, what, we, they))


def agrees(each: Field, ours: Said, theirs: Said) -> bool:
    return bool(ours & theirs) if each.agree is Agree.ANY else ours == theirs


def kind_of(ours: Said, theirs: Said) -> str:
    if not ours or not theirs:
        return ONLY_WE if ours else ONLY_THEY
    if ours > theirs or theirs > ours:
        return "we say more" if ours > theirs else "they say more"
    one, other = min(ours), min(theirs)
    if one[:4].isdigit() and one[4:5] == "-":
        return _kind_of_moment(one, other)
    return "some words in common" if ours & theirs else "other words"


def _kind_of_moment(one: str, other: str) -> str:
    if one.startswith(other) or other.startswith(one):
        return "we are more precise" if len(one) > len(other) else "they are more precise"
    return "other hour" if one[:8] == other[:8] else "another time"


def matched(
    kind: str, ours: list[Resource], theirs: list[Resource]
) -> Iterator[tuple[Resource, Resource]]:
    """Each of ours with the one of theirs that is most like it, and each only once."""
    rest = list(theirs)
    for one in ours:
        candidates = [each for each in rest if _may_be_same(kind, one, each)]
        if candidates:
            best = max(candidates, key=lambda each: _likeness(kind, one, each))
            rest = [each for each in rest if each is not best]
            yield one, best


def _may_be_same(kind: str, one: Resource, other: Resource) -> bool:
    name = SAME.get(kind)
    if name is None:
        return True
    each = FIELDS[kind][name]
    return bool(each.saying(one) & each.saying(other))


def _likeness(kind: str, one: Resource, other: Resource) -> int:
    """How many fields agree."""
    sayings = [(each, each.saying(one), each.saying(other)) for each in FIELDS[kind].values()]
    return sum(bool(we) and agrees(each, we, they) for each, we, they in sayings)
