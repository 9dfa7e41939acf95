"""The staff room: what there is to look at, and who may see it. Patients' sessions count nowhere
here, and staff's nowhere else."""

from typing import Any

from functions.staff import wording
from functions.staff.views import DoneView, ReviewLine, RoomView
from pydantic import BaseModel

from portal import cookies, pages, reviews, staff, staff_people, staff_sessions
from portal.answers import Answer
from portal.audit import Event
from portal.reviews import Review
from portal.staff_access import StaffCaller, StaffScope
from portal.web import Room

app = Room("staff")


@app.action("GET", "/staff", view=RoomView, needs=StaffScope.READ_ROOM)
def room(caller: StaffCaller, _ask: BaseModel) -> Answer:
    """Show what there is to do, the most urgent first."""
    staff.record(Event.STAFF_ROOM_VIEWED, caller)
    return Answer(room_of(caller), "staff/room.html")


def room_of(caller: StaffCaller, **typed: Any) -> RoomView:
    word = pages.words(caller.language)
    may_work = caller.may(StaffScope.WORK_REVIEWS)
    waiting = reviews.waiting(caller.subject_id, caller.roles) if may_work else []
    return RoomView(
        name=caller.name,
        role_words=[word(wording.ROLES[each]) for each in sorted(caller.roles)],
        reviews=[line_of(caller, each) for each in waiting],
        may_find=caller.may(StaffScope.FIND_PATIENTS),
        may_read_people=caller.may(StaffScope.READ_PEOPLE),
        **typed,
    )


def line_of(caller: StaffCaller, review: Review) -> ReviewLine:
    word = pages.words(caller.language)
    owner = staff_people.of(review.owner)
    return ReviewLine(
        review_id=review.review_id,
        words=word(wording.REVIEWS.get(review.event, wording.OTHER_REVIEW)),
        state=review.state,
        asked_at=review.asked_at,
        due_at=review.due_at,
        is_overdue=review.is_overdue,
        owner_name=owner.name if owner else "",
        is_mine=review.owner == caller.subject_id,
    )


@app.action("POST", "/staff/sign-out", view=DoneView, needs=StaffScope.END_SESSION)
def sign_out(caller: StaffCaller, _ask: BaseModel) -> Answer:
    """End this session. It comes before its audit row: nobody stays signed in because the trail is
    down."""
    staff_sessions.end(caller.staff_cookie)
    staff.record(Event.STAFF_SIGNED_OUT, caller)
    to = f"{staff.HOME}/sign-in?because=out"
    return Answer(DoneView(next=to), location=to, cookies=(cookies.gone("staff"),))


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
