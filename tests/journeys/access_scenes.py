"""Records, grants and sessions for `test_access_cells`, put straight into the running stack's
stores. Runs as a process of its own with a room's settings, and prints what it made as JSON.
"""

import json
import os
import shutil
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests import stores
from tests.access.oracle import Cell
from tests.access.scene import a_scene
from tests.access.visits import Plan, people, plan_of
from tests.clock import Clock

WANTED = "PORTAL_ACCESS_SCENES"  # {"now": ..., "state": ...}
CLINIC = ZoneInfo("America/New_York")
LASTS_MINUTES = 15  # what the answers depend on does not change so soon


def real_plans(now: datetime, state: str) -> list[Plan]:
    """Without the birthdays while it is not the same day for the oracle and for the clinic."""
    later = now + timedelta(minutes=LASTS_MINUTES)
    is_one_day = now.date() == later.date() == now.astimezone(CLINIC).date()
    known = {name: each for name, each in people(now).items() if is_one_day or " to" not in name}
    return [plan_of(name, each._replace(state=state)) for name, each in known.items()]


def turns(plan: Plan) -> list[int]:
    """Visits that a clock which goes on, and one account, can serve side by side."""
    return [turn for turn, visit in enumerate(plan.visits) if _is_steady(visit)]


def _is_steady(visit: Cell) -> bool:
    later = datetime.fromisoformat(visit.at) + timedelta(minutes=LASTS_MINUTES)
    moments = (visit.paper.starts, visit.paper.ends) if visit.paper else ()
    is_soon = any(visit.at < each <= f"{later:%Y-%m-%dT%H:%M}" for each in moments)
    own = visit.relation != "self" or (visit.confidence == 2 and visit.fresh)
    return own and not is_soon


def made(plan: Plan) -> dict[str, Any]:
    """Where its cards are, and the cookie of each visit."""
    scene = a_scene(plan, Clock())
    cookies = {}
    for turn in turns(plan):
        scene.cookies.clear()  # a session for each: they are all open at once
        client = scene.browser(plan.visits[turn], "")
        cookies[str(turn)] = client.cookies["session"]
    shelf = scene.shelf
    ids = {"card_ids": shelf.card_ids, "document_id": shelf.document_id}
    return {**ids, "own_card_id": shelf.own_card_id, "cookies": cookies}


def main() -> None:
    wanted = json.loads(os.environ[WANTED])
    plans = real_plans(datetime.fromisoformat(wanted["now"]), wanted["state"])
    print(json.dumps([made(plan) for plan in plans]))  # noqa: T201 - the parent reads it
    shutil.rmtree(stores.STATE, ignore_errors=True)


if __name__ == "__main__":
    main()
