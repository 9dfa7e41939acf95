"""A request to act for somebody by law, as staff see it: who asks, for whom, what record fits."""

from datetime import date
from typing import Any

from functions.staff.app import app
from functions.staff.proxy_views import Choice, ProxyRequestView, Side
from functions.staff.proxy_wording import KINDS, PROOFS
from functions.staff.reviewing import ReviewAsk, theirs

from portal import ages, pages, patients, proxies, proxy_requests, reviews, staff
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import NotFound
from portal.granting import GrantKind
from portal.moments import now
from portal.patients import Patient
from portal.proofing import Claim
from portal.proxy_requests import Request, State
from portal.reviews import Review
from portal.staff_access import StaffCaller, StaffScope

PATH = f"{staff.HOME}/proxies/{{review_id}}"


@app.action("GET", PATH, ask=ReviewAsk, view=ProxyRequestView, needs=StaffScope.DECIDE_PROXIES)
def view_request(caller: StaffCaller, ask: ReviewAsk) -> Answer:
    """Show who asks for whose record."""
    return Answer(shown(caller, ask.review_id), "staff/proxy_request.html")


def shown(caller: StaffCaller, review_id: str, **typed: Any) -> ProxyRequestView:
    review, request = asked(caller, review_id, Event.PROXY_REQUEST_VIEWED)
    found = matching(request)
    for patient_id in {request.holder_id, *(each.patient_id for each in found)}:
        staff.record(Event.PROXY_REQUEST_VIEWED, caller, patient_id, about=request.request_id)
    word, asker = pages.words(caller.language), patients.with_id(request.holder_id)
    if asker is None:
        raise NotFound
    return ProxyRequestView(
        review_id=review_id,
        kind_words=word(KINDS[request.kind]),
        asker=side(asker.patient_id, proxies.full_name(asker), asker.birth_on),
        typed=side("", f"{request.given} {request.family}", request.born_on),
        identifier=request.identifier,
        relationship=request.relationship,
        statement=request.statement,
        records=[side(each.patient_id, proxies.full_name(each), each.birth_on) for each in found],
        fits=[fits(request, each) for each in found] == [True],
        is_open=request.state is State.WAITING,
        may_decide=is_mine(caller, review),
        proofs=[Choice(name=each, words=word(text)) for each, text in PROOFS.items()],
        **typed,
    )


def asked(caller: StaffCaller, review_id: str, event: Event) -> tuple[Review, Request]:
    """Raises NotFound."""
    review = theirs(caller, review_id, event)
    found = proxy_requests.find(review.patient_id, review.detail)
    if review.event != Event.PROXY_ASKED or found is None:
        why, no = "not-found", Outcome.REFUSED
        staff.record(event, caller, review.patient_id, about=review.number, why=why, outcome=no)
        raise NotFound
    return review, found


def matching(request: Request) -> list[Patient]:
    """Looked up at this moment, and by staff alone."""
    from portal import patient_search, proofing

    names = {"given": request.given, "family": request.family, "identifier": request.identifier}
    claim = Claim(**names, born_on=request.born_on, address="")
    found = patient_search.with_number(request.identifier)
    return [each for each in found if each.has_record and proofing.agrees(each, claim)]


def fits(request: Request, patient: Patient) -> bool:
    if patient.patient_id == request.holder_id:
        return False
    if request.kind is GrantKind.ESTATE:
        return patient.is_deceased
    is_grown = ages.age_on(patient.birth_on, now().date()) >= ages.ADULT
    return not patient.is_deceased and not (request.kind is GrantKind.PARENT and is_grown)


def is_mine(caller: StaffCaller, review: Review) -> bool:
    return review.state == reviews.TAKEN and review.owner == caller.subject_id


def side(patient_id: str, name: str, born_on: date) -> Side:
    age = ages.age_on(born_on, now().date())
    return Side(patient_id=patient_id, name=name, born_on=born_on.isoformat(), age=age)
