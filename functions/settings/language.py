"""The page of languages, and the clock that times are shown by. The language itself is chosen with
the switch that stands on every page."""

from typing import Any
from zoneinfo import available_timezones

from functions.settings import saving
from functions.settings.app import DoneAsk, app
from functions.settings.views import LanguagesView, SavedView, ZoneChoice
from pydantic import Field

from portal import dates, languages, pages, preferences
from portal.access import Caller
from portal.answers import Answer
from portal.errors import BadInput
from portal.model import Model
from portal.moments import now
from portal.preferences import Preferences
from portal.scopes import Scope
from portal.settings import settings

PATH = "/settings/language"
ZONES = (  # where the clinics' patients live and travel; any other is taken, too
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix",
    "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico",
    "America/Halifax", "America/Mexico_City", "America/Port-au-Prince", "America/Bogota",
    "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Atlantic/Azores", "Europe/London",
    "Europe/Paris", "Europe/Athens", "Europe/Moscow", "Africa/Casablanca", "Africa/Lagos",
    "Africa/Cairo", "Africa/Johannesburg", "Africa/Nairobi", "Asia/Riyadh", "Asia/Dubai",
    "Asia/Karachi", "Asia/Kolkata", "Asia/Dhaka", "Asia/Bangkok", "Asia/Ho_Chi_Minh",
    "Asia/Shanghai", "Asia/Manila", "Asia/Seoul", "Asia/Tokyo", "Australia/Sydney",
    "Pacific/Auckland", "Pacific/Guam",
)  # fmt: skip


@app.action("GET", PATH, ask=DoneAsk, view=LanguagesView, needs=Scope.READ_SETTINGS)
def show_language(caller: Caller, ask: DoneAsk) -> Answer:
    """Show the languages and the time zone of the reader's pages."""
    return Answer(shown(caller, saving.viewed(caller, "language"), ask.done), PAGE)


class ZoneAsk(Model):
    time_zone: str = Field(default="", max_length=60)


def zone_again(caller: Caller, _fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    view = shown(caller, preferences.of(caller.subject_id))
    return Answer(view.model_copy(update={"errors": errors}), PAGE, status=400)


@app.action(
    "POST",
    "/settings/time-zone",
    ask=ZoneAsk,
    view=SavedView,
    needs=Scope.CHANGE_SETTINGS,
    again=zone_again,
)
def save_zone(caller: Caller, ask: ZoneAsk) -> Answer:
    """Show times by this clock from now on; by the clinic's where none is named."""
    if ask.time_zone and ask.time_zone not in available_timezones():
        _ = pages.words(caller.language)
        raise BadInput({"time_zone": _("Choose a time zone from the list.")})
    return saving.save(caller, "language", time_zone=ask.time_zone)


PAGE = "settings/language.html"


def shown(caller: Caller, chosen: Preferences, done: str = "") -> LanguagesView:
    clinics = settings().clinic_time_zone
    used = chosen.time_zone or clinics
    offered = dict.fromkeys((clinics, used, *ZONES))
    return LanguagesView(
        language=caller.language,
        is_saved=bool(chosen.language),
        time_zone=used,
        is_clinics=not chosen.time_zone,
        zones=[ZoneChoice(time_zone=each, words=words_of(each, caller)) for each in offered],
        done=done,
    )


def words_of(time_zone: str, caller: Caller) -> str:
    """ "New York, 9:41 AM": the clock on the wall tells which one is meant."""
    locale = languages.language(caller.language).locale
    return f"{dates.city(time_zone, locale)}, {dates.clock(now(), locale, time_zone)}"
