"""Search over the record that is open: by everyday and by medical words. What is typed is about
somebody's health: it travels in a form's body, and stays in no address, log or trail."""

from functools import partial
from typing import Any

from functions.home import widgets
from functions.home.app import app
from functions.home.views import SearchView
from pydantic import Field

from portal import audit, pages, searching
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event
from portal.errors import BadInput
from portal.model import Model
from portal.scopes import Scope
from portal.web import NoAsk

PATH = "/search"
PAGE = "home/search.html"
MOST = 20
LONGEST = 100


@app.action("GET", PATH, view=SearchView, needs=Scope.READ_RESULTS)
def search_form(caller: Caller, _ask: NoAsk) -> Answer:
    """Ask what to look for."""
    audit.record(Event.RECORD_SEARCHED, caller, about="form")
    return Answer(SearchView(), PAGE)


class SearchAsk(Model):
    q: str = Field(default="", max_length=1000)


def search_again(_caller: Caller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    typed = str(fields.get("q", ""))[:LONGEST]
    return Answer(SearchView(words=typed, errors=errors), PAGE, status=400)


@app.action(
    "POST", PATH, ask=SearchAsk, view=SearchView, needs=Scope.READ_RESULTS, again=search_again
)
def search(caller: Caller, ask: SearchAsk) -> Answer:
    """Look for results by their names."""
    words = " ".join(ask.q.split())
    _ = pages.words(caller.language)
    if not searching.terms_of(words):
        raise BadInput({"q": _("Type what you look for, such as blood sugar.")})
    if len(words) > LONGEST:
        raise BadInput({"q": _("Use at most 100 letters.")})
    audit.record(Event.RECORD_SEARCHED, caller)
    sees = partial(caller.may_see, Scope.READ_RESULTS)
    found = searching.found(sees, caller.patient_id, words, caller.language, MOST + 1)
    lines = [widgets.new_result(each, caller.language) for each in found[:MOST]]
    view = SearchView(words=words, has_asked=True, found=lines, has_more=len(found) > MOST)
    return Answer(view, PAGE)
