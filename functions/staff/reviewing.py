"""Taking a review, and closing it with what was found. Two people at once: one is first."""

from collections.abc import Callable
from typing import Annotated, Any

from functions.staff import wording
from functions.staff.app import app, line_of, names_of
from functions.staff.views import DoneView, ReviewView
from pydantic import Field

from portal import (
    break_glass,
    interpreters,
    languages,
    pages,
    patients,
    reviews,
    staff,
    staff_people,
)
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.break_glass import Cause, Grant
from portal.errors import BadInput, Conflict, NotFound
from portal.model import Model
from portal.moments import instant
from portal.reviews import Review
from portal.staff_access import StaffCaller, StaffScope

SHORTEST = 10  # letters of a finding

ReviewId = Annotated[str, Field(pattern="^[0-9a-f]{32}-[0-9a-f]{32}$")]


class ReviewAsk(Model):
    review_id: ReviewId


@app.action(
    "GET",
    "/staff/reviews/{review_id}",
    ask=ReviewAsk,
    view=ReviewView,
    needs=StaffScope.WORK_REVIEWS,
)
def view(caller: StaffCaller, ask: ReviewAsk) -> Answer:
    """Show what is to be looked at, and whom it is about."""
    return Answer(shown(caller, ask.review_id), "staff/review.html")


def shown(caller: StaffCaller, review_id: str, errors: dict[str, str] | None = None) -> ReviewView:
    review = theirs(caller, review_id, Event.REVIEW_VIEWED)
    staff.record(Event.REVIEW_VIEWED, caller, review.patient_id, about=review.number)
    patient = patients.with_id(review.patient_id)
    by, grant, word = staff_people.of(review.staff_id), live(review), pages.words(caller.language)
    line = line_of(caller, review, names_of([review]))
    cause = review.told.get("cause")
    return ReviewView(
        line=line,
        patient_id=review.patient_id,
        patient_name=f"{patient.given} {patient.family}" if patient else "",
        staff_name=by.name if by else "",
        cause_words=word(wording.CAUSES[Cause(cause)]) if cause else "",
        words=review.told.get("words", ""),
        spoken=spoken(review, word),
        how=word(interpreters.WAYS.get(review.told.get("how", ""), "")),
        grant_id=grant.grant_id if grant else "",
        grant_ends_at=instant(grant.ends_at) if grant else "",
        finding=review.told.get("finding", ""),
        may_find=caller.may(StaffScope.FIND_PATIENTS),
        more=more_of(review),
        may_take=reviews.is_free(review),
        may_close=review.state == reviews.TAKEN and line.is_mine,
        errors=errors or {},
    )


def spoken(review: Review, word: Callable[[str], str]) -> str:
    """The language of an interpreter that was asked for: its own name, and its code."""
    code = review.told.get("language", "")
    if not code or code in interpreters.OTHERS:
        return word(interpreters.OTHERS.get(code, ""))
    return f"{languages.language(code).name} ({code})"


def more_of(review: Review) -> str:
    if review.event == Event.PROXY_ASKED:
        return f"{staff.HOME}/proxies/{review.review_id}"
    if review.event == Event.PROXIES_OF_MERGED:
        return f"{staff.HOME}/patients/{review.detail}/proxies"
    return ""


def live(review: Review) -> Grant | None:
    if review.event != Event.BREAK_GLASS_OPENED:
        return None
    grants = break_glass.all_live(review.patient_id)
    return next((each for each in grants if each.grant_id == review.detail), None)


def theirs(caller: StaffCaller, review_id: str, event: Event) -> Review:
    """Another role's review, or one about oneself, is as missing as none; the try is recorded."""
    review = reviews.find(review_id)
    if review is None or not review.is_for(caller.subject_id, caller.roles):
        no, whose = Outcome.REFUSED, review.patient_id if review else ""
        staff.record(event, caller, whose, about=review_id, why="not-found", outcome=no)
        raise NotFound
    return review


@app.action(
    "POST",
    "/staff/reviews/{review_id}/take",
    ask=ReviewAsk,
    view=DoneView,
    needs=StaffScope.WORK_REVIEWS,
)
def take(caller: StaffCaller, ask: ReviewAsk) -> Answer:
    """Take a review: nobody else closes it now."""
    review = theirs(caller, ask.review_id, Event.REVIEW_TAKEN)
    entry = staff.entry(Event.REVIEW_TAKEN, caller, review.patient_id, about=review.number)
    if not reviews.take(review, caller.subject_id, entry):
        raise too_late(caller, review, Event.REVIEW_TAKEN)
    to = f"{staff.HOME}/reviews/{review.review_id}"
    return Answer(DoneView(next=to), location=to)


class CloseAsk(ReviewAsk):
    finding: str = Field(default="", max_length=2000)


def close_again(caller: StaffCaller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    view_of = shown(caller, str(fields["review_id"]), errors)
    typed = str(fields.get("finding", ""))[:2000]
    return Answer(view_of.model_copy(update={"finding": typed}), "staff/review.html", status=400)


@app.action(
    "POST",
    "/staff/reviews/{review_id}/close",
    ask=CloseAsk,
    view=DoneView,
    needs=StaffScope.WORK_REVIEWS,
    again=close_again,
)
def close(caller: StaffCaller, ask: CloseAsk) -> Answer:
    """Close a review with what was found."""
    review = theirs(caller, ask.review_id, Event.REVIEW_CLOSED)
    finding = ask.finding.strip()
    if len(finding) < SHORTEST:
        _ = pages.words(caller.language)
        raise BadInput({"finding": _("Say in a sentence what you found and did.")})
    entry = staff.entry(Event.REVIEW_CLOSED, caller, review.patient_id, about=review.number)
    if not reviews.close(review, caller.subject_id, finding, entry):
        raise too_late(caller, review, Event.REVIEW_CLOSED)
    return Answer(DoneView(next=staff.HOME), location=staff.HOME)


def too_late(caller: StaffCaller, review: Review, event: Event) -> Conflict:
    no = Outcome.REFUSED
    staff.record(event, caller, review.patient_id, about=review.number, why="too-late", outcome=no)
    return Conflict()
