"""Which sensitive segments a result belongs to, corrected: who else may see it follows from that.

A clinician needs the chart opened (break-glass). The privacy officer sees no result, not even what
was tested: they go by the day, and by what the patient tells them.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from functions.staff import label_views
from functions.staff.app import app
from functions.staff.front_desk import PatientAsk, known, page_of
from functions.staff.label_views import LabelLine, LabelsView, ResultLabelsView
from functions.staff.views import DoneView
from pydantic import Field

from portal import audit, break_glass, labels, pages, published, segment_words, staff
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.break_glass import Grant
from portal.errors import BadInput, NotFound
from portal.patients import Patient
from portal.published import Published
from portal.roles import Role
from portal.sensitivity import Segment
from portal.staff_access import StaffCaller, StaffScope
from portal.tables import AuditRow

PAGE_LENGTH = 20
SHORTEST = 10  # letters of a reason

Tick = Annotated[str, Field(pattern="^(yes)?$")]


@dataclass(frozen=True)
class Opened:
    """Whose record it is. Without a grant, only its labels."""

    patient: Patient
    grant: Grant | None

    def entry(self, event: Event, caller: StaffCaller, about: str = "") -> AuditRow:
        why, under = (break_glass.WHY, self.grant.grant_id) if self.grant else (staff.WORK, "")
        return staff.entry(
            event, caller, self.patient.patient_id, about=about, why=why, grant=under
        )


def opened(caller: StaffCaller, patient_id: str, event: Event, about: str = "") -> Opened:
    """Raises NotFound; whose record was tried is in that patient's trail."""
    patient = known(caller, patient_id, event)
    grant = break_glass.live(patient.patient_id, caller.subject_id)
    if grant is None and Role.PRIVACY_OFFICER not in caller.roles:
        refused(caller, patient, event, about, "no-grant")
        raise NotFound
    return Opened(patient, grant)


def refused(caller: StaffCaller, patient: Patient, event: Event, about: str, why: str) -> None:
    no = Outcome.REFUSED
    staff.record(event, caller, patient.patient_id, about=about, why=why, outcome=no)


class ListAsk(PatientAsk):
    before: str = Field(default="", max_length=80)


@app.action(
    "GET",
    "/staff/patients/{patient_id}/labels",
    ask=ListAsk,
    view=LabelsView,
    needs=StaffScope.CORRECT_LABELS,
)
def list_labels(caller: StaffCaller, ask: ListAsk) -> Answer:
    """List a patient's results by day with their labels, newest first."""
    at = opened(caller, ask.patient_id, Event.LABELS_LISTED)
    audit.save(at.entry(Event.LABELS_LISTED, caller))
    found, cursor = published.listed(at.patient.patient_id, PAGE_LENGTH, ask.before)
    word = pages.words(caller.language)
    lines = [label_views.line(each, word, has_title=bool(at.grant)) for each, _ in found]
    whose = label_views.whose(at.patient)
    return Answer(LabelsView(**whose, results=lines, next=cursor), "staff/labels.html")


class ResultLabelsAsk(PatientAsk):
    report_id: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


@app.action(
    "GET",
    "/staff/patients/{patient_id}/results/{report_id}/labels",
    ask=ResultLabelsAsk,
    view=ResultLabelsView,
    needs=StaffScope.CORRECT_LABELS,
)
def view_labels(caller: StaffCaller, ask: ResultLabelsAsk) -> Answer:
    """Show the labels of one result, and who changed them."""
    return Answer(shown(caller, ask), "staff/result_labels.html")


def shown(caller: StaffCaller, ask: ResultLabelsAsk, **typed: Any) -> ResultLabelsView:
    event = Event.LABELS_VIEWED
    at = opened(caller, ask.patient_id, event, ask.report_id)
    found = card_of(caller, at, ask.report_id, event)
    audit.save(at.entry(event, caller, ask.report_id))
    word, there = pages.words(caller.language), found.card.segments
    told = labels.of_report(at.patient.patient_id, ask.report_id)
    return ResultLabelsView(
        **label_views.whose(at.patient),
        result=label_views.line(found.card, word, has_title=bool(at.grant)),
        labels=[
            LabelLine(field=field_of(each), words=word(words), is_on=each in there)
            for each, words in segment_words.WORDS.items()
        ],
        corrections=[label_views.correction(each, word) for each in reversed(told)],
        seen=found.revision,
        is_open=at.grant is not None,
        is_empty=found.card.is_wrong_patient,
        **typed,
    )


def card_of(caller: StaffCaller, at: Opened, report_id: str, event: Event) -> Published:
    """Raises NotFound."""
    found = published.find(at.patient.patient_id, report_id)
    if found is None:
        refused(caller, at.patient, event, report_id, "not-found")
        raise NotFound
    return found


def field_of(segment: Segment) -> str:
    return segment.name.lower()


class CorrectAsk(ResultLabelsAsk):
    """`seen`: the revision of the card that was looked at. The others: the ticked labels."""

    seen: int = Field(default=0, ge=0)
    why: str = Field(default="", max_length=1000)
    reproductive: Tick = ""
    sexual_health: Tick = ""
    mental_health: Tick = ""
    substance_use: Tick = ""
    genetic: Tick = ""
    psychotherapy: Tick = ""
    abuse: Tick = ""

    @property
    def wanted(self) -> frozenset[Segment]:
        return frozenset(each for each in Segment if getattr(self, field_of(each)))


def correct_again(caller: StaffCaller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    ask = ResultLabelsAsk.model_validate(fields)
    typed = str(fields.get("why", ""))[:1000]
    return Answer(
        shown(caller, ask, why=typed, errors=errors), "staff/result_labels.html", status=400
    )


@app.action(
    "POST",
    "/staff/patients/{patient_id}/results/{report_id}/labels",
    ask=CorrectAsk,
    view=DoneView,
    needs=StaffScope.CORRECT_LABELS,
    again=correct_again,
)
def correct(caller: StaffCaller, ask: CorrectAsk) -> Answer:
    """Put labels on a result or take them off, with the reason. It counts at once."""
    event = Event.LABELS_CORRECTED
    at = opened(caller, ask.patient_id, event, ask.report_id)
    found = card_of(caller, at, ask.report_id, event)
    _, why = pages.words(caller.language), ask.why.strip()
    if len(why) < SHORTEST:
        raise BadInput({"why": _("Say in a sentence why the labels were wrong.")})
    if found.card.is_wrong_patient or ask.wanted == set(found.card.segments):
        raise BadInput({"labels": _("Change a label first.")})
    patient_id = at.patient.patient_id
    made = labels.correction(patient_id, found.card, ask.wanted, caller.subject_id, why)
    entry = at.entry(event, caller, ask.report_id)
    if found.revision != ask.seen or not labels.correct(patient_id, found, made, entry):
        refused(caller, at.patient, event, ask.report_id, "too-late")
        raise BadInput({"labels": _("The result changed in between. Look at it again.")})
    to = f"{page_of(patient_id)}/results/{ask.report_id}/labels"
    return Answer(DoneView(next=to), location=to)
