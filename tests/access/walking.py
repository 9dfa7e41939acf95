"""Walks through the portal as a plan says, in either face, and what differs from the oracle."""

import re
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote

from tests.access.asking import told
from tests.access.cells import LAWS
from tests.access.oracle import NO, STEP_UP, YES, Cell, Laws, ruling
from tests.access.visits import (
    OWN_PAGES,
    Card,
    Plan,
    is_ended,
    is_open,
    of_card,
    opened,
    opens_own_pages,
)
from tests.client import Response


class Asker(Protocol):
    """A browser or an app, in the process or on the wire."""

    @property
    def accept(self) -> str: ...

    def get(self, url: str) -> Response: ...


def said(answer: Response) -> str:
    """What the answer comes to, in either face."""
    if answer.status == 303 and answer.location.startswith("/sign-in/step"):
        return STEP_UP
    if answer.status == 403 and answer.text.startswith("{"):
        return STEP_UP if answer.json["title"] == "One more step" else NO
    return YES if answer.status == 200 else NO if answer.status in (403, 404) else answer.text


def listed(client: Asker, path: str = "/results") -> list[str]:
    """Ids on all pages of the list, in the client's face."""
    found, url = [], path
    while url:
        answer = client.get(url)
        assert answer.status == 200
        found += ids_of(answer)
        cursor = cursor_of(answer)
        url = cursor and f"{path}?before={cursor}"
    return found


def ids_of(answer: Response) -> list[str]:
    if answer.text.startswith("{"):
        view = answer.json
        return [line["report_id"] for line in view.get("results", view.get("latest", ()))]
    return re.findall(r'href="[^"]*/results/([0-9a-f]{32})"', answer.text)


def cursor_of(answer: Response) -> str:
    if answer.text.startswith("{"):
        return quote(answer.json["next"])
    found = re.search(r'href="[^"]*/results\?before=([^"]+)"', answer.text)
    return found[1] if found else ""


@dataclass(frozen=True)
class Shelf:
    """Where the cards of a plan are, in its order."""

    plan: Plan
    card_ids: list[str]
    document_id: str  # one on every card
    own_card_id: str  # the only one of whoever helps


@dataclass
class Walk:
    """One visit, all it asks, and what went otherwise than the oracle says."""

    shelf: Shelf
    turn: int
    client: Asker
    laws: Laws = LAWS
    wrong: list[str] = field(default_factory=list)

    def verdict(self, cell: Cell) -> str:
        return ruling(cell, self.laws).verdict

    @property
    def visit(self) -> Cell:
        return self.shelf.plan.visits[self.turn]

    def check(self, cell: Cell, what: str, got: object, wanted: object) -> None:
        if got != wanted:
            self.wrong.append(f"{what} ({self.client.accept}): {got}, not {wanted}: {told(cell)}")

    def through(self) -> list[str]:
        if is_ended(self.visit):
            self.ended()
            return self.wrong
        self.home()
        self.results()
        self.cards()
        if opens_own_pages(self.shelf.plan, self.turn):
            self.own_pages()
        return self.wrong

    def own_pages(self) -> None:
        for path, scope in OWN_PAGES.items():
            cell = self.visit._replace(scope=scope)
            self.check(cell, path, said(self.client.get(path)), self.verdict(cell))

    def ended(self) -> None:
        """The first page says so, whatever it is; then the session is at its own record again."""
        first = ("/", "/results", f"/results/{self.shelf.card_ids[0]}")[self.turn % 3]
        self.check(self.visit, first, said(self.client.get(first)), NO)
        self.check(self.visit, "own /results", listed(self.client), [self.shelf.own_card_id])
        self.cards()

    def home(self) -> None:
        cell = self.visit._replace(scope="home.read")
        page = self.client.get("/")
        self.check(cell, "/", said(page), self.verdict(cell))
        shown, visible = set(ids_of(page)), self.visible()
        self.check(cell, "how many on /", len(shown), min(3, len(visible)))
        self.check(cell, "unseen on /", shown - set(visible[:20]), set())

    def visible(self) -> list[str]:
        cards = zip(self.shelf.card_ids, self.shelf.plan.cards, strict=True)
        is_any = is_open(self.visit)
        return [each for each, card in cards if is_any and self.sees(card)]

    def sees(self, card: Card) -> bool:
        return self.verdict(of_card(self.visit, card)) == YES

    def results(self) -> None:
        if is_open(self.visit):
            self.check(self.visit, "/results", listed(self.client), self.visible())
        else:
            got = said(self.client.get("/results"))
            self.check(self.visit, "/results", got, self.verdict(self.visit))

    def cards(self) -> None:
        """Where the list is refused, so is each card, before anybody looks which one it is."""
        for index in opened(self.shelf.plan, self.turn):
            cell = of_card(self.visit, self.shelf.plan.cards[index])
            wanted = self.verdict(cell) if is_open(self.visit) else self.verdict(self.visit)
            path = f"/results/{self.shelf.card_ids[index]}"
            self.check(cell, "a card", said(self.client.get(path)), wanted)
        file = f"{path}/documents/{self.shelf.document_id}"
        self.check(cell, "its document", said(self.client.get(file)), wanted)
