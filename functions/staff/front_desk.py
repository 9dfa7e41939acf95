"""Finding a patient who stands at the desk, and opening their account when their card was seen."""

from typing import Annotated, Any

from functions.staff.app import app, room_of
from functions.staff.views import DeskCodeView, DoneView, PatientView
from pydantic import Field

from portal import break_glass, pages, patient_search, patients, staff, throttles
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import BadInput, NotFound
from portal.model import Model
from portal.moments import instant
from portal.patients import Patient
from portal.roles import Role
from portal.settings import settings
from portal.staff_access import StaffCaller, StaffScope

FINDS_PER_PERSON = 60  # in a quarter of an hour: a busy desk, not a list
ACTIVATIONS_PER_PERSON = 30

PatientId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class FindAsk(Model):
    authority: str = Field(default="", max_length=60)
    number: str = Field(default="", max_length=60)


def find_again(caller: StaffCaller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    typed = {name: str(fields.get(name, ""))[:60] for name in ("authority", "number")}
    return Answer(room_of(caller, **typed, errors=errors), "staff/room.html", status=400)


@app.action(
    "POST",
    "/staff/patients",
    ask=FindAsk,
    view=DoneView,
    needs=StaffScope.FIND_PATIENTS,
    again=find_again,
)
def find(caller: StaffCaller, ask: FindAsk) -> Answer:
    """Find a patient by record number. The number stays out of the address."""
    throttles.count(caller, "staff-find", caller.subject_id, FINDS_PER_PERSON)
    found = sought(ask.authority.strip(), ask.number.strip())
    outcome = Outcome.DONE if found else Outcome.REFUSED
    whose = found.patient_id if found else ""
    staff.record(Event.PATIENT_SOUGHT, caller, whose, outcome=outcome)
    if found is None:
        _ = pages.words(caller.language)
        advice = _("No patient has this number, or several do. Say whose number it is.")
        raise BadInput({"number": advice})
    to = page_of(found.patient_id)
    return Answer(DoneView(next=to), location=to)


def sought(authority: str, number: str) -> Patient | None:
    """Without the authority, only where the number is one patient's."""
    if not number:
        return None
    if authority:
        patient_id = patients.id_by_identifier(authority, number)
        return patients.current(patient_id) if patient_id else None
    found = patient_search.with_number(number)
    return found[0] if len(found) == 1 else None


class PatientAsk(Model):
    patient_id: PatientId


class PatientPageAsk(PatientAsk):
    done: str = Field(default="", max_length=20)


@app.action(
    "GET",
    "/staff/patients/{patient_id}",
    ask=PatientPageAsk,
    view=PatientView,
    needs=StaffScope.FIND_PATIENTS,
)
def view(caller: StaffCaller, ask: PatientPageAsk) -> Answer:
    """Show whose record it is by name and birth date, and nothing more of it."""
    patient = known(caller, ask.patient_id, Event.PATIENT_VIEWED)
    staff.record(Event.PATIENT_VIEWED, caller, patient.patient_id)
    return Answer(shown(caller, patient, done=ask.done), "staff/patient.html")


def known(caller: StaffCaller, patient_id: str, event: Event) -> Patient:
    """Whose record this is part of now. Who is not there is recorded as sought in vain."""
    found = patients.current(patient_id)
    if found is None:
        no = Outcome.REFUSED
        staff.record(event, caller, about=patient_id, why="not-found", outcome=no)
        raise NotFound
    return found


def shown(caller: StaffCaller, patient: Patient, **more: Any) -> PatientView:
    grant = break_glass.live(patient.patient_id, caller.subject_id)
    may_open = patient.may_sign_in
    return PatientView(
        patient_id=patient.patient_id,
        name=f"{patient.given} {patient.family}",
        born_on=patient.birth_on.isoformat(),
        state="active" if may_open else why_not(patient),
        may_activate=may_open and caller.may(StaffScope.GIVE_ACTIVATION),
        may_recover=may_open and caller.may(StaffScope.RECOVER_ACCOUNT),
        may_break_glass=caller.may(StaffScope.OPEN_BREAK_GLASS),
        may_read_proxies=caller.may(StaffScope.READ_PROXIES),
        may_label=Role.PRIVACY_OFFICER in caller.roles,
        emergency_ends_at=instant(grant.ends_at) if grant else "",
        **more,
    )


def why_not(patient: Patient) -> str:
    if patient.is_deceased:
        return "deceased"
    return "closed" if patient.is_closed else "child"


class ActivationAsk(PatientAsk):
    seen: str = Field(default="", pattern="^(yes)?$")
    kind: str = Field(default="desk", pattern="^(desk|paper)$")


def activate_again(caller: StaffCaller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    patient = known(caller, str(fields["patient_id"]), Event.PATIENT_VIEWED)
    staff.record(Event.PATIENT_VIEWED, caller, patient.patient_id)
    kind = "paper" if fields.get("kind") == "paper" else "desk"
    view_of = shown(caller, patient, kind=kind, seen=fields.get("seen") == "yes", errors=errors)
    return Answer(view_of, "staff/patient.html", status=400)


@app.action(
    "POST",
    "/staff/patients/{patient_id}/activation",
    ask=ActivationAsk,
    view=DeskCodeView,
    needs=StaffScope.GIVE_ACTIVATION,
    again=activate_again,
)
def activate(caller: StaffCaller, ask: ActivationAsk) -> Answer:
    """Give a patient whose identity card was seen a code to open their account with."""
    from portal import activations, qr

    throttles.count(caller, "staff-activation", caller.subject_id, ACTIVATIONS_PER_PERSON)
    patient = known(caller, ask.patient_id, Event.ACTIVATION_MADE)
    _ = pages.words(caller.language)
    if not ask.seen:
        raise BadInput({"seen": _("Look at an identity card first, and say that you did.")})
    try:
        made = activations.new(patient.patient_id, activations.Kind(ask.kind), caller.subject_id)
    except activations.TooYoung:
        advice = _("A child under 12 has no account. Open one for a parent instead.")
        raise BadInput({"seen": advice}) from None
    except activations.CannotActivate:
        raise BadInput({"seen": _("This account is closed. Nobody can open it.")}) from None
    view_of = DeskCodeView(
        patient_id=patient.patient_id,
        name=f"{patient.given} {patient.family}",
        link=made.link,
        address=f"{settings().portal_url}/activate",
        code=made.code,
        qr=qr.svg(made.link, _("QR code that opens the account")),
        ends_at=instant(made.ends_at),
        is_paper=ask.kind == "paper",
    )
    return Answer(view_of, "staff/activation.html")


def page_of(patient_id: str) -> str:
    return f"{staff.HOME}/patients/{patient_id}"
