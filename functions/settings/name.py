"""How somebody wants to be called."""

from typing import Any

from functions.settings import saving
from functions.settings.app import DoneAsk, app, me
from functions.settings.views import NameView, SavedView
from pydantic import Field

from portal import pages
from portal.access import Caller
from portal.answers import Answer
from portal.errors import BadInput
from portal.model import Model
from portal.scopes import Scope

PATH = "/settings/name"
LONGEST_NAME = 60
LONGEST_PRONOUNS = 40


@app.action("GET", PATH, ask=DoneAsk, view=NameView, needs=Scope.READ_SETTINGS)
def show_name(caller: Caller, ask: DoneAsk) -> Answer:
    """Show how the reader is called, and ask for another way."""
    chosen = saving.viewed(caller, "name")
    return shown(caller, chosen.preferred_name, chosen.pronouns, done=ask.done)


class NameAsk(Model):
    preferred_name: str = Field(default="", max_length=200)
    pronouns: str = Field(default="", max_length=200)


def name_again(caller: Caller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    typed = (str(fields.get(each, ""))[:200] for each in ("preferred_name", "pronouns"))
    return shown(caller, *typed, errors=errors)


@app.action(
    "POST", PATH, ask=NameAsk, view=SavedView, needs=Scope.CHANGE_SETTINGS, again=name_again
)
def save_name(caller: Caller, ask: NameAsk) -> Answer:
    """Call the reader by this name from now on."""
    name, pronouns = " ".join(ask.preferred_name.split()), " ".join(ask.pronouns.split())
    _ = pages.words(caller.language)
    errors = {}
    if len(name) > LONGEST_NAME or not name.isprintable():
        errors["preferred_name"] = _("Use at most 60 letters.")
    if len(pronouns) > LONGEST_PRONOUNS or not pronouns.isprintable():
        errors["pronouns"] = _("Use at most 40 letters.")
    if errors:
        raise BadInput(errors)
    return saving.save(caller, "name", preferred_name=name, pronouns=pronouns)


def shown(
    caller: Caller,
    preferred_name: str,
    pronouns: str,
    *,
    done: str = "",
    errors: dict[str, str] | None = None,
) -> Answer:
    patient = me(caller)
    view = NameView(
        given=patient.given,
        family=patient.family,
        preferred_name=preferred_name,
        pronouns=pronouns,
        done=done,
        errors=errors or {},
    )
    return Answer(view, "settings/name.html", status=400 if errors else 200)
