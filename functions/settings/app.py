"""A person's own settings. So far: the language of the pages."""

from pydantic import BaseModel, Field

from portal import audit, cookies, languages
from portal.access import Visitor
from portal.answers import Answer
from portal.audit import Event
from portal.paths import own_path
from portal.web import Room

app = Room("settings")

ONE_YEAR_SECONDS = 365 * 24 * 3600


class LanguageAsk(BaseModel):
    language: str = Field(max_length=12)
    return_to: str = Field(default="/", max_length=500)


class LanguageView(BaseModel):
    language: str


@app.action("POST", "/settings/language", ask=LanguageAsk, view=LanguageView, needs=None)
def choose_language(visitor: Visitor, ask: LanguageAsk) -> Answer:
    """Show the pages in this language from now on."""
    language = languages.negotiated(cookie=ask.language)
    audit.record(Event.LANGUAGE_CHOSEN, visitor, about=language)
    chosen = cookies.kept("lang", language, max_age=ONE_YEAR_SECONDS)
    return Answer(
        LanguageView(language=language), location=own_path(ask.return_to), cookies=(chosen,)
    )


from functions.settings import offline, passkeys, push, security  # noqa: E402, F401 - their routes join the room's
