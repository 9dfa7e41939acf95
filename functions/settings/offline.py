"""Reading without a connection, device by device: yes or no, the key, and what waits to be sent."""

from typing import Literal

from functions.settings.app import app
from functions.settings.offline_views import (
    KeyView,
    OfflineChangedView,
    OfflineView,
    WaitingView,
)
from pydantic import Field

from portal import audit, cookies, offline
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import Forbidden
from portal.model import Model
from portal.scopes import Scope
from portal.sessions import LONGEST_SECONDS
from portal.web import NoAsk

PAGE = "/settings/offline"


class OfflineAsk(Model):
    done: str = Field(default="", max_length=20)


@app.action("GET", PAGE, ask=OfflineAsk, view=OfflineView, needs=Scope.READ_DEVICE)
def show_offline(caller: Caller, ask: OfflineAsk) -> Answer:
    """Say what reading without a connection means here, and ask for a yes."""
    audit.record(Event.OFFLINE_VIEWED, caller)
    view = OfflineView(
        is_on=offline.is_on(caller),
        is_shared=caller.is_shared,
        hours=LONGEST_SECONDS // 3600,
        done=ask.done,
    )
    return Answer(view, "settings/offline.html", script="offline")


class ChoiceAsk(Model):
    keep: Literal["yes", "no"]


@app.action("POST", PAGE, ask=ChoiceAsk, view=OfflineChangedView, needs=Scope.CHANGE_DEVICE)
def choose_offline(caller: Caller, ask: ChoiceAsk) -> Answer:
    """Keep the pages read on this device, or drop them."""
    is_on = ask.keep == "yes"
    if is_on and not offline.may_keep(caller):
        refuse(caller, Event.OFFLINE_ALLOWED)
    audit.record(Event.OFFLINE_ALLOWED if is_on else Event.OFFLINE_STOPPED, caller)
    where = f"{PAGE}?done={'on' if is_on else 'off'}"
    return Answer(
        OfflineChangedView(is_on=is_on, next=where),
        location=where,
        cookies=(chosen(caller, is_on=is_on),),
        is_farewell=not is_on,
    )


def chosen(caller: Caller, *, is_on: bool) -> str:
    if not is_on:
        return cookies.gone(offline.COOKIE)
    mark = offline.mark(caller.subject_id)
    return cookies.kept(offline.COOKIE, mark, max_age=offline.ONE_YEAR_SECONDS)


@app.action("POST", f"{PAGE}/key", view=KeyView, needs=Scope.CHANGE_DEVICE)
def give_key(caller: Caller, _ask: NoAsk) -> Answer:
    """Hand out the session's half of the key to what this device keeps."""
    if not offline.is_on(caller):
        refuse(caller, Event.OFFLINE_KEY_GIVEN)
    audit.record(Event.OFFLINE_KEY_GIVEN, caller)
    half = offline.half(caller.session_cookie)
    return Answer(KeyView(half=half.text, until=half.until), location=PAGE)


def refuse(caller: Caller, event: Event) -> None:
    """Raises Forbidden."""
    why = "shared-device" if caller.is_shared else "not-chosen"
    audit.record(event, caller, why=why, outcome=Outcome.REFUSED)
    raise Forbidden


@app.action("GET", f"{PAGE}/forms", view=WaitingView, needs=Scope.READ_DEVICE)
def show_waiting(caller: Caller, _ask: NoAsk) -> Answer:
    """Show the forms that were filled in without a connection, and what became of them."""
    audit.record(Event.OFFLINE_VIEWED, caller, about="forms")
    return Answer(WaitingView(), "settings/offline_forms.html", script="offline", is_kept=True)
