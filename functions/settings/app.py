"""A person's own settings: what they chose, and where to change it."""

from functions.settings import saving
from functions.settings.views import LanguageView, OverviewView
from pydantic import Field

from portal import audit, cookies, dates, languages, patients, preferences
from portal.access import Caller, Visitor
from portal.answers import Answer
from portal.audit import Event
from portal.errors import NotFound
from portal.model import Model
from portal.paths import own_path
from portal.patients import Patient
from portal.scopes import Scope
from portal.settings import settings
from portal.web import NoAsk, Room

app = Room("settings")

ONE_YEAR_SECONDS = 365 * 24 * 3600


@app.action("GET", "/settings", view=OverviewView, needs=Scope.READ_SETTINGS)
def overview(caller: Caller, _ask: NoAsk) -> Answer:
    """Show what can be set, and how it is set now."""
    chosen, patient = saving.viewed(caller, "overview"), me(caller)
    here = languages.language(caller.language)
    view = OverviewView(
        called=chosen.preferred_name or patient.given,
        email=patient.email,
        phone=patient.phone,
        language_name=here.name,
        zone=dates.zone(caller.time_zone or settings().clinic_time_zone, here.locale),
        quiet_from=chosen.quiet_from,
        quiet_to=chosen.quiet_to,
    )
    return Answer(view, "settings/overview.html")


def me(caller: Caller) -> Patient:
    patient = patients.with_id(caller.subject_id)
    if patient is None:
        raise NotFound
    return patient


class DoneAsk(Model):
    """`done`: what was saved a moment ago."""

    done: str = Field(default="", max_length=20)


class LanguageAsk(Model):
    language: str = Field(max_length=12)
    return_to: str = Field(default="/", max_length=500)


@app.action(
    "POST", "/settings/language", ask=LanguageAsk, view=LanguageView, needs=None, greets=True
)
def choose_language(visitor: Visitor, ask: LanguageAsk) -> Answer:
    """Show the pages in this language from now on, here and wherever the person signs in. A link
    alone is enough: who cannot read the next step cannot take it."""
    code = languages.negotiated(cookie=ask.language)
    if isinstance(visitor, Caller):
        entry = saving.entry_of(visitor, Event.LANGUAGE_CHOSEN, code)
        preferences.change(visitor.subject_id, entry, lambda _: {"language": code})
    else:
        audit.record(Event.LANGUAGE_CHOSEN, visitor, about=code)
    chosen = cookies.kept("lang", code, max_age=ONE_YEAR_SECONDS)
    return Answer(LanguageView(language=code), location=own_path(ask.return_to), cookies=(chosen,))


from functions.settings import (  # noqa: E402 - their routes join the room's
    contact,  # noqa: F401
    help,  # noqa: F401
    language,  # noqa: F401
    look,  # noqa: F401
    name,  # noqa: F401
    notices,  # noqa: F401
    offline,  # noqa: F401
    passkeys,  # noqa: F401
    push,  # noqa: F401
    security,  # noqa: F401
    widgets,  # noqa: F401
)
