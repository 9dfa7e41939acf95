"""What stands on home, and in which order: moved and hidden with buttons, here and on home."""

from typing import Literal

from functions.settings import saving
from functions.settings.app import DoneAsk, app
from functions.settings.views import SavedView, WidgetLine, WidgetsView
from pydantic import Field

from portal import home_widgets, pages
from portal.access import Caller
from portal.answers import Answer
from portal.home_widgets import Widget
from portal.model import Model
from portal.preferences import Preferences
from portal.scopes import Scope

PATH = "/settings/home"
MOVES = {"up": -1, "down": 1}


@app.action("GET", PATH, ask=DoneAsk, view=WidgetsView, needs=Scope.READ_SETTINGS)
def show_widgets(caller: Caller, ask: DoneAsk) -> Answer:
    """Show what is on the reader's home page, and in which order."""
    return Answer(shown(caller, saving.viewed(caller, "home"), ask.done), "settings/home.html")


class WidgetAsk(Model):
    """`do`: "up:results", "down:family", "hide:security", "show:interpreter"; "up:family:results"
    is up past the results, whatever stands between."""

    do: str = Field(pattern="^(up|down|hide|show):[a-z-]{1,30}(:[a-z-]{1,30})?$")
    return_to: Literal["", "/"] = ""


@app.action("POST", PATH, ask=WidgetAsk, view=SavedView, needs=Scope.CHANGE_SETTINGS)
def save_widgets(caller: Caller, ask: WidgetAsk) -> Answer:
    """Move, hide or show one part of home."""
    answer = saving.save_by(caller, "home", lambda before: placed(before, ask))
    return Answer(SavedView(next="/"), location="/") if ask.return_to == "/" else answer


@app.action("POST", "/settings/guide", view=SavedView, needs=Scope.CHANGE_SETTINGS)
def close_guide(caller: Caller, _ask: Model) -> Answer:
    """Take the first-visit guide off home for good."""
    saving.save(caller, "guide", is_guided=True)
    return Answer(SavedView(next="/"), location="/")


def placed(before: Preferences, ask: WidgetAsk) -> dict[str, object]:
    """A name of none of ours changes nothing."""
    how, name, *past = ask.do.split(":")
    if name not in Widget or not all(each in Widget for each in past):
        return {}
    widget, order = Widget(name), home_widgets.ordered(before.widgets)
    hidden = set(before.hidden) - {name} | ({name} if how == "hide" else set())
    at = order.index(widget) + MOVES.get(how, 0)
    to = order.index(Widget(past[0])) if past else at
    return {"widgets": moved(order, widget, to), "hidden": sorted(hidden)}


def moved(order: list[Widget], widget: Widget, to: int) -> list[Widget]:
    """At either end it stays where it is."""
    to = min(max(to, 0), len(order) - 1)
    rest = [each for each in order if each is not widget]
    return [*rest[:to], widget, *rest[to:]]


def shown(caller: Caller, chosen: Preferences, done: str) -> WidgetsView:
    word, order = pages.words(caller.language), home_widgets.ordered(chosen.widgets)
    lines = [
        WidgetLine(
            name=each.value,
            words=word(home_widgets.WORDS[each]),
            is_shown=each.value not in chosen.hidden,
            is_first=each is order[0],
            is_last=each is order[-1],
        )
        for each in order
    ]
    return WidgetsView(widgets=lines, done=done)
