"""Who works here, as the access review reads it, and signing somebody out at once."""

from datetime import UTC, datetime
from typing import Annotated

from functions.staff import wording
from functions.staff.app import app
from functions.staff.views import DoneView, PeopleView, PersonLine
from pydantic import Field

from portal import pages, staff, staff_people
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import NotFound
from portal.model import Model
from portal.moments import instant
from portal.staff_access import StaffCaller, StaffScope
from portal.staff_people import Person

PAGE_LENGTH = 50

SubjectId = Annotated[str, Field(pattern="^staff-[0-9a-f]{32}$")]


class PeopleAsk(Model):
    after: str = Field(default="", max_length=80)


@app.action("GET", "/staff/people", ask=PeopleAsk, view=PeopleView, needs=StaffScope.READ_PEOPLE)
def people(caller: StaffCaller, ask: PeopleAsk) -> Answer:
    """List who has signed in as staff, with the roles they have now."""
    staff.record(Event.STAFF_PEOPLE_LISTED, caller)
    shown, after = page_of(staff_people.everyone(), ask.after)
    lines = [line_of(each, caller.language) for each in shown]
    return Answer(PeopleView(people=lines, next=after), "staff/people.html")


def page_of(everyone: list[Person], after: str) -> tuple[list[Person], str]:
    """Nobody is ever taken from the list, so a page's end is found again; else it begins anew."""
    ids = [each.subject_id for each in everyone]
    start = ids.index(after) + 1 if after in ids else 0
    shown = everyone[start : start + PAGE_LENGTH]
    is_last = start + PAGE_LENGTH >= len(everyone)
    return shown, "" if is_last else shown[-1].subject_id


def line_of(person: Person, language: str) -> PersonLine:
    word = pages.words(language)
    return PersonLine(
        subject_id=person.subject_id,
        name=person.name,
        is_readable=person.is_readable,
        role_words=[word(wording.ROLES[each]) for each in sorted(person.roles)],
        signed_in_at=instant(datetime.fromtimestamp(person.seen_at, UTC)) if person.seen_at else "",
    )


class PersonAsk(Model):
    subject_id: SubjectId


@app.action(
    "POST",
    "/staff/people/{subject_id}/sign-out",
    ask=PersonAsk,
    view=DoneView,
    needs=StaffScope.END_PEOPLE,
)
def sign_out(caller: StaffCaller, ask: PersonAsk) -> Answer:
    """Sign a member of staff out everywhere, at once."""
    is_known = staff_people.end_sessions(ask.subject_id)
    outcome = Outcome.DONE if is_known else Outcome.REFUSED
    staff.record(Event.STAFF_SESSIONS_ENDED, caller, about=ask.subject_id, outcome=outcome)
    if not is_known:
        raise NotFound
    to = f"{staff.HOME}/people"
    return Answer(DoneView(next=to), location=to)
