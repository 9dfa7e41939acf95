"""Each page: its compressed size and its warm response time through the running stack."""

import gzip
import re

from infra.local.stack import Stack
from tests.bench.figures import middle, p95, table
from tests.journeys.visits import Session, signed_in

VISITS = 40
BUDGET_BYTES = 14_000


def figures(stack: Stack) -> list[str]:
    session = signed_in(stack)
    listed = session.get("/results").body.decode()
    card = max(set(re.findall(r"/results/[0-9a-f]{32}", listed)), key=lambda p: size(session, p))
    routes = ["/sign-in", "/", "/results", card, "/signed-out", "/nowhere", "/openapi.json"]
    head = ["page", "gzip bytes", "of 14 kB", "p50 ms", "p95 ms"]
    return table(head, [row(session, route, card) for route in routes])


def size(session: Session, path: str) -> int:
    return len(gzip.compress(session.get(path).body, 6))


def row(session: Session, route: str, card: str) -> list[str]:
    times = [session.get(route).milliseconds for _ in range(VISITS)]
    length = size(session, route)
    name = "/results/{report_id} (the largest)" if route == card else route
    share = f"{length / BUDGET_BYTES:.0%}"
    return [name, f"{length:,}", share, f"{middle(times):.0f}", f"{p95(times):.0f}"]
