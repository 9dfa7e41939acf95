"""How the pages look: contrast, size of the text, motion, light or dark."""

from typing import Any

from functions.settings import saving
from functions.settings.app import DoneAsk, app
from functions.settings.views import LookView, SavedView

from portal import preferences
from portal.access import Caller
from portal.answers import Answer
from portal.display import Look
from portal.scopes import Scope

PATH = "/settings/look"
PAGE = "settings/look.html"


@app.action("GET", PATH, ask=DoneAsk, view=LookView, needs=Scope.READ_SETTINGS)
def show_look(caller: Caller, ask: DoneAsk) -> Answer:
    """Show how the reader's pages look, and how they could."""
    return Answer(LookView(look=saving.viewed(caller, "look").look, done=ask.done), PAGE)


def look_again(caller: Caller, _fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    """Only a program sends what is not on the page."""
    view = LookView(look=preferences.of(caller.subject_id).look, errors=errors)
    return Answer(view, PAGE, status=400)


@app.action("POST", PATH, ask=Look, view=SavedView, needs=Scope.CHANGE_SETTINGS, again=look_again)
def save_look(caller: Caller, ask: Look) -> Answer:
    """Let all pages look like this, on every device."""
    return saving.save(caller, "look", look=ask)
