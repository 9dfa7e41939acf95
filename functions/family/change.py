"""Changing what somebody sees, and ending it. What was decided before stays in the history."""

from typing import Any

from functions.family import showing
from functions.family.app import PAGE, GrantAsk, app, done, held, me, missing, on_my_record
from functions.family.choices import (
    ChoiceAsk,
    choices,
    consent_notes,
    offer_of,
    segments_of,
    typed_of,
)
from functions.family.views import GrantChangedView, GrantView, RevokeView

from portal import audit, pages, proxies
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event
from portal.granting import Grant, GrantKind
from portal.patients import Patient
from portal.proxies import Offer
from portal.scopes import Scope

PATH = f"{PAGE}/grants/{{grant_id}}"
REVOKE = f"{PATH}/revoke"


@app.action("GET", PATH, ask=GrantAsk, view=GrantView, needs=Scope.CHANGE_FAMILY)
def form(caller: Caller, ask: GrantAsk) -> Answer:
    """Show what somebody sees, to change it."""
    return Answer(shown(caller, ask.grant_id), "family/grant.html")


def shown(caller: Caller, grant_id: str, typed: ChoiceAsk | None = None) -> GrantView:
    patient = me(caller)
    grant = changeable(caller, patient, grant_id)
    audit.record(Event.FAMILY_VIEWED, caller, about=grant.grant_id)
    name = showing.holder_name(grant)
    return GrantView(
        watcher=showing.watcher(grant, patient, caller.language, is_own=True),
        is_whole=grant.kind is GrantKind.PROXY,
        choices=choices(patient, grant, name, caller.language, typed),
    )


def changeable(caller: Caller, patient: Patient, grant_id: str) -> Grant:
    """Raises NotFound."""
    grant = on_my_record(caller, grant_id, Event.PROXY_CHANGED)
    if grant.kind is not GrantKind.PROXY and not showing.may_share(grant, patient):
        raise missing(caller, grant_id, Event.PROXY_CHANGED)
    return grant


class ChangeAsk(GrantAsk, ChoiceAsk):
    pass


def form_again(caller: Caller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    view = shown(caller, str(fields["grant_id"]), typed_of(fields))
    return Answer(view.model_copy(update={"errors": errors}), "family/grant.html", status=400)


@app.action(
    "POST", PATH, ask=ChangeAsk, view=GrantChangedView, needs=Scope.CHANGE_FAMILY, again=form_again
)
def change(caller: Caller, ask: ChangeAsk) -> Answer:
    """Change what somebody sees, from the next page they open."""
    patient = me(caller)
    grant = changeable(caller, patient, ask.grant_id)
    proxies.change(caller, grant, offered(caller, patient, ask, grant))
    return done("changed")


def offered(caller: Caller, patient: Patient, ask: ChangeAsk, grant: Grant) -> Offer:
    """Of a parent's access a teen decides the sensitive parts alone. Raises BadInput."""
    name = showing.holder_name(grant)
    if grant.kind is GrantKind.PROXY:
        return offer_of(caller, patient, ask, name, grant)
    notes = consent_notes(caller, patient, ask, name, None, grant)
    segments = segments_of(ask)
    return Offer(grant.categories, segments, grant.may_change, grant.ends_at, bool(notes), notes)


@app.action("GET", REVOKE, ask=GrantAsk, view=RevokeView, needs=Scope.CHANGE_FAMILY)
def ask_revocation(caller: Caller, ask: GrantAsk) -> Answer:
    """Ask whether to end somebody's access, or to give one's own back."""
    grant = endable(caller, ask.grant_id)
    audit.record(Event.FAMILY_VIEWED, caller, about=grant.grant_id)
    is_mine = grant.holder_id == caller.subject_id
    word = pages.words(caller.language)
    view = RevokeView(
        grant_id=grant.grant_id,
        name=grant.names.get("patient", "") if is_mine else showing.holder_name(grant),
        sees=showing.seen_by_holder(grant, word) if is_mine else showing.seen(grant, word),
        is_mine=is_mine,
    )
    return Answer(view, "family/revoke.html")


@app.action("POST", REVOKE, ask=GrantAsk, view=GrantChangedView, needs=Scope.CHANGE_FAMILY)
def revoke(caller: Caller, ask: GrantAsk) -> Answer:
    """End an access at once: nothing opens with it any more."""
    grant = endable(caller, ask.grant_id)
    if grant.holder_id == caller.subject_id:
        proxies.give_back(caller, grant)
        return done("given-back")
    proxies.revoke(caller, grant)
    return done("revoked")


def endable(caller: Caller, grant_id: str) -> Grant:
    """What they gave, or hold. A parent's or guardian's stands on the law, and is not the patient's
    to end. Raises NotFound."""
    mine = next((each for each in held(caller) if each.grant_id == grant_id), None)
    if mine is not None:
        return mine
    grant = on_my_record(caller, grant_id, Event.PROXY_REVOKED)
    if grant.kind not in showing.OF_PATIENT:
        raise missing(caller, grant_id, Event.PROXY_REVOKED)
    return grant
