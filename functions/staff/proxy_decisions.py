"""Deciding who may act for somebody by law: yes with the proof seen, or no with a reason."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from functions.staff.app import app
from functions.staff.proxy_requests import PATH, asked, fits, is_mine, matching, shown
from functions.staff.proxy_wording import Proof
from functions.staff.reviewing import ReviewAsk, too_late
from functions.staff.views import DoneView
from pydantic import Field

from portal import grants, outbox, pages, patients, proxies, proxy_requests, reviews, staff
from portal.answers import Answer
from portal.audit import Event
from portal.errors import BadInput, NotFound
from portal.granting import EVERYTHING, Grant, GrantKind, GrantState
from portal.moments import fresh_id, now
from portal.outbox import Audience
from portal.patients import Patient
from portal.proxy_requests import Request, State
from portal.record_rules import OF_AN_ESTATE
from portal.reviews import Review
from portal.settings import settings
from portal.staff_access import StaffCaller, StaffScope

SHORTEST = 10  # letters of a reason


class DecideAsk(ReviewAsk):
    decision: Literal["approve", "deny"]
    proof: str = Field(default="", max_length=40)
    seen: str = Field(default="", pattern="^(yes)?$")
    ends_on: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=1000)


def again(caller: StaffCaller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    typed = {name: str(fields.get(name, ""))[:1000] for name in ("proof", "ends_on", "reason")}
    view = shown(caller, str(fields["review_id"]), **typed, errors=errors)
    return Answer(view, "staff/proxy_request.html", status=400)


@app.action(
    "POST", PATH, ask=DecideAsk, view=DoneView, needs=StaffScope.DECIDE_PROXIES, again=again
)
def decide(caller: StaffCaller, ask: DecideAsk) -> Answer:
    """Say yes, which opens a record to a parent, guardian or personal representative whose proof
    was seen, or no, with a reason that its asker reads."""
    if ask.decision == "approve":
        approve(caller, ask)
    else:
        deny(caller, ask)
    return Answer(DoneView(next=staff.HOME), location=staff.HOME)


def approve(caller: StaffCaller, ask: DecideAsk) -> None:
    review, request = undecided(caller, ask.review_id, Event.PROXY_APPROVED)
    proof, ends_at = checked(ask, caller.language)
    found = [each for each in matching(request) if fits(request, each)]
    if len(found) != 1:
        _ = pages.words(caller.language)
        raise BadInput({"proof": _("No one record fits this request. You can only say no.")})
    patient = found[0]
    if grants.find(patient.patient_id, request.request_id) is None:  # an earlier try died here
        grant = granted(request, patient, proof, ends_at)
        proxies.approve(caller, grant, patient.birth_on)
    decided(caller, review, replace(request, state=State.APPROVED), f"Approved: {proof}.")


def deny(caller: StaffCaller, ask: DecideAsk) -> None:
    review, request = undecided(caller, ask.review_id, Event.PROXY_DENIED)
    reason = ask.reason.strip()
    if len(reason) < SHORTEST:
        _ = pages.words(caller.language)
        raise BadInput({"reason": _("Say in a sentence why not. The person reads it.")})
    denied = replace(request, state=State.DENIED, reason=reason)
    decided(caller, review, denied, f"Denied: {reason}")


def granted(request: Request, patient: Patient, proof: Proof, ends_at: datetime | None) -> Grant:
    holder = patients.with_id(request.holder_id)
    if holder is None or not holder.may_sign_in:
        raise NotFound
    is_estate = request.kind is GrantKind.ESTATE
    return Grant(
        request.request_id,
        patient.patient_id,
        holder.patient_id,
        request.kind,
        GrantState.ACTIVE,
        OF_AN_ESTATE if is_estate else EVERYTHING,
        now(),
        may_change=True,
        ends_at=ends_at,
        names={"patient": proxies.full_name(patient), "holder": proxies.full_name(holder)},
        notes={"proof": proof, "relationship": request.relationship},
    )


def undecided(caller: StaffCaller, review_id: str, event: Event) -> tuple[Review, Request]:
    """Raises NotFound, or Conflict where it is not taken by them, or decided."""
    review, request = asked(caller, review_id, event)
    if not is_mine(caller, review) or request.state is not State.WAITING:
        raise too_late(caller, review, event)
    return review, request


def checked(ask: DecideAsk, language: str) -> tuple[Proof, datetime | None]:
    """Raises BadInput."""
    _ = pages.words(language)
    errors = {}
    if ask.proof not in set(Proof):
        errors["proof"] = _("Say which proof you saw.")
    if not ask.seen:
        errors["seen"] = _("Look at an identity card first, and say that you did.")
    ends_at = end_of(ask.ends_on)
    if ask.ends_on.strip() and (ends_at is None or ends_at <= now()):
        errors["ends_on"] = _("Choose a day that is still to come.")
    if errors:
        raise BadInput(errors)
    return Proof(ask.proof), ends_at


def end_of(typed: str) -> datetime | None:
    """The end of that day at the clinic; None for what is no day."""
    try:
        day = date.fromisoformat(typed.strip()) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    zone = ZoneInfo(settings().clinic_time_zone)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def decided(caller: StaffCaller, review: Review, request: Request, finding: str) -> None:
    """The request first: a review that is closed is not looked at again."""
    is_no = request.state is State.DENIED
    event = Event.PROXY_DENIED if is_no else Event.PROXY_APPROVED
    entry = staff.entry(event, caller, request.holder_id, about=request.request_id)
    key = f"{Event.PROXY_DENIED.value}#{fresh_id()}"
    owed = outbox.row(request.holder_id, key, Audience.ACCOUNT) if is_no else None
    proxy_requests.keep(request, entry, owed)
    closed = staff.entry(Event.REVIEW_CLOSED, caller, review.patient_id, about=review.number)
    reviews.close(review, caller.subject_id, finding, closed)
