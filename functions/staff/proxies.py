"""Who can open a patient's record, and stopping it at once (45 CFR 164.502(g)(5)): whoever is
stopped is not told, and sees it gone."""

from typing import Any

from functions.staff.app import app
from functions.staff.front_desk import PatientAsk
from functions.staff.proxy_decisions import SHORTEST
from functions.staff.proxy_views import ProxiesView, ProxyLine
from functions.staff.proxy_wording import KINDS
from functions.staff.views import DoneView
from pydantic import Field

from portal import grants, pages, patients, staff
from portal import proxies as portal_proxies
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import BadInput, NotFound
from portal.granting import Grant, GrantState
from portal.moments import instant
from portal.patients import Patient
from portal.staff_access import StaffCaller, StaffScope

PATH = f"{staff.HOME}/patients/{{patient_id}}/proxies"


@app.action("GET", PATH, ask=PatientAsk, view=ProxiesView, needs=StaffScope.READ_PROXIES)
def view_proxies(caller: StaffCaller, ask: PatientAsk) -> Answer:
    """Show who can open a patient's record, and whose record the patient can open."""
    return Answer(shown(caller, ask.patient_id), "staff/proxies.html")


def shown(
    caller: StaffCaller, patient_id: str, errors: dict[str, str] | None = None
) -> ProxiesView:
    patient = found(caller, patient_id, Event.PROXIES_VIEWED)
    staff.record(Event.PROXIES_VIEWED, caller, patient.patient_id)
    on_record = [e for e in grants.of_patient(patient_id) if e.state is not GrantState.REVOKED]
    return ProxiesView(
        patient_id=patient.patient_id,
        name=portal_proxies.full_name(patient),
        born_on=patient.birth_on.isoformat(),
        is_merged=bool(patient.replaced_by),
        proxies=[line(caller, each) for each in [*on_record, *grants.of_holder(patient_id)]],
        errors=errors or {},
    )


def found(caller: StaffCaller, patient_id: str, event: Event) -> Patient:
    """Also a record that was merged: what was granted on it did not move. Raises NotFound."""
    patient = patients.with_id(patient_id)
    if patient is None:
        no = Outcome.REFUSED
        staff.record(event, caller, about=patient_id, why="not-found", outcome=no)
        raise NotFound
    return patient


def line(caller: StaffCaller, grant: Grant) -> ProxyLine:
    may = caller.may(StaffScope.SUSPEND_PROXIES)
    return ProxyLine(
        grant_id=grant.grant_id,
        patient_name=grant.names.get("patient", ""),
        holder_name=grant.names.get("holder", ""),
        kind_words=pages.words(caller.language)(KINDS[grant.kind]),
        state=grant.state,
        ends_at=instant(grant.ends_at) if grant.ends_at else "",
        may_suspend=may and grant.state is GrantState.ACTIVE,
        may_lift=may and grant.state is GrantState.SUSPENDED,
    )


class ProxyAsk(PatientAsk):
    grant_id: str = Field(pattern="^[0-9a-f]{32}$")
    reason: str = Field(default="", max_length=1000)


def again(caller: StaffCaller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    view = shown(caller, str(fields["patient_id"]), errors)
    return Answer(view, "staff/proxies.html", status=400)


@app.action(
    "POST",
    f"{PATH}/{{grant_id}}/suspend",
    ask=ProxyAsk,
    view=DoneView,
    needs=StaffScope.SUSPEND_PROXIES,
    again=again,
)
def suspend(caller: StaffCaller, ask: ProxyAsk) -> Answer:
    """Stop somebody's access at once: abuse, neglect or danger is feared."""
    patient, grant = stoppable(caller, ask, Event.PROXY_SUSPENDED)
    portal_proxies.suspend(caller, grant, reason_of(ask, caller.language))
    return back(patient)


@app.action(
    "POST",
    f"{PATH}/{{grant_id}}/lift",
    ask=ProxyAsk,
    view=DoneView,
    needs=StaffScope.SUSPEND_PROXIES,
    again=again,
)
def lift(caller: StaffCaller, ask: ProxyAsk) -> Answer:
    """Allow an access again that staff had stopped."""
    patient, grant = stoppable(caller, ask, Event.PROXY_LIFTED)
    portal_proxies.lift(caller, grant, reason_of(ask, caller.language), patient.birth_on)
    return back(patient)


def stoppable(caller: StaffCaller, ask: ProxyAsk, event: Event) -> tuple[Patient, Grant]:
    """Raises NotFound."""
    patient = found(caller, ask.patient_id, event)
    grant = grants.find(patient.patient_id, ask.grant_id)
    if grant is None:
        no = Outcome.REFUSED
        staff.record(
            event, caller, patient.patient_id, about=ask.grant_id, why="not-found", outcome=no
        )
        raise NotFound
    return patient, grant


def reason_of(ask: ProxyAsk, language: str) -> str:
    """Raises BadInput."""
    if len(reason := ask.reason.strip()) < SHORTEST:
        _ = pages.words(language)
        raise BadInput({ask.grant_id: _("Say in a sentence why.")})
    return reason


def back(patient: Patient) -> Answer:
    to = f"{staff.HOME}/patients/{patient.patient_id}/proxies"
    return Answer(DoneView(next=to), location=to)
