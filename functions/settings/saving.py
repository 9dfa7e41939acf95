"""How a choice is saved: one more version of the person's preferences with its audit row, and the
page again with a word that it is done."""

from collections.abc import Iterable

from functions.settings.views import SavedView

from portal import audit, preferences
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event
from portal.preferences import Choose, Preferences
from portal.tables import AuditRow, CareRow


def viewed(caller: Caller, page: str) -> Preferences:
    """What holds now; that it was looked at is recorded."""
    audit.record(Event.SETTINGS_VIEWED, caller, about=page)
    return preferences.of(caller.subject_id)


def save(caller: Caller, page: str, **choices: object) -> Answer:
    return save_by(caller, page, lambda _: choices)


def save_by(caller: Caller, page: str, choose: Choose, owed: Iterable[CareRow] = ()) -> Answer:
    """For a choice that builds on what held before."""
    entry = entry_of(caller, Event.SETTINGS_CHANGED, page)
    preferences.change(caller.subject_id, entry, choose, owed)
    return saved(page)


def saved(page: str, done: str = "yes") -> Answer:
    where = f"/settings/{page}?done={done}"
    return Answer(SavedView(next=where), location=where)


def entry_of(caller: Caller, event: Event, about: str) -> AuditRow:
    """In the trail of the person, whatever record is open."""
    return audit.row(
        event,
        actor=caller.subject_id,
        patient_id=caller.subject_id,
        about=about,
        request_id=caller.request_id,
        source=caller.source,
    )
