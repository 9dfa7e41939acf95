"""Recovery by staff: what a patient lost, or somebody else holds, opens their account no more.

An identity card was seen, and whoever does it has just shown who they are. Every session ends,
every remembered device and every link under way is void, and the patient is told by every channel.
"""

from datetime import UTC, datetime
from typing import Any

from functions.staff import wording
from functions.staff.app import app
from functions.staff.front_desk import PatientAsk, known, page_of
from functions.staff.views import DoneView, RecoveryView, WayLine
from pydantic import Field

from portal import factors, outbox, pages, sessions, sso_links, staff
from portal.answers import Answer
from portal.audit import Event
from portal.errors import BadInput
from portal.methods import Method
from portal.moments import instant
from portal.passkey_rows import lookup_row
from portal.patients import Patient
from portal.staff_access import StaffCaller, StaffScope

ALL, PASSWORD, HOSPITAL = "all", "password", "hospital-"


@app.action(
    "GET",
    "/staff/patients/{patient_id}/recover",
    ask=PatientAsk,
    view=RecoveryView,
    needs=StaffScope.RECOVER_ACCOUNT,
)
def recovery(caller: StaffCaller, ask: PatientAsk) -> Answer:
    """Show the ways to sign in that a patient may have lost."""
    return Answer(shown(caller, ask.patient_id), "staff/recover.html")


def shown(caller: StaffCaller, patient_id: str, **chosen: Any) -> RecoveryView:
    patient = known(caller, patient_id, Event.RECOVERY_VIEWED)
    staff.record(Event.RECOVERY_VIEWED, caller, patient.patient_id)
    return RecoveryView(
        patient_id=patient.patient_id,
        name=f"{patient.given} {patient.family}",
        born_on=patient.birth_on.isoformat(),
        ways=ways(patient.patient_id, caller.language),
        **chosen,
    )


def ways(patient_id: str, language: str) -> list[WayLine]:
    from portal import passwords

    found = [
        way(each.factor_id, each.kind, each.created_at, language, each.name)
        for each in factors.of(patient_id)
    ]
    if kept := passwords.of(patient_id):
        found.append(way(PASSWORD, Method.PASSWORD, kept.created_at, language))
    for link in sso_links.of(patient_id):
        way_id = f"{HOSPITAL}{link.organisation_id}"
        found.append(way(way_id, Method.SSO, link.created_at, language, link.organisation_id))
    return found


def way(way_id: str, kind: Method, since: float, language: str, name: str = "") -> WayLine:
    moment = instant(datetime.fromtimestamp(since, UTC)) if since else ""
    word = pages.words(language)
    return WayLine(way_id=way_id, words=word(wording.WAYS[kind]), name=name, since=moment)


class RecoverAsk(PatientAsk):
    lost: str = Field(default="", max_length=80)
    seen: str = Field(default="", pattern="^(yes)?$")


def recover_again(caller: StaffCaller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    chosen = {"lost": str(fields.get("lost", ""))[:80], "seen": fields.get("seen") == "yes"}
    view = shown(caller, str(fields["patient_id"]), **chosen, errors=errors)
    return Answer(view, "staff/recover.html", status=400)


@app.action(
    "POST",
    "/staff/patients/{patient_id}/recover",
    ask=RecoverAsk,
    view=DoneView,
    needs=StaffScope.RECOVER_ACCOUNT,
    again=recover_again,
)
def recover(caller: StaffCaller, ask: RecoverAsk) -> Answer:
    """Take lost ways to sign in from an account, and sign it out everywhere."""
    patient = known(caller, ask.patient_id, Event.ACCOUNT_RECOVERED)
    check(caller, patient, ask)
    about = ask.lost if ask.lost == ALL else f"way:{ask.lost}"
    staff.record(Event.ACCOUNT_RECOVERED, caller, patient.patient_id, about=about)
    take_away(patient.patient_id, ask.lost)
    close_behind(patient.patient_id)
    to = f"{page_of(patient.patient_id)}?done=recovered"
    return Answer(DoneView(next=to), location=to)


def check(caller: StaffCaller, patient: Patient, ask: RecoverAsk) -> None:
    """Raises BadInput."""
    _ = pages.words(caller.language)
    errors = {}
    if not ask.seen:
        errors["seen"] = _("Look at an identity card first, and say that you did.")
    known_ways = {each.way_id for each in ways(patient.patient_id, caller.language)}
    if ask.lost not in {ALL, *known_ways}:
        errors["lost"] = _("Say which way to sign in was lost.")
    if errors:
        raise BadInput(errors)


def take_away(patient_id: str, lost: str) -> None:
    from portal import passwords

    for factor in factors.of(patient_id):
        if lost in (ALL, factor.factor_id):
            also = (lookup_row(factor),) if factor.kind is Method.PASSKEY else ()
            factors.remove(patient_id, factor, *also)
    if lost in (ALL, PASSWORD):
        passwords.remove(patient_id)
    for link in sso_links.of(patient_id):
        if lost in (ALL, f"{HOSPITAL}{link.organisation_id}"):
            sso_links.remove(patient_id, link.organisation_id)


def close_behind(patient_id: str) -> None:
    """A code for opening the account may be with whoever has the rest."""
    from portal import activations

    activations.withdraw(patient_id)
    sessions.end_all(patient_id)
    outbox.tell_account(patient_id, Event.ACCOUNT_RECOVERED)
    outbox.deliver_soon(patient_id, Event.ACCOUNT_RECOVERED)
