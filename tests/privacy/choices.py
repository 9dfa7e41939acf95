"""What a person does on the privacy page, and the laws and words it is done under."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.client import Client, Response
from tests.html_tree import Tree

from portal import consents, wordings
from portal.wordings import Purpose, Region, Wording

JSON = {"content-type": "application/json"}


def under(monkeypatch: pytest.MonkeyPatch, region: Region) -> None:
    monkeypatch.setattr(consents, "region", lambda: region)


def with_wordings(monkeypatch: pytest.MonkeyPatch, *more: Wording) -> None:
    known = wordings.every()
    monkeypatch.setattr(wordings, "every", lambda: (*known, *more))


def next_version(purpose: Purpose, region: Region = Region.US, **changes: Any) -> Wording:
    now_asked = wordings.newest(each for each in wordings.every() if each.region is region)[purpose]
    return replace(now_asked, version=now_asked.version + 1, **changes)


def box(app: Client, purpose: str, person: int = 0) -> dict[str, Any]:
    """One consent as the page has it."""
    listed = app.get("/privacy").json["people"][person]["consents"]
    return next(each for each in listed if each["purpose"] == purpose)


def answered(app: Client, purpose: str, decision: str, **fields: Any) -> Response:
    """With what the page shows at this moment, unless said otherwise."""
    shown = box(app, purpose)
    facts = {"wording": shown["wording"], "seen": shown["seen"], "decision": decision} | fields
    return sent(app, purpose, **facts)


def sent(app: Client, purpose: str, **facts: Any) -> Response:
    return app.send("POST", f"/privacy/consents/{purpose}", json.dumps(facts).encode(), JSON)


def buttons(page: str, purpose: str) -> list[dict[str, str]]:
    """The forms of a purpose's box: what each of its buttons would send."""
    found = []
    for form in Tree(page).root.all("form"):
        if form["action"] == f"/privacy/consents/{purpose}":
            hidden = {each["name"]: each["value"] for each in form.all("input")}
            found += [hidden | {each["name"]: each["value"]} for each in form.all("button")]
    return found
