"""What the reader is told of, by which ways, and when they want quiet."""

import re
from typing import Any, Literal

from functions.settings import saving
from functions.settings.app import DoneAsk, app, me
from functions.settings.views import NoticesView, SavedView, TopicView
from pydantic import Field

from portal import dates, languages, outbox, pages, preferences
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event
from portal.errors import BadInput
from portal.model import Model
from portal.moments import fresh_id
from portal.outbox import Audience
from portal.preferences import Channel, Preferences, Topic
from portal.scopes import Scope
from portal.tables import CareRow
from portal.topics import REACHING

PATH = "/settings/notices"
PAGE = "settings/notices.html"
CLOCK = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


TOPICS: dict[Topic, tuple[str, str]] = {
    Topic.RESULTS: (N_("New results"), N_("That a lab or test result is in your record.")),
    Topic.FAMILY: (
        N_("People you help"),
        N_("News in a record you help with, and answers to access you asked for."),
    ),
    Topic.ACCESS: (
        N_("Birthdays that change access"),
        N_("That a child turns 12 or 18 soon, and who sees the record changes."),
    ),
    Topic.SECURITY: (
        N_("Safety of your account"),
        N_("New devices, changed ways to sign in, and who can open your record."),
    ),
}


@app.action("GET", PATH, ask=DoneAsk, view=NoticesView, needs=Scope.READ_SETTINGS)
def show_notices(caller: Caller, ask: DoneAsk) -> Answer:
    """Show what the reader is told of, and how."""
    return Answer(shown(caller, saving.viewed(caller, "notices"), done=ask.done), PAGE)


class TopicAsk(Model):
    topic: Topic
    email: Literal["", "yes"] = ""
    sms: Literal["", "yes"] = ""
    push: Literal["", "yes"] = ""

    @property
    def channels(self) -> tuple[Channel, ...]:
        return tuple(each for each in Channel if getattr(self, each.value))


def topic_again(caller: Caller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    view, topic = shown(caller, preferences.of(caller.subject_id)), str(fields["topic"])
    typed = [each.value for each in Channel if fields.get(each.value)]
    said = {"error": next(iter(errors.values())), "channels": typed}
    lines = [each.model_copy(update=said if each.topic == topic else {}) for each in view.topics]
    more = {"topics": lines, "errors": {topic: said["error"]}}
    return Answer(view.model_copy(update=more), PAGE, status=400)


@app.action(
    "POST",
    f"{PATH}/{{topic}}",
    ask=TopicAsk,
    view=SavedView,
    needs=Scope.CHANGE_SETTINGS,
    again=topic_again,
)
def save_topic(caller: Caller, ask: TopicAsk) -> Answer:
    """Tell the reader of this topic by these ways only."""
    if ask.topic is Topic.SECURITY and not REACHING & set(ask.channels):
        _ = pages.words(caller.language)
        advice = _("Keep e-mail or text messages on. News about your safety must reach you.")
        raise BadInput({"channels": advice})
    return saving.save_by(
        caller,
        "notices",
        lambda before: {"chosen": {**before.chosen, ask.topic: ask.channels}},
        owed(preferences.of(caller.subject_id), ask),
    )


def owed(before: Preferences, ask: TopicAsk) -> list[CareRow]:
    """Who closes a way for security news is told by every way, that one too: it may be a thief."""
    gone = before.channels(ask.topic) & REACHING - set(ask.channels)
    if ask.topic is not Topic.SECURITY or not gone:
        return []
    key = f"{Event.NOTICES_NARROWED.value}#{fresh_id()}"
    return [outbox.row(before.patient_id, key, Audience.ACCOUNT)]


class QuietAsk(Model):
    quiet_from: str = Field(default="", max_length=10)
    quiet_to: str = Field(default="", max_length=10)


def quiet_again(caller: Caller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    view = shown(caller, preferences.of(caller.subject_id))
    typed = {each: str(fields.get(each, ""))[:10] for each in QuietAsk.model_fields}
    return Answer(view.model_copy(update={**typed, "errors": errors}), PAGE, status=400)


@app.action(
    "POST",
    "/settings/quiet-hours",
    ask=QuietAsk,
    view=SavedView,
    needs=Scope.CHANGE_SETTINGS,
    again=quiet_again,
)
def save_quiet_hours(caller: Caller, ask: QuietAsk) -> Answer:
    """Hold back between these hours what can wait; both empty for no quiet hours."""
    said = {"quiet_from": ask.quiet_from, "quiet_to": ask.quiet_to}
    if any(said.values()):
        _ = pages.words(caller.language)
        advice = _("Write a time like 22:00, or leave both empty.")
        if wrong := {name: advice for name, at in said.items() if not CLOCK.fullmatch(at)}:
            raise BadInput(wrong)
        if ask.quiet_from == ask.quiet_to:
            raise BadInput({"quiet_to": _("Choose an end that is not the start.")})
    return saving.save(caller, "notices", **said)


def shown(caller: Caller, chosen: Preferences, *, done: str = "") -> NoticesView:
    patient, word = me(caller), pages.words(caller.language)
    locale = languages.language(caller.language).locale
    return NoticesView(
        topics=[line(each, chosen, *map(word, words)) for each, words in TOPICS.items()],
        has_email=bool(patient.email),
        has_phone=bool(patient.phone),
        quiet_from=chosen.quiet_from,
        quiet_to=chosen.quiet_to,
        zone=dates.zone(str(chosen.zone), locale),
        done=done,
    )


def line(topic: Topic, chosen: Preferences, words: str, about: str) -> TopicView:
    on = chosen.channels(topic)
    return TopicView(
        topic=topic.value,
        words=words,
        about=about,
        channels=[each.value for each in Channel if each in on],
        is_needed=topic is Topic.SECURITY,
        is_silent=not on,
    )
