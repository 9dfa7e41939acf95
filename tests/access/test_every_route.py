"""Every route a patient's session opens, asked by people who act for others: refused where the
oracle refuses its scope, one more step where it says so, open where it is open.
"""

import re

import pytest
from tests.access.asking import told
from tests.access.cells import LAWS
from tests.access.oracle import NO, STEP_UP, YES, Cell, reach, ruling
from tests.access.scene import a_scene
from tests.access.visits import PLANS, Plan
from tests.access.walking import said
from tests.client import Client, actions
from tests.clock import Clock

from portal.scopes import Scope

pytestmark = pytest.mark.usefixtures("portal")

APP = "application/json"
ROUTES = sorted(
    (each.method, each.path, each.needs.value)
    for _, each in actions()
    if isinstance(each.needs, Scope)
)
OF_THE_SESSION = {"session.step-up", "session.end"}
NOBODYS = {"token": "A" * 22, "purpose": "research", "organisation": "nowhere"}


def standpoints(plan: Plan) -> list[Cell]:
    """One visit of each kind: by relation, factors and categories."""
    found: dict[object, Cell] = {}
    for visit in plan.visits:
        paper = visit.paper
        if paper and reach(visit):
            kind = (visit.relation, visit.factors, visit.preview, paper.categories)
            found.setdefault(kind, visit)
    return list(found.values())


def sent(client: Client, method: str, path: str) -> str:
    """With ids of nobody's and nothing typed."""
    url = re.sub(r"\{(\w+)\}", lambda name: NOBODYS.get(name[1], "0" * 32), path)
    body = b"" if method == "GET" else b"{}"
    answer = client.send(method, url, body, {"content-type": APP})
    return said(answer) if answer.status == 403 else YES


@pytest.mark.parametrize("name", ["an adult", "a teen, rules", "a child", "a dead adult"])
def test_every_route_asks_the_policy(name: str, clock: Clock) -> None:
    plan = PLANS[name]
    scene = a_scene(plan, clock)
    wrong = []

    for visit in standpoints(plan):
        client = scene.browser(visit, APP)
        for method, path, scope in ROUTES:
            # What is about the session is asked as its owner's, also in a preview.
            is_look = visit.preview and scope not in OF_THE_SESSION
            wanted = ruling(visit._replace(scope=scope, preview=is_look), LAWS).verdict
            if method == "GET" or wanted != YES:  # what is open would be done
                got = sent(client, method, path)
                if got != wanted:
                    wrong.append(f"{method} {path}: {got}, not {wanted} ({scope}): {told(visit)}")
                    client = scene.browser(visit, APP)  # it may be elsewhere now

    assert not wrong, f"{len(wrong)} answers differ:\n" + "\n".join(wrong[:20])


def test_the_standpoints_are_of_every_kind() -> None:
    every = [visit for plan in PLANS.values() for visit in standpoints(plan)]

    assert {each.relation for each in every} == {"parent", "proxy", "guardian", "estate", "app"}
    assert {each.factors for each in every} == {1, 2}
    assert {each.preview for each in every} == {True, False}
    verdicts = {
        ruling(each._replace(scope=scope), LAWS).verdict for each in every for _, _, scope in ROUTES
    }
    assert verdicts == {YES, STEP_UP, NO}
