"""Whom to call, free language help, and how the portal keeps its readers safe: open to all. Who is
signed in can ask for an interpreter here, and sees what became of it."""

from typing import Any, Literal

from functions.settings import saving
from functions.settings.app import DoneAsk, app
from functions.settings.views import Choice, HelpView, InterpreterRequest, Notice, SavedView
from pydantic import Field

from portal import audit, interpreters, languages, pages, throttles
from portal.access import Caller, Visitor
from portal.answers import Answer
from portal.audit import Event
from portal.errors import BadInput, Conflict
from portal.interpreters import OTHER, SPOKEN, WAYS
from portal.languages import ENGLISH, LANGUAGES
from portal.model import Model
from portal.reviews import Review
from portal.scopes import Scope
from portal.settings import settings

PAGE = "settings/help.html"
REQUESTS_PER_PERSON = 5
LONGEST_NOTE = 500


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


FREE_HELP = N_("If you speak another language, an interpreter helps you free of charge. Call us.")


@app.action("GET", "/settings/help", ask=DoneAsk, view=HelpView, needs=None, greets=True)
def show_help(visitor: Visitor, ask: DoneAsk) -> Answer:
    """Say whom to call, how to get an interpreter, and how we keep the reader safe."""
    if isinstance(visitor, Caller):
        audit.record(Event.SETTINGS_VIEWED, visitor, about="help")
    return Answer(shown(visitor, done=ask.done), PAGE)


class InterpreterAsk(Model):
    language: str = Field(default="", max_length=20)
    how: Literal["", "phone", "video", "visit"] = ""
    note: str = Field(default="", max_length=2000)


def interpreter_again(caller: Caller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    typed = {each: str(fields.get(each, ""))[:2000] for each in InterpreterAsk.model_fields}
    return Answer(shown(caller, errors=errors, **typed), PAGE, status=400)


@app.action(
    "POST",
    "/settings/interpreter",
    ask=InterpreterAsk,
    view=SavedView,
    needs=Scope.CHANGE_SETTINGS,
    again=interpreter_again,
)
def ask_interpreter(caller: Caller, ask: InterpreterAsk) -> Answer:
    """Ask the front desk for an interpreter."""
    note = " ".join(ask.note.split())
    if errors := wrong(caller, ask, note):
        raise BadInput(errors)
    throttles.count(caller, "interpreter", caller.subject_id, REQUESTS_PER_PERSON)
    if any(each.state != "closed" for each in interpreters.of(caller.subject_id)):
        raise Conflict
    entry = saving.entry_of(caller, Event.INTERPRETER_ASKED, ask.language)
    interpreters.ask(
        caller.subject_id, {"language": ask.language, "how": ask.how, "words": note}, entry
    )
    return saving.saved("help", done="asked")


def wrong(caller: Caller, ask: InterpreterAsk, note: str) -> dict[str, str]:
    _, errors = pages.words(caller.language), {}
    if ask.language not in SPOKEN:
        errors["language"] = _("Choose a language. For one that is not listed, choose Another.")
    if not ask.how:
        errors["how"] = _("Choose how the interpreter should help you.")
    if ask.language == OTHER and not note:
        errors["note"] = _("Say which language you speak.")
    if len(note) > LONGEST_NOTE:
        errors["note"] = _("Use at most 500 letters.")
    return errors


def shown(visitor: Visitor, **more: Any) -> HelpView:
    if not (isinstance(visitor, Caller) and visitor.may(Scope.CHANGE_SETTINGS)):
        return HelpView(phone=settings().clinic_phone, notices=notices(visitor.language))
    _ = pages.words(visitor.language)
    asked = interpreters.of(visitor.subject_id)
    usual = "" if visitor.language == ENGLISH.code else visitor.language
    facts: dict[str, Any] = {"language": usual, **more}
    return HelpView(
        phone=settings().clinic_phone,
        may_ask=True,
        notices=notices(visitor.language),
        requests=[line(each, visitor) for each in asked],
        spoken=[Choice(name=code, words=name_of(code, visitor)) for code in SPOKEN],
        ways=[Choice(name=name, words=_(words)) for name, words in WAYS.items()],
        **facts,
    )


def notices(language: str) -> list[Notice]:
    """For who cannot read this page; where nobody translated it yet, none."""
    others = [each for each in LANGUAGES[1:] if each.code != language]
    said = [(each, pages.words(each.code)(FREE_HELP)) for each in others]
    return [
        Notice(language=each.code, direction=each.direction, words=words)
        for each, words in said
        if words != FREE_HELP
    ]


def line(request: Review, caller: Caller) -> InterpreterRequest:
    word = pages.words(caller.language)
    return InterpreterRequest(
        language_name=name_of(request.told.get("language", ""), caller),
        how_words=word(WAYS.get(request.told.get("how", ""), "")),
        state=request.state,
        asked_at=request.asked_at,
        due_at=request.due_at,
        is_late=request.is_overdue,
    )


def name_of(code: str, caller: Caller) -> str:
    """Our own in the language itself; sign language and others in the reader's words."""
    if code in {each.code for each in LANGUAGES}:
        return languages.language(code).name
    return pages.words(caller.language)(interpreters.OTHERS.get(code, ""))
