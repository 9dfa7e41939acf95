"""The staff room: what there is to look at, and who may see it. Patients' sessions count nowhere
here, and staff's nowhere else."""

from collections.abc import Iterable
from typing import Any

from functions.staff import wording
from functions.staff.views import DoneView, ReviewLine, RoomView, StaffStayView
from pydantic import Field

from portal import cookies, pages, review_queues, staff, staff_people, staff_sessions
from portal.answers import Answer
from portal.audit import Event
from portal.model import Model
from portal.reviews import Review
from portal.staff_access import StaffCaller, StaffScope
from portal.web import Room

app = Room("staff")

PAGE_LENGTH = 50
PLACE = "^([0-9T:.Z-]{24}~[0-9a-f]{32}-[0-9a-f]{32})?$"  # portal.reviews.Review.place


class RoomAsk(Model):
    after: str = Field(default="", pattern=PLACE)


@app.action("GET", "/staff", ask=RoomAsk, view=RoomView, needs=StaffScope.READ_ROOM)
def room(caller: StaffCaller, ask: RoomAsk) -> Answer:
    """Show what there is to do, the most urgent first."""
    staff.record(Event.STAFF_ROOM_VIEWED, caller)
    return Answer(room_of(caller, ask.after), "staff/room.html")


def room_of(caller: StaffCaller, after: str = "", **typed: Any) -> RoomView:
    word = pages.words(caller.language)
    may_work = caller.may(StaffScope.WORK_REVIEWS)
    waiting, rest = waiting_for(caller, after) if may_work else ([], "")
    names = names_of(waiting)
    return RoomView(
        name=caller.name,
        role_words=[word(wording.ROLES[each]) for each in sorted(caller.roles)],
        reviews=[line_of(caller, each, names) for each in waiting],
        next=rest,
        after=after,
        may_work=may_work,
        may_find=caller.may(StaffScope.FIND_PATIENTS),
        may_read_people=caller.may(StaffScope.READ_PEOPLE),
        **typed,
    )


def waiting_for(caller: StaffCaller, after: str) -> tuple[list[Review], str]:
    return review_queues.waiting(caller.subject_id, caller.roles, PAGE_LENGTH, after)


def names_of(reviews: Iterable[Review]) -> dict[str, str]:
    """Of who took them, by id: each is looked up once."""
    owners = {each.owner for each in reviews if each.owner}
    found = {each: staff_people.of(each) for each in owners}
    return {each: person.name for each, person in found.items() if person}


def line_of(caller: StaffCaller, review: Review, names: dict[str, str]) -> ReviewLine:
    word = pages.words(caller.language)
    return ReviewLine(
        review_id=review.review_id,
        words=word(wording.REVIEWS.get(review.event, wording.OTHER_REVIEW)),
        state=review.state,
        asked_at=review.asked_at,
        due_at=review.due_at,
        is_overdue=review.is_overdue,
        owner_name=names.get(review.owner, ""),
        is_mine=review.owner == caller.subject_id,
    )


@app.action("POST", "/staff/stay", view=StaffStayView, needs=StaffScope.READ_ROOM)
def stay(caller: StaffCaller, _ask: Model) -> Answer:
    """Stay signed in: somebody is still there."""
    staff.record(Event.STAFF_SESSION_KEPT, caller)
    return Answer(StaffStayView(seconds=staff_sessions.IDLE_SECONDS), location=staff.HOME)


@app.action("POST", "/staff/sign-out", view=DoneView, needs=StaffScope.END_SESSION)
def sign_out(caller: StaffCaller, _ask: Model) -> Answer:
    """End this session. It comes before its audit row: nobody stays signed in because the trail is
    down."""
    staff_sessions.end(caller.staff_cookie)
    staff.record(Event.STAFF_SIGNED_OUT, caller)
    to = f"{staff.HOME}/sign-in?because=out"
    gone = (cookies.gone("staff"),)
    return Answer(DoneView(next=to), location=to, cookies=gone, is_farewell=True)


from functions.staff import (  # noqa: E402 - their routes join the room's
    chart,  # noqa: F401
    emergency,  # noqa: F401
    front_desk,  # noqa: F401
    labels,  # noqa: F401
    people,  # noqa: F401
    proxies,  # noqa: F401
    proxy_decisions,  # noqa: F401
    recovery,  # noqa: F401
    reviewing,  # noqa: F401
    sign_in,  # noqa: F401
)
