"""The room a person decides in what may be done with their data, one purpose at a time."""

from typing import Literal

from functions.privacy.people import Person, oneself, people, person_of
from functions.privacy.showing import shown, words_of
from functions.privacy.views import DecidedView, PrivacyView
from pydantic import Field

from portal import audit, consent_rules, consents, pages, wordings
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.consent_rules import Source
from portal.consents import Choice
from portal.errors import BadInput, Conflict, NotFound
from portal.model import Model
from portal.moments import now
from portal.scopes import Scope
from portal.tables import AuditRow
from portal.web import Room
from portal.wordings import Purpose, Wording

app = Room("privacy")

PAGE = "/privacy"


class PrivacyAsk(Model):
    done: str = Field(default="", max_length=20)


@app.action("GET", PAGE, ask=PrivacyAsk, view=PrivacyView, needs=Scope.READ_CONSENTS)
def privacy(caller: Caller, ask: PrivacyAsk) -> Answer:
    """Show what was asked, what was answered and when, in the words that were read."""
    audit.record(Event.CONSENTS_VIEWED, caller)
    everybody = [oneself(caller), *people(caller)]
    for person in everybody[1:]:
        audit.save(_entry(Event.CONSENTS_VIEWED, caller, person))
    return Answer(shown(caller, everybody, ask.done), "privacy/privacy.html")


class DecisionAsk(Model):
    """`wording` and `seen` are what the page showed. `child` is the grant a parent or guardian has
    on the child's record; "" for oneself."""

    purpose: Purpose
    decision: Literal["give", "withdraw"]
    wording: int = 0
    seen: int = 0
    child: str = Field(default="", max_length=64)


@app.action(
    "POST",
    "/privacy/consents/{purpose}",
    ask=DecisionAsk,
    view=DecidedView,
    needs=Scope.CHANGE_CONSENTS,
)
def decide(caller: Caller, ask: DecisionAsk) -> Answer:
    """Say yes or no to one purpose, or take a yes back."""
    person = person_of(caller, ask.child)
    wording = wordings.current(consents.region(), now().date()).get(ask.purpose)
    if wording is None:
        raise NotFound
    is_given = ask.decision == "give"
    if is_given:
        _check_yes(caller, ask, person, wording)
    event = Event.CONSENT_GIVEN if is_given else Event.CONSENT_WITHDRAWN
    entry = _entry(event, caller, person, about=f"{wording.purpose}/{wording.version}")
    consents.decide(person.patient.patient_id, _choice(caller, ask, person, wording), entry)
    done = "given" if is_given else "withdrawn"
    where = f"{PAGE}?done={done}#{person.mark}{wording.purpose}"
    return Answer(DecidedView(purpose=wording.purpose, done=done), location=where)


def _check_yes(caller: Caller, ask: DecisionAsk, person: Person, wording: Wording) -> None:
    """Raises BadInput where somebody else decides for them; Conflict when the words changed."""
    birth_on, on = person.patient.birth_on, now().date()
    if not person.grant_id and consent_rules.guardian_decides(birth_on, wording.region, on):
        why, no = "guardian-decides", Outcome.REFUSED
        audit.record(Event.CONSENT_GIVEN, caller, about=wording.purpose, why=why, outcome=no)
        _ = pages.words(caller.language)
        raise BadInput({"decision": _("Your parent or guardian decides this for you.")})
    if ask.wording != wording.version:
        raise Conflict


def _choice(caller: Caller, ask: DecisionAsk, person: Person, wording: Wording) -> Choice:
    title, text = words_of(wording, caller.language)
    return Choice(
        wording,
        is_given=ask.decision == "give",
        seen=ask.seen,
        by=caller.subject_id,
        title=title,
        text=text,
        language=caller.language,
        source=Source.GUARDIAN if person.grant_id else Source.PERSON,
        contact=consents.contact_of(person.patient, wording.contact),
    )


def _entry(event: Event, caller: Caller, person: Person, about: str = "") -> AuditRow:
    return audit.row(
        event,
        actor=caller.subject_id,
        patient_id=person.patient.patient_id,
        about=about,
        why=f"as-{person.kind}" if person.grant_id else "patient-request",
        request_id=caller.request_id,
        source=caller.source,
        grant=person.grant_id,
    )
