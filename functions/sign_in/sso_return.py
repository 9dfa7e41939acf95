"""Back from a hospital's sign-in page: who it is, whose account that opens, and a session of it."""

from typing import TYPE_CHECKING

from functions.sign_in.sso_views import HospitalChangedView, SsoRefusedView
from functions.sign_in.views import SteppedView

from portal import (
    audit,
    cookies,
    devices,
    factors,
    gate,
    organisations,
    outbox,
    patients,
    sessions,
    sso_links,
    unusual,
    user_accounts,
)
from portal.access import Caller, Visitor
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.identity_providers import Fault, Refused
from portal.methods import Assurance, Confidence, Method, assurance_of, joined
from portal.scopes import Scope

if TYPE_CHECKING:
    from portal.oidc import Finished

SIGN_IN, CONNECT = "sign-in", "connect"
STATUS = {Fault.DOWN: 503, Fault.SERVER: 503, Fault.STATE: 400, Fault.DENIED: 400}
STEP = "/sign-in/step?return_to=%2F"
HOSPITALS = "/sign-in/hospitals"


def returned(visitor: Visitor, state: str, code: str, iss: str) -> Answer:
    """Every refusal is a page that says what to do, and a row of the trail."""
    from portal import oidc

    purposes = {SIGN_IN: signed_in, CONNECT: connected}
    try:
        finished = oidc.finish(state, code, visitor.browser, iss)
        if finished.purpose not in purposes:  # another room's
            raise Refused(Fault.STATE)
        return purposes[finished.purpose](visitor, finished)
    except Refused as error:
        return refused(visitor, error)


def signed_in(visitor: Visitor, finished: "Finished") -> Answer:
    """A session of the account that this sign-in opens, or may be connected to now."""
    patient_id = owner(visitor, finished)
    methods = shown(visitor, finished, patient_id)
    audit.record(Event.SIGNED_IN, visitor, patient_id=patient_id, about=joined(methods))
    if visitor.session_cookie:
        sessions.end(visitor.session_cookie)
    cookie = sessions.open_with(patient_id, methods, visitor)
    is_whole = assurance_of(methods) is Assurance.TWO_FACTOR
    if not is_whole:  # the hospital showed who they are: enough to set up a first factor
        cookie = sessions.rise(cookie, None)
    unusual.signed_in(visitor, patient_id, methods)
    both = (cookies.kept("session", cookie), cookies.gone("browser"))
    to = "/" if is_whole else STEP
    return Answer(SteppedView(next=to), location=to, cookies=both)


def owner(visitor: Visitor, finished: "Finished") -> str:
    """The patient id. Who is new is connected when it is certain who they are, and nobody has made
    that account their own yet; a sign-in of a merged record moves to where the record went."""
    organisation_id, subject = finished.provider.name, subject_of(finished)
    before = sso_links.owner_of(subject) or ""
    patient = patients.with_id(before) if before else None
    if patient is not None and patient.may_sign_in:
        if not sso_links.seen(before, organisation_id, subject):
            raise Refused(Fault.STATE, organisation_id, before)  # removed this very moment
        return before
    found = match(finished)
    if sso_links.is_in_use(found):
        raise Refused(Fault.IN_USE, organisation_id, found)
    audit.record(Event.SSO_CONNECTED, visitor, patient_id=found, about=organisation_id)
    join(found, finished, before)
    outbox.tell_account(found, Event.SSO_CONNECTED)
    return found


def connected(visitor: Visitor, finished: "Finished") -> Answer:
    """This sign-in opens the account of the session that asked for it, too. It must be the same
    person's."""
    caller = gate.caller(visitor, Scope.READ_SECURITY)
    organisation_id, subject = finished.provider.name, subject_of(finished)
    if not isinstance(caller, Caller) or caller.patient_id != finished.bound_to:
        raise Refused(Fault.STATE, organisation_id)
    before = sso_links.owner_of(subject) or ""
    if before != caller.patient_id:
        if before and not is_merged_into(before, caller.patient_id):
            raise Refused(Fault.TAKEN, organisation_id, caller.patient_id)
        if match(finished) != caller.patient_id:
            raise Refused(Fault.NO_MATCH, organisation_id, caller.patient_id)
        audit.record(Event.SSO_CONNECTED, caller, about=organisation_id)
        join(caller.patient_id, finished, before)
        factors.changed(caller, Event.SSO_CONNECTED)
    return Answer(
        HospitalChangedView(next=HOSPITALS), location=HOSPITALS, cookies=(cookies.gone("browser"),)
    )


def subject_of(finished: "Finished") -> str:
    claims = finished.claims
    return sso_links.subject_of(finished.provider.name, claims["iss"], claims["sub"])


def is_merged_into(patient_id: str, survivor_id: str) -> bool:
    survivor = patients.current(patient_id)
    return survivor is not None and survivor.patient_id == survivor_id


def match(finished: "Finished") -> str:
    from portal import sso_people

    try:
        found = sso_people.matched(organisations.with_id(finished.provider.name), finished)
    except Refused as error:
        error.provider = finished.provider.name
        raise
    return found.patient_id


def join(patient_id: str, finished: "Finished", before: str) -> None:
    """The hospital proofed them, and its record agrees with ours."""
    sso_links.add(patient_id, finished.provider.name, subject_of(finished), before)
    user_accounts.raise_confidence(patient_id, Confidence.PROOFED)


def shown(visitor: Visitor, finished: "Finished", patient_id: str) -> frozenset[Method]:
    from portal import sso_people

    organisation = organisations.with_id(finished.provider.name)
    has_two = sso_people.has_two_factors(organisation, finished.claims, sessions.FRESH_SECONDS)
    methods = {Method.SSO_TWO_FACTOR if has_two else Method.SSO}
    if devices.is_remembered(patient_id, visitor.device_cookie):
        methods |= {Method.DEVICE}
    return frozenset(methods)


def refused(visitor: Visitor, error: Refused) -> Answer:
    live = sessions.live(visitor.session_cookie)
    patient_id = error.patient_id or (live.patient_id if live else "")
    audit.record(
        Event.SIGN_IN_REFUSED,
        visitor,
        why=error.fault,
        about=error.provider,
        patient_id=patient_id,
        outcome=Outcome.REFUSED,
    )
    if error.patient_id:
        unusual.refused(visitor, error.patient_id)
    known = organisations.everyone().get(error.provider)
    view = SsoRefusedView(reason=error.fault, name=known.name if known else "")
    return Answer(view, "sign_in/with_refused.html", status=STATUS.get(error.fault, 403))
