"""The patient's front page, and what belongs to the portal as a whole."""

from collections.abc import Callable
from functools import partial

from functions.home.views import HomeView, NewResult
from pydantic import BaseModel, Field

from portal import analytes, assets, audit, pages, patients, seen
from portal.access import Caller, Verdict, Visitor
from portal.answers import Answer, Bytes
from portal.audit import Event
from portal.cards import CardStatus
from portal.errors import NotFound
from portal.published import Summary
from portal.scopes import Scope
from portal.settings import settings
from portal.web import NoAsk, Room

app = Room("home")

LATEST = 3


@app.action("GET", "/", view=HomeView, needs=Scope.READ_HOME)
def home(caller: Caller, _ask: NoAsk) -> Answer:
    """Show what is new for the patient."""
    audit.record(Event.HOME_VIEWED, caller)
    patient = patients.with_id(caller.patient_id)
    if patient is None:
        raise NotFound
    verdict = caller.verdict(Scope.READ_RESULTS)
    is_locked = verdict is Verdict.STEP_UP
    sees = partial(caller.may_see, Scope.READ_RESULTS)
    summaries = seen.results(sees, caller.patient_id, LATEST)[0] if not is_locked else []
    view = HomeView(
        given_name="" if is_locked else patient.given,
        is_locked=is_locked,
        has_record=patient.has_record,
        has_results=verdict is not Verdict.NO,
        is_demo=settings().is_demo,
        latest=[new_result(summary, caller.language) for summary in summaries],
    )
    return Answer(view, "home/home.html", is_kept=not is_locked)


def status_words(summary: Summary, word: Callable[[str], str]) -> str:
    """A status is named where it is not what a reader expects."""
    if summary.status is CardStatus.CORRECTED:
        return word("Corrected")
    return word("Withdrawn") if summary.status is CardStatus.WITHDRAWN else ""


def new_result(summary: Summary, language: str) -> NewResult:
    word = pages.words(language)
    return NewResult(
        report_id=summary.report_id,
        title=analytes.title(summary.panel_code, summary.lab_title, word),
        status_words=status_words(summary, word),
        released_at=summary.released_at,
        outside=summary.outside,
    )


@app.action("GET", "/openapi.json", needs=None)
def openapi(_visitor: Visitor, _ask: NoAsk) -> Bytes:
    """The description of every route, generated from the same models that answer."""
    body = (assets.templates_root() / "assets" / "openapi.json").read_bytes()
    return Bytes("application/json", body, headers={"Cache-Control": "public, max-age=300"})


class AssetAsk(BaseModel):
    name: str = Field(pattern=r"^[\w-]{1,40}\.[0-9a-f]{12}\.[a-z]{2,4}$")


@app.action("GET", "/assets/{name}", ask=AssetAsk, needs=None)
def asset(_visitor: Visitor, ask: AssetAsk) -> Bytes:
    """A page's script or picture, which a browser keeps for good."""
    found = assets.every().get(ask.name)
    if found is None:
        raise NotFound
    kept = {"Cache-Control": assets.CACHE_CONTROL, "Vary": "Accept-Encoding"}
    return Bytes(found.content_type, found.body, headers=kept)


@app.action("GET", "/{proxy+}", needs=None)
def nowhere(_visitor: Visitor, _ask: NoAsk) -> Answer:
    """Any other address: the same page for what is missing and what is hidden."""
    raise NotFound


from functions.home import installing  # noqa: E402, F401 - its routes join the room's
