"""The access matrix through the doors: what a page, a list, a card and a file answer is what the
oracle says, for people with grants in the stores and sessions of every kind.

The list of results answers for each card at once: those it shows are exactly those allowed.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from tests.access import visits
from tests.access.cells import LAWS
from tests.access.oracle import YES, Cell, ruling
from tests.access.scene import Scene, a_scene
from tests.access.visits import PLANS, of_card
from tests.access.walking import Walk, listed, said
from tests.clock import Clock
from tests.staff.colleagues import a_colleague

from portal import seen
from portal.granting import Item
from portal.roles import Role
from portal.seen import item_of

pytestmark = pytest.mark.usefixtures("portal")

LEAST = 5_000


FACES = ("application/json", "text/html")
TEAMS = (
    ("clinician",),
    ("nurse",),
    ("nurse", "biller"),
    ("nurse", "front-desk", "operator"),
    ("nurse", "clinician"),
)
BUGS: dict[str, Callable[[Any], Item]] = {
    "no label counts": lambda card: Item(on=item_of(card).on),
    "the day is lost": lambda card: Item(item_of(card).segments),
    "one label counts": lambda card: replace(
        item_of(card), segments=frozenset(sorted(item_of(card).segments)[:1])
    ),
}


def verdict(cell: Cell) -> str:
    return ruling(cell, LAWS).verdict


def walked(scene: Scene, turns: Iterable[int]) -> list[str]:
    """What is wrong in these visits, the two faces by turns."""
    lines = []
    for turn in turns:
        face = FACES[(turn + len(scene.plan.name)) % 2]
        client = scene.browser(scene.plan.visits[turn], face)
        lines += Walk(scene.shelf, turn, client).through()
    return lines


@pytest.mark.parametrize("name", PLANS)
def test_every_visit_is_answered_as_the_oracle_says(name: str, clock: Clock) -> None:
    plan = PLANS[name]

    wrong = walked(a_scene(plan, clock), range(len(plan.visits)))

    assert not wrong, f"{len(wrong)} answers differ:\n" + "\n".join(wrong[:20])


@pytest.mark.parametrize("roles", TEAMS, ids="+".join)
def test_staff_see_in_an_emergency_what_the_oracle_says(
    roles: tuple[str, ...], clock: Clock
) -> None:
    scene = a_scene(PLANS["a teen, rules"], clock)
    visit = scene.plan.person._replace(relation="staff", scope="results.read", roles=roles)
    client = a_colleague(*map(Role, roles))
    client.accept = FACES[len(roles) % 2]
    chart = f"/staff/patients/{scene.patient.patient_id}"

    client.post(f"{chart}/break-glass", cause="urgent-care", words="Unconscious on arrival.")

    pages = [client.get(f"{chart}/results/{each}") for each in scene.shelf.card_ids]
    wanted = [verdict(of_card(visit, card)) for card in scene.plan.cards]
    assert [said(page) for page in pages] == wanted
    if YES in wanted:
        every = zip(scene.shelf.card_ids, wanted, strict=True)
        assert listed(client, f"{chart}/results") == [each for each, word in every if word == YES]


@pytest.mark.parametrize("bug", BUGS)
def test_a_page_that_asks_the_policy_wrongly_is_noticed(
    bug: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = a_scene(PLANS["a teen, rules"], clock)
    monkeypatch.setattr(seen, "item_of", BUGS[bug])

    assert walked(scene, range(6, 12))


def test_the_visits_put_questions_enough(capsys: pytest.CaptureFixture[str]) -> None:
    cells = {
        (plan.name, cell)
        for plan in PLANS.values()
        for turn in range(len(plan.visits))
        for cell in visits.asked(plan, turn)
    }

    by_verdict = Counter(verdict(cell) for _, cell in cells)
    with capsys.disabled():
        print(f"\n{len(cells)} cells over HTTP: {dict(by_verdict)}")  # noqa: T201
    assert len(cells) >= LEAST
    assert min(by_verdict.values()) >= LEAST // 50
