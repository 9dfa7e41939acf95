"""No right is remembered from one request to the next: what ended meanwhile serves none."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from tests.access.cells import LAWS
from tests.access.oracle import CATEGORIES, YES, Paper, ruling
from tests.access.scene import Scene, a_scene
from tests.access.visits import NOW, OWN_PAGES, PLANS, of_card
from tests.access.walking import listed
from tests.builders import released
from tests.clock import Clock
from tests.lab_release.test_merging import an_adt, who

from portal import grants, patients
from portal.granting import GrantState

pytestmark = pytest.mark.usefixtures("portal")

APP, PAGE = "application/json", "text/html"
SOON = f"{NOW + timedelta(minutes=1):%Y-%m-%dT%H:%M}"


def of_the_grant(**said: Any) -> Callable[[Scene, Paper], object]:
    return lambda scene, paper: grants.keep(replace(scene.grants[paper], **said))


def of_the_record(**said: Any) -> Callable[[Scene, Paper], object]:
    def change(scene: Scene, _paper: Paper) -> None:
        known = patients.with_id(scene.patient.patient_id)
        assert known
        patients.rewrite(known.model_copy(update=said))

    return change


def a_minute_later(scene: Scene, _paper: Paper) -> None:
    scene.clock.advance(minutes=1)


ENDED = {
    "revoked": of_the_grant(state=GrantState.REVOKED),
    "suspended": of_the_grant(state=GrantState.SUSPENDED),
    "ended": of_the_grant(ends_at=NOW),
    "born earlier": of_the_record(birth_on=date(1990, 1, 1)),
    "dead": of_the_record(is_deceased=True),
    "a minute over": a_minute_later,
}


@pytest.mark.parametrize("what", ENDED)
@pytest.mark.parametrize("path", ["/", "/results", "/results/{card}"])
def test_a_right_that_ended_does_not_serve_one_more_request(
    what: str, path: str, clock: Clock
) -> None:
    scene = a_scene(PLANS["a teen, rules"], clock)
    paper = Paper("parent", "active", "p-1", "2020-01-01T00:00", SOON, CATEGORIES)
    visit = scene.plan.person._replace(relation="parent", paper=paper)
    client = scene.browser(visit, APP)
    url = path.format(card=scene.shelf.card_ids[0])
    assert client.get(url).status == 200

    ENDED[what](scene, paper)

    assert client.get(url).status == 403
    assert listed(client) == [scene.shelf.own_card_id]


def test_what_a_teen_stops_sharing_is_gone_from_the_next_answer(clock: Clock) -> None:
    scene = a_scene(PLANS["a teen, rules"], clock)
    visits_of_parent = [each for each in scene.plan.visits if each.relation == "parent"]
    shared = next(each for each in visits_of_parent if each.paper and each.paper.part2)
    assert shared.paper
    client = scene.browser(shared, PAGE)
    before = listed(client)

    of_the_grant(segments=frozenset())(scene, shared.paper)

    nothing = shared._replace(paper=shared.paper._replace(segments=()))
    cards = zip(scene.shelf.card_ids, scene.plan.cards, strict=True)
    wanted = [each for each, card in cards if ruling(of_card(nothing, card), LAWS).verdict == YES]
    assert listed(client) == wanted
    assert set(wanted) < set(before)


def test_a_death_ends_the_patients_own_sessions(clock: Clock) -> None:
    scene = a_scene(PLANS["an adult"], clock)
    client = scene.browser(scene.plan.visits[0], APP)
    assert client.get("/results").status == 200

    released(an_adt("A08", who(scene.patient) + "|" * 22 + "Y"))

    for path in ("/", "/results", f"/results/{scene.shelf.card_ids[0]}", *OWN_PAGES):
        assert client.get(path).status == 401, path
