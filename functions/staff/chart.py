"""What break-glass opens: a patient's results and one card, read only.

Without a grant a chart is as missing as one that never was. Each look is recorded with the grant.
"""

from functools import partial
from typing import Annotated

from functions.staff import wording
from functions.staff.app import app
from functions.staff.front_desk import PatientAsk
from functions.staff.views import ChartFrame, StaffResultLine, StaffResultsView, StaffResultView
from pydantic import Field

from portal import analytes, break_glass, pages, patients, seen, staff
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.break_glass import Grant
from portal.errors import NotFound
from portal.moments import instant
from portal.scopes import Scope
from portal.staff_access import StaffCaller, StaffScope

PAGE_LENGTH = 20


class ListAsk(PatientAsk):
    before: str = Field(default="", max_length=80)


@app.action(
    "GET",
    "/staff/patients/{patient_id}/results",
    ask=ListAsk,
    view=StaffResultsView,
    needs=StaffScope.READ_IN_EMERGENCY,
)
def list_results(caller: StaffCaller, ask: ListAsk) -> Answer:
    """List a patient's results, newest first, in an emergency."""
    grant = granted(caller, ask.patient_id, Event.RESULTS_LISTED)
    record(caller, grant, Event.RESULTS_LISTED)
    sees = partial(caller.may_see, Scope.READ_RESULTS)
    summaries, cursor = seen.results(sees, ask.patient_id, PAGE_LENGTH, ask.before)
    word = pages.words(caller.language)
    lines = [
        StaffResultLine(
            report_id=each.report_id,
            title=analytes.title(each.panel_code, each.lab_title, word),
            lab_title=each.lab_title,
            status=each.status,
            status_words=word(wording.STATUS[each.status]),
            collected_at=each.collected_at,
            outside=each.outside,
        )
        for each in summaries
    ]
    view = StaffResultsView(chart=frame_of(grant), results=lines, next=cursor)
    return Answer(view, "staff/results.html")


class ResultAsk(PatientAsk):
    report_id: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


@app.action(
    "GET",
    "/staff/patients/{patient_id}/results/{report_id}",
    ask=ResultAsk,
    view=StaffResultView,
    needs=StaffScope.READ_IN_EMERGENCY,
)
def view_result(caller: StaffCaller, ask: ResultAsk) -> Answer:
    """Show one result of a patient, in an emergency."""
    event = Event.RESULT_VIEWED
    grant = granted(caller, ask.patient_id, event, ask.report_id)
    card = seen.card(partial(caller.may_see, Scope.READ_RESULTS), ask.patient_id, ask.report_id)
    if card is None:
        record(caller, grant, event, ask.report_id, Outcome.REFUSED)
        raise NotFound
    record(caller, grant, event, ask.report_id)
    word = pages.words(caller.language)
    title = analytes.title(card.panel_code, card.lab_title, word)
    status = word(wording.STATUS[card.status])
    view = StaffResultView(
        chart=frame_of(grant),
        title=title,
        status_words=status,
        card=card,
        may_label=caller.may(StaffScope.CORRECT_LABELS),
    )
    return Answer(view, "staff/result.html")


def granted(caller: StaffCaller, patient_id: str, event: Event, about: str = "") -> Grant:
    """Raises NotFound; whose chart was tried is in that patient's trail."""
    grant = break_glass.live(patient_id, caller.subject_id)
    if grant is None:
        why, no = "no-grant", Outcome.REFUSED
        staff.record(event, caller, patient_id, about=about, why=why, outcome=no)
        raise NotFound
    return grant


def record(
    caller: StaffCaller,
    grant: Grant,
    event: Event,
    about: str = "",
    outcome: Outcome = Outcome.DONE,
) -> None:
    why, under = break_glass.WHY, grant.grant_id
    staff.record(
        event, caller, grant.patient_id, about=about, why=why, outcome=outcome, grant=under
    )


def frame_of(grant: Grant) -> ChartFrame:
    patient = patients.with_id(grant.patient_id)
    return ChartFrame(
        patient_id=grant.patient_id,
        name=f"{patient.given} {patient.family}" if patient else "",
        born_on=patient.birth_on.isoformat() if patient else "",
        ends_at=instant(grant.ends_at),
    )
