"""The consents of a person, as a page shows them."""

from functions.privacy.people import Person
from functions.privacy.views import (
    AnswerGiven,
    ConsentView,
    PersonView,
    PrivacyView,
    TextedPhoneView,
)

from portal import consent_rules, consents, languages, pages, text_stops, wordings
from portal.access import Caller
from portal.consent_rules import Decision, State
from portal.moments import instant, now
from portal.settings import settings
from portal.text_stops import Word
from portal.wordings import Wording


def shown(caller: Caller, people: list[Person], done: str) -> PrivacyView:
    return PrivacyView(
        region=consents.region(),
        people=[_person(caller, each) for each in people],
        phone=_phone(people[0].patient.phone),
        done=done,
    )


def words_of(wording: Wording, language: str) -> tuple[str, str]:
    """Title and text as this reader sees them."""
    word, clinic = pages.words(language), settings().portal_name
    return word(wording.title), word(wording.text).replace("{clinic}", clinic)


def _original(wording: Wording, language: str) -> str:
    if pages.is_reviewed(language, wording.text):
        return ""
    return words_of(wording, languages.ENGLISH.code)[1]


def _phone(phone: str) -> TextedPhoneView | None:
    said = text_stops.latest(phone) if phone else None
    return TextedPhoneView(is_stopped=said.word is Word.STOP, said_at=said.at) if said else None


def _person(caller: Caller, person: Person) -> PersonView:
    history = consents.history(person.patient.patient_id)
    asked = wordings.current(consents.region(), now().date())
    return PersonView(
        child=person.grant_id,
        name=f"{person.patient.given} {person.patient.family}" if person.grant_id else "",
        mark=person.mark,
        consents=[
            _consent(caller, person, wording, history.get(purpose, []))
            for purpose, wording in asked.items()
        ],
    )


def _consent(
    caller: Caller, person: Person, wording: Wording, history: list[Decision]
) -> ConsentView:
    title, text = words_of(wording, caller.language)
    last = history[0] if history else None
    ends_at = consent_rules.end_of(last, consents.agreed_to(last)) if last else None
    return ConsentView(
        purpose=wording.purpose,
        title=title,
        text=text,
        original=_original(wording, caller.language),
        wording=wording.version,
        needs=sorted(wording.needs),
        law=wording.law,
        state=_state(person, wording, last),
        decided_at=instant(last.decided_at) if last else "",
        ends_at=instant(ends_at) if last and last.is_given and ends_at else "",
        seen=last.number if last else 0,
        may_give=_may_give(person, wording),
        history=[_answer(caller, each) for each in history],
    )


def _state(person: Person, wording: Wording, last: Decision | None) -> State:
    contact = consents.contact_of(person.patient, wording.contact)
    return consent_rules.state_of(last, consents.agreed_to(last), wording, contact, now())


def _may_give(person: Person, wording: Wording) -> bool:
    birth_on, on = person.patient.birth_on, now().date()
    is_young = consent_rules.guardian_decides(birth_on, wording.region, on)
    return bool(person.grant_id) or not is_young


def _answer(caller: Caller, decision: Decision) -> AnswerGiven:
    return AnswerGiven(
        is_given=decision.is_given,
        decided_at=instant(decision.decided_at),
        by="you" if decision.by == caller.subject_id else decision.source.value,
        wording=decision.wording,
        title=decision.title,
        text=decision.text,
        language=decision.language,
    )
