"""Break-glass: opening a patient's chart in an emergency (45 CFR 164.312(a)(2)(ii))."""

from typing import Any

from functions.staff import wording
from functions.staff.app import app
from functions.staff.front_desk import PatientAsk, known, page_of
from functions.staff.views import BreakGlassView, CauseLine, DoneView
from pydantic import Field

from portal import break_glass, pages, staff
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.break_glass import Cause, Grant
from portal.errors import BadInput, NotFound
from portal.roles import Role
from portal.staff_access import StaffCaller, StaffScope

SHORTEST = 10  # letters of a reason


@app.action(
    "GET",
    "/staff/patients/{patient_id}/break-glass",
    ask=PatientAsk,
    view=BreakGlassView,
    needs=StaffScope.OPEN_BREAK_GLASS,
)
def ask_reason(caller: StaffCaller, ask: PatientAsk) -> Answer:
    """Ask why a chart must be opened now."""
    return Answer(asked(caller, ask.patient_id), "staff/break_glass.html")


def asked(caller: StaffCaller, patient_id: str, **typed: Any) -> BreakGlassView:
    patient = known(caller, patient_id, Event.BREAK_GLASS_ASKED)
    staff.record(Event.BREAK_GLASS_ASKED, caller, patient.patient_id, why=break_glass.WHY)
    word = pages.words(caller.language)
    return BreakGlassView(
        patient_id=patient.patient_id,
        name=f"{patient.given} {patient.family}",
        born_on=patient.birth_on.isoformat(),
        minutes=break_glass.LIFE_SECONDS // 60,
        causes=[CauseLine(cause=each, words=word(wording.CAUSES[each])) for each in Cause],
        **typed,
    )


class OpenAsk(PatientAsk):
    cause: str = Field(default="", max_length=40)
    words: str = Field(default="", max_length=1000)


def open_again(caller: StaffCaller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    typed = {name: str(fields.get(name, ""))[:1000] for name in ("cause", "words")}
    view = asked(caller, str(fields["patient_id"]), **typed, errors=errors)
    return Answer(view, "staff/break_glass.html", status=400)


@app.action(
    "POST",
    "/staff/patients/{patient_id}/break-glass",
    ask=OpenAsk,
    view=DoneView,
    needs=StaffScope.OPEN_BREAK_GLASS,
    again=open_again,
)
def open_chart(caller: StaffCaller, ask: OpenAsk) -> Answer:
    """Open a chart for an hour. The privacy officer and the patient are told."""
    patient = known(caller, ask.patient_id, Event.BREAK_GLASS_OPENED)
    cause, words = reason(ask, caller.language)
    break_glass.open_for(caller, patient.patient_id, cause, words)
    to = f"{page_of(patient.patient_id)}/results"
    return Answer(DoneView(next=to), location=to)


def reason(ask: OpenAsk, language: str) -> tuple[Cause, str]:
    """Raises BadInput."""
    _ = pages.words(language)
    errors = {}
    if ask.cause not in set(Cause):
        errors["cause"] = _("Choose a reason.")
    if len(words := ask.words.strip()) < SHORTEST:
        errors["words"] = _("Say in a sentence what the emergency is.")
    if errors:
        raise BadInput(errors)
    return Cause(ask.cause), words


class EndAsk(PatientAsk):
    grant_id: str = Field(default="", pattern="^([0-9a-f]{32})?$")


@app.action(
    "POST",
    "/staff/patients/{patient_id}/break-glass/end",
    ask=EndAsk,
    view=DoneView,
    needs=StaffScope.END_BREAK_GLASS,
)
def end(caller: StaffCaller, ask: EndAsk) -> Answer:
    """Close a chart before its hour is over. Its opener may, and the privacy officer."""
    found = endable(caller, ask)
    if found is None or not break_glass.end(found, caller):
        why, no = "no-grant", Outcome.REFUSED
        staff.record(Event.BREAK_GLASS_ENDED, caller, ask.patient_id, why=why, outcome=no)
        raise NotFound
    return Answer(DoneView(next=staff.HOME), location=staff.HOME)


def endable(caller: StaffCaller, ask: EndAsk) -> Grant | None:
    if not ask.grant_id:
        return break_glass.live(ask.patient_id, caller.subject_id)
    is_officer = Role.PRIVACY_OFFICER in caller.roles
    for grant in break_glass.all_live(ask.patient_id):
        is_theirs = is_officer or grant.subject_id == caller.subject_id
        if grant.grant_id == ask.grant_id and is_theirs:
            return grant
    return None
