"""Whose access to a record ends soon, was offered, or was asked for."""

from datetime import timedelta

from functions.home.views import FamilyNews

from portal import acting, grants, proxy_requests
from portal.access import Caller
from portal.acting import Acting
from portal.granting import Grant, GrantState
from portal.moments import now
from portal.patients import Patient
from portal.proxy_requests import State as RequestState

SOON = timedelta(days=30)


def news(caller: Caller, patient: Patient) -> dict[str, object] | None:
    given = [line for each in grants.of_patient(patient.patient_id) if (line := _given(each))]
    held = [line for each in grants.of_holder(caller.subject_id) if (line := _held(caller, each))]
    asked = [
        FamilyNews(kind="asked", name=f"{each.given} {each.family}")
        for each in proxy_requests.of_holder(caller.subject_id)
        if each.state is RequestState.WAITING
    ]
    lines = [*given, *held, *asked]
    return {"family": lines} if lines else None


def _given(grant: Grant) -> FamilyNews | None:
    name = grant.names.get("holder", "")
    if grant.state is GrantState.INVITED and (grant.ends_at is None or grant.ends_at > now()):
        return FamilyNews(kind="invited", name=name)
    if grant.state is GrantState.ACTIVE and _ends_soon(grant):
        return FamilyNews(kind="ends", name=name, on=_last_day(grant))
    return None


def _held(caller: Caller, grant: Grant) -> FamilyNews | None:
    at = Acting(grant.patient_id, grant.grant_id, is_preview=False)
    if not _ends_soon(grant) or acting.held(caller.subject_id, at) is None:
        return None
    return FamilyNews(kind="held-ends", name=grant.names.get("patient", ""), on=_last_day(grant))


def _ends_soon(grant: Grant) -> bool:
    return grant.ends_at is not None and now() < grant.ends_at <= now() + SOON


def _last_day(grant: Grant) -> str:
    return (grant.ends_at - timedelta(seconds=1)).isoformat() if grant.ends_at else ""
