"""Cells of the access matrix through the running stack: its own functions with their own
permissions, its own rules of the states, and the network in between.
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from infra.local import seed
from infra.local.place import Place
from infra.local.stack import Stack
from tests.access import visits
from tests.access.asking import delivered
from tests.access.walking import Shelf, Walk
from tests.client import Response
from tests.journeys.access_scenes import WANTED, real_plans, turns
from tests.journeys.visits import Session

pytestmark = pytest.mark.journey

FACES = ("application/json", "text/html")


@dataclass
class Wire:
    session: Session

    @property
    def accept(self) -> str:
        return self.session.accept

    def get(self, url: str) -> Response:
        answer = self.session.get(url)
        return Response(answer.status, answer.headers, answer.body)


def some_state() -> str:
    """With as many rules as any."""
    return Counter(law.state for law in delivered()).most_common(1)[0][0]


def test_people_see_over_the_network_what_the_oracle_says(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, laws = datetime.now(UTC).replace(second=0, microsecond=0), delivered()
    wanted = {"now": now.isoformat(), "state": some_state()}
    monkeypatch.setenv(WANTED, json.dumps(wanted))
    here = Place(tmp_path, urlsplit(stack.endpoint_url).port or 0, 0)

    printed = seed.as_function(here, "tests.journeys.access_scenes")

    wrong, cells = [], set()
    for plan, made in zip(real_plans(now, wanted["state"]), json.loads(printed), strict=True):
        cookies = made.pop("cookies")
        for turn in turns(plan):
            cookie = {"session": cookies[str(turn)]}
            wire = Wire(Session(stack, cookie, FACES[turn % 2]))
            wrong += Walk(Shelf(plan, **made), turn, wire, laws).through()
            cells |= {(plan.name, cell) for cell in visits.asked(plan, turn)}
    print(f"{len(cells)} cells of the access matrix over the network")  # noqa: T201
    assert not wrong, f"{len(wrong)} answers differ:\n" + "\n".join(wrong[:20])
