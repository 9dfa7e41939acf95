"""The patient's front page, and what belongs to the portal as a whole."""

from functions.home import widgets
from functions.home.views import HomeView
from pydantic import Field

from portal import assets, audit, patients, preferences
from portal.access import Caller, Verdict, Visitor
from portal.answers import Answer, Bytes
from portal.audit import Event
from portal.errors import NotFound
from portal.home_widgets import Widget
from portal.model import Model
from portal.patients import Patient
from portal.scopes import Scope
from portal.settings import settings
from portal.web import NoAsk, Room

app = Room("home")


@app.action("GET", "/", view=HomeView, needs=Scope.READ_HOME)
def home(caller: Caller, _ask: NoAsk) -> Answer:
    """Show what needs the reader today."""
    audit.record(Event.HOME_VIEWED, caller)
    patient = patients.with_id(caller.patient_id)
    if patient is None:
        raise NotFound
    verdict = caller.verdict(Scope.READ_RESULTS)
    if verdict is Verdict.STEP_UP:
        view = HomeView(
            given_name="",
            is_locked=True,
            has_record=patient.has_record,
            is_demo=settings().is_demo,
            latest=[],
        )
    elif caller.acting:
        view = of_another(caller, patient, has_results=verdict is Verdict.YES)
    else:
        view = own(caller, patient)
    return Answer(view, "home/home.html", is_kept=verdict is not Verdict.STEP_UP)


def own(caller: Caller, patient: Patient) -> HomeView:
    chosen = preferences.of(caller.subject_id)
    shown = widgets.shown(caller, patient, chosen)
    latest = [line for each in shown for line in each.results]
    return HomeView(
        given_name=chosen.preferred_name or patient.given,
        has_record=patient.has_record,
        is_demo=settings().is_demo,
        latest=latest,
        widgets=shown,
        hidden=len([each for each in chosen.hidden if each in Widget]),
        may_arrange=True,
        has_guide=not chosen.is_guided,
    )


def of_another(caller: Caller, patient: Patient, *, has_results: bool) -> HomeView:
    shown = widgets.of_another(caller, patient)
    return HomeView(
        given_name=patient.given,
        has_record=patient.has_record,
        has_results=has_results,
        is_demo=settings().is_demo,
        latest=shown[0].results,
        widgets=shown,
    )


@app.action("GET", "/openapi.json", needs=None)
def openapi(_visitor: Visitor, _ask: NoAsk) -> Bytes:
    """The description of every route, generated from the same models that answer."""
    body = (assets.templates_root() / "assets" / "openapi.json").read_bytes()
    return Bytes("application/json", body, headers={"Cache-Control": "public, max-age=300"})


class AssetAsk(Model):
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


from functions.home import components, installing, search  # noqa: E402, F401 - routes of the room
